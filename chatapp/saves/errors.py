"""Refusals of saving."""

from chatapp.core.errors import Conflict


class TooManySaves(Conflict):
    code = "too_many_saves"
    sentence = "You have saved {limit} messages. Please remove one first."
