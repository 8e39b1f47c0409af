"""Refusals of a message."""

from chatapp.core.errors import Conflict, Invalid, NotFound


class MessageEmpty(Invalid):
    code = "message_empty"
    sentence = "There is nothing in this message yet."
    field = "text"


class MessageTooLong(Invalid):
    code = "message_too_long"
    sentence = "A message has at most {limit} characters."
    field = "text"


class MessageNotFound(NotFound):
    """The same for one of another room, and for a quiet line."""

    code = "message_not_found"
    sentence = "There is no such message in this room."


class MessageGone(Conflict):
    code = "message_gone"
    sentence = "This message was deleted."
