"""What a client may send."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MAX_PAGE = 200
MAX_SEQ = 2**53  # what JSON numbers carry exactly
MAX_MARK = 253_402_300_799_999  # the last millisecond of the year 9999


def _plain_digits(typed: str) -> str:
    """Refuse the other ways of Python to write a number, such as 1_0."""
    if not (typed.isascii() and typed.isdigit()):
        raise ValueError("not a number")
    return typed


RoomId = Annotated[str, Field(max_length=64)]
MessageId = Annotated[str, Field(max_length=64)]
ClientId = Annotated[str, Field(pattern=r"\A[A-Za-z0-9._:-]{1,64}\z")]
Seq = Annotated[int, Field(ge=0, le=MAX_SEQ)]
Mark = Annotated[int, Field(ge=0, le=MAX_MARK)]
Typed = BeforeValidator(_plain_digits)


class PostMessage(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    room_id: RoomId
    text: str
    client_id: ClientId | None = None
    reply_to: MessageId | None = None


class AboutMessage(BaseModel):
    """What is asked about a message, where nothing more has to be said."""

    model_config = ConfigDict(strict=True, extra="forbid")

    room_id: RoomId
    message_id: MessageId


class EditMessage(AboutMessage):
    text: str


class HistoryQuery(BaseModel):
    """A query string: numbers come as text, so this one is not strict."""

    model_config = ConfigDict(extra="forbid")

    before: Annotated[Seq, Typed] | None = None
    after: Annotated[Seq, Typed] | None = None
    around: Annotated[Seq, Typed] | None = None
    changed_since: Annotated[Mark, Typed] | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE), Typed] = 40

    @model_validator(mode="after")
    def one_direction(self) -> "HistoryQuery":
        if sum(bound is not None for bound in (self.before, self.after, self.around)) > 1:
            raise ValueError("before, after and around exclude each other")
        if self.changed_since is not None and self.after is None:
            raise ValueError("changed_since goes with after")
        return self
