"""Refusals of a message."""

from chatapp.core.errors import Conflict, Forbidden, Invalid, NotFound


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


class MessageNotYours(Forbidden):
    code = "message_not_yours"
    sentence = "That message is somebody else's."


class EditedTooOften(Conflict):
    code = "edited_too_often"
    sentence = "A message can be edited {limit} times. Please write a new one."
