"""The rules of messages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chatapp.auth.entities import User
from chatapp.chat import markdown
from chatapp.chat.entities import Draft, Extra, History, Message, Saved, mark_of, moment_of
from chatapp.chat.errors import MessageEmpty, MessageGone, MessageNotFound, MessageTooLong
from chatapp.chat.events import MessageChanged, MessagePosted
from chatapp.chat.repository import MessageRepository
from chatapp.core import background, database
from chatapp.core.database import StorageError
from chatapp.core.events import Event
from chatapp.core.space import Space
from chatapp.core.text import clean
from chatapp.rooms.access import RoomAccess
from chatapp.rooms.entities import RoomMember

MAX_LENGTH = 4_000  # characters, at most 16 kB
PAGE = 40
MAX_CHANGED = 200
OVERLAP = timedelta(seconds=30)
"""A change is told of with the time before it is written: longer than any write can take, and
than the clocks of two processes are apart."""

Names = Callable[[Iterable[str]], dict[str, str]]


class Log:
    """What is said in the rooms: saved, then told, in one order, with what hangs on it."""

    def __init__(
        self,
        messages: MessageRepository,
        publish: Callable[[Event], None],
        names: Names,
        extras: Mapping[str, Extra],
    ) -> None:
        self._messages = messages
        self._publish = publish
        self._names = names
        self._extras = extras
        self._batches = background.Batches(self._commit)
        self._untold: set[tuple[str, str, str | None]] = set()

    def add(
        self, room_id: str, draft: Draft, actor: User | None, names: Mapping[str, str]
    ) -> Message:
        posting = _Posting(draft, actor, names)
        return self._batches.do(room_id, posting, database.patience_left())

    def _commit(self, room_id: str, postings: list["_Posting"]) -> list[Message | Exception]:
        """Save and tell. Of one room one batch at a time: told in the order they are saved."""
        saved = self._messages.save_messages(room_id, [posting.draft for posting in postings])
        return [
            self._tell_if_new(room_id, posting, outcome)
            for posting, outcome in zip(postings, saved, strict=True)
        ]

    def _tell_if_new(
        self, room_id: str, posting: "_Posting", outcome: Saved | Exception
    ) -> Message | Exception:
        """New is also what was stored without our being told, and is asked for again."""
        key = (room_id, posting.draft.sender, posting.draft.client_id)
        if isinstance(outcome, Exception):
            self._untold.add(key)
            return outcome
        message = outcome.message
        if outcome.is_new or key in self._untold:
            try:
                (shown,) = markdown.fresh([message])
                extras = self._hanging_on(posting.actor, message)
            except StorageError as error:
                self._untold.add(key)
                return error
            self._untold.discard(key)
            self._publish(MessagePosted(message=shown, names=posting.names, extras=extras))
        return message

    def tell_changed(self, actor: User, message: Message) -> None:
        (message,) = markdown.fresh([message])
        names, extras = self._names(message.people), self._hanging_on(actor, message)
        self._publish(MessageChanged(message=message, names=names, extras=extras))

    def extras_of(self, actor: User, messages: Sequence[Message]) -> dict[str, Mapping[str, Any]]:
        """Ask each feature once what it hangs on these messages."""
        return {name: extra(actor, messages) for name, extra in self._extras.items()}

    def _hanging_on(self, actor: User | None, message: Message) -> dict[str, Any]:
        if actor is None:
            return {}
        extras = self.extras_of(actor, [message])
        return History(messages=[message], head=message.seq, extras=extras).hanging_on(message)


class QuietLines:
    """What happened to a room, told in its conversation. Nobody asks for it: events cause it."""

    def __init__(self, log: Log, names: Names) -> None:
        self._log = log
        self._names = names

    def note(self, room_id: str, kind: str, about: Mapping[str, Any], by: str) -> Message:
        """Add a line of `kind`; its words stand in `chat/_quiet.html`.

        People are named in `about` as a list of `usernames`.
        """
        draft = Draft(text="", sender=by, kind=kind, about=about)
        names = self._names([by, *about.get("usernames", ())])
        return self._log.add(room_id, draft, None, names)


class MessageService:
    def __init__(
        self, access: RoomAccess, messages: MessageRepository, log: Log, space: Space
    ) -> None:
        self._access = access
        self._messages = messages
        self._log = log
        self._space = space

    def post(self, actor: User, room_id: str, text: str, client_id: str | None = None) -> Message:
        """Say `text` in a room. When this returns, the message survives any crash.

        Asked again with the same `client_id` it returns the first message and tells
        nobody, so after an unknown outcome asking again is always right.
        """
        membership = self._access.member(actor, room_id)
        self._space.check()
        text = _checked(text)
        (html,) = markdown.render_all([text])
        draft = Draft(
            text=text,
            html=html,
            renderer=markdown.VERSION,
            sender=actor.username,
            client_id=client_id,
        )
        names = {actor.username: actor.display_name}
        return self._log.add(membership.room_id, draft, actor, names)

    def retell(self, actor: User, room_id: str, message_id: str) -> Message:
        """Tell the room a message again, because what a feature hangs on it has changed."""
        message = self._messages.touch(self.find(actor, room_id, message_id).id)
        if message is None:
            raise MessageNotFound()
        self._log.tell_changed(actor, message)
        return message

    # Reading

    def find(self, actor: User, room_id: str, message_id: str) -> Message:
        """Return a message of a room that the actor is in, or refuse; a quiet line is none."""
        message = self._find(self._access.member(actor, room_id), message_id)
        if message.is_deleted:
            raise MessageGone()
        return message

    def _find(self, membership: RoomMember, message_id: str) -> Message:
        message = self._messages.get_message(message_id)
        if message is None or message.room_id != membership.room_id or message.is_quiet:
            raise MessageNotFound()
        return message

    def history(
        self,
        actor: User,
        room_id: str,
        before: int | None = None,
        after: int | None = None,
        limit: int = PAGE,
        changed_since: int | None = None,
    ) -> History:
        """Return one page of a room's messages; see `MessageRepository.get_messages`.

        With `changed_since`, the mark of an earlier page, also those up to `after` that have
        changed since then: at most `MAX_CHANGED`, and with so many there may be more.
        """
        room_id = self._access.member(actor, room_id).room_id
        # The head and the mark first: what comes in between is on the page, never skipped.
        head, last_change = (
            self._messages.get_head(room_id),
            self._messages.get_last_change(room_id),
        )
        messages = self._messages.get_messages(room_id, before, after, limit)
        if after is not None and changed_since is not None:
            messages = self._changed(room_id, changed_since, after) + messages
        return History(
            messages=markdown.fresh(messages),
            head=max([head, *(message.seq for message in messages)]),
            mark=mark_of(last_change),
            extras=self._log.extras_of(actor, messages),
        )

    def _changed(self, room_id: str, mark: int, up_to: int) -> list[Message]:
        since = moment_of(mark) - OVERLAP
        changed = self._messages.get_changed(room_id, since, up_to, MAX_CHANGED)
        return sorted(changed, key=lambda message: message.seq)


@dataclass(frozen=True, slots=True)
class _Posting:
    draft: Draft
    actor: User | None
    names: Mapping[str, str]


def _checked(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise MessageTooLong(limit=MAX_LENGTH)
    text = clean(text)
    if not text.strip():
        raise MessageEmpty()
    if len(text) > MAX_LENGTH:  # a few characters grow when they are normalised
        raise MessageTooLong(limit=MAX_LENGTH)
    return text
