"""A message, before and after it is saved, and a page of a room's history."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chatapp.auth.entities import User
from chatapp.core.clock import iso

SAID = "message"
"""The kind of what people say. Every other kind is a quiet line: what happened to the room."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """That a message is pinned in its room."""

    place: int
    """0, 1, 2 …: no two pins of a room have the same."""
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    id: str
    room_id: str
    seq: int
    """1, 2, 3 … in its room, without gaps: the one order everybody sees."""
    text: str
    sender: str
    """Who said it, or who did what a quiet line tells of."""
    created_at: datetime
    client_id: str
    """Chosen by the browser; makes a retry harmless."""
    kind: str = SAID
    about: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What a quiet line tells: names, usernames and the like."""
    html: str | None = None
    """The text as it is shown, made by the renderer of the number `renderer`."""
    renderer: int = 0
    reply_to: str | None = None
    """The id of the message that this one answers."""
    thread: str | None = None
    """The id of the message whose thread this one belongs to."""
    edited_at: datetime | None = None
    edits: int = 0
    """How many earlier versions of it are kept."""
    deleted_at: datetime | None = None
    deleted_by: str | None = None
    pin: Pin | None = None
    changes: int = 0
    """How often it, or what hangs on it, has changed: of two rows the later one has more."""
    changed_at: datetime | None = None

    @property
    def is_quiet(self) -> bool:
        return self.kind != SAID

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def people(self) -> set[str]:
        """The usernames whose names its row shows."""
        named = {self.deleted_by} if self.deleted_by else set()
        pinned = {self.pin.by} if self.pin else set()
        return {self.sender, *named, *pinned, *self.about.get("usernames", ())}

    def public(self) -> dict[str, object]:
        """What most messages do not have is left out."""
        return {
            "id": self.id,
            "room_id": self.room_id,
            "seq": self.seq,
            "text": self.text,
            "sender": self.sender,
            "created_at": iso(self.created_at),
            "client_id": self.client_id,
            **({"kind": self.kind, "about": dict(self.about)} if self.is_quiet else {}),
            **_given("reply_to", self.reply_to),
            **_given("thread", self.thread),
            **_given("edited_at", self.edited_at and iso(self.edited_at)),
            **_given("deleted_at", self.deleted_at and iso(self.deleted_at)),
            **_given("deleted_by", self.deleted_by),
            **_given("pinned_at", self.pin and iso(self.pin.at)),
            **_given("pinned_by", self.pin and self.pin.by),
            **_given("changes", self.changes),
        }


def _given(name: str, value: object) -> dict[str, object]:
    return {name: value} if value else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message that nobody has saved yet."""

    text: str
    sender: str
    client_id: str | None = None
    """None: it is another one each time it is saved."""
    kind: str = SAID
    about: Mapping[str, Any] = field(default_factory=dict)
    html: str | None = None
    renderer: int = 0
    reply_to: str | None = None
    thread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The words that a message has, or had until it was edited."""

    text: str
    written_at: datetime

    def public(self) -> dict[str, object]:
        return {"text": self.text, "written_at": iso(self.written_at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    message: Message
    is_new: bool
    """False: the first of its `client_id` was saved before."""


Extra = Callable[[User, Sequence[Message]], Mapping[str, Any]]
"""What a feature hangs on messages: asked once a page, it gives data by the id of the message.

The same for every reader, as plain JSON. A message without `changes` was never touched, so
nothing that comes after the posting can hang on it: such a feature need not look.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Part of a room's messages, oldest first."""

    messages: list[Message]
    head: int
    """The highest `seq` of the room, 0 while nobody has said anything."""
    mark: int = 0
    """When it was read, for asking what has changed since."""
    extras: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By the name of each `Extra` what it gave."""

    @property
    def people(self) -> set[str]:
        return {username for message in self.messages for username in message.people}

    def hanging_on(self, message: Message) -> dict[str, Any]:
        """Return what hangs on one of the messages, by the name of each `Extra`."""
        return {
            name: given[message.id] for name, given in self.extras.items() if message.id in given
        }

    def public(self) -> dict[str, object]:
        messages = [{**message.public(), **self.hanging_on(message)} for message in self.messages]
        return {"messages": messages, "head": self.head, "mark": self.mark}


def mark_of(moment: datetime) -> int:
    """Return a moment as `History.mark` has it: milliseconds since 1970."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment_of(mark: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=mark)
