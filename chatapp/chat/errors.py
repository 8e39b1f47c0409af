"""Refusals of a message."""

from chatapp.core.errors import Invalid


class MessageEmpty(Invalid):
    code = "message_empty"
    sentence = "There is nothing in this message yet."
    field = "text"


class MessageTooLong(Invalid):
    code = "message_too_long"
    sentence = "A message has at most {limit} characters."
    field = "text"
