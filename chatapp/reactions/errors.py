"""Refusals of a reaction."""

from chatapp.core.errors import Conflict


class TooManyReactions(Conflict):
    code = "too_many_reactions"
    sentence = "A message has at most {limit} kinds of reactions."
