"""Refusals of pins."""

from chatapp.core.errors import Conflict


class TooManyPins(Conflict):
    code = "too_many_pins"
    sentence = "A room has at most {limit} pins. Please unpin something first."
