"""Refusals: a stable code, a sentence fit for a person, and details for programs.

A feature's own errors extend one of the kinds below; doors map the kind to a
status, so a new error needs no mapping of its own.
"""

from typing import ClassVar


class ChatError(Exception):
    """A refusal that may be shown to the person who asked."""

    code: ClassVar[str]
    sentence: ClassVar[str]
    field: ClassVar[str | None] = None
    """The form field to mark, where the refusal is about one."""

    def __init__(self, **details: object) -> None:
        super().__init__(self.code)
        self.details = details

    @property
    def message(self) -> str:
        return self.sentence.format(**self.details)


class Invalid(ChatError):
    """What was asked cannot be right, whoever asks."""


class NotSignedIn(ChatError):
    code = "not_signed_in"
    sentence = "Please sign in first."


class Forbidden(ChatError):
    """Known to exist, but not for this person to do."""


class NotFound(ChatError):
    """Not there, or not there for this person: the answers are the same on purpose."""

    code = "not_found"
    sentence = "There is nothing here, or it is not yours to see."


class Conflict(ChatError):
    """Right in itself, but at odds with how things stand."""


class TooMany(ChatError):
    code = "slow_down"
    sentence = "That was a lot at once. Please try again in {seconds} seconds."

    @property
    def message(self) -> str:
        return super().message.replace(" 1 seconds", " 1 second")


class Unavailable(ChatError):
    """The outcome is unknown: it may have been done, so ask again in the same words."""

    code = "unavailable"
    sentence = "The database did not answer in time. Please try again."


class BadRequest(Invalid):
    code = "bad_request"
    sentence = "The request could not be understood."


class BadText(Invalid):
    code = "bad_text"
    sentence = "The text holds characters that cannot be kept."


class UnknownEmoji(Invalid):
    code = "unknown_emoji"
    sentence = "That is not an emoji."
    field = "emoji"


def describe(error: ChatError) -> dict[str, object]:
    """Return the body that JSON responses and socket acks share."""
    body = {**error.details, "code": error.code, "message": error.message}
    return {"ok": False, "error": body}
