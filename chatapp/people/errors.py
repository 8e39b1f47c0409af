"""Refusals about profiles and preferences."""

from chatapp.core.errors import Invalid


class UnknownChoice(Invalid):
    code = "unknown_choice"
    sentence = "That is none of the choices there are."
