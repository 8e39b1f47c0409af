"""The log of each room: saved, then told, in one order, with what hangs on it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatapp.auth.entities import User
from chatapp.chat import markdown
from chatapp.chat.entities import Draft, Extra, History, Message, Saved
from chatapp.chat.events import MessageChanged, MessageDeleted, MessagePosted
from chatapp.chat.repository import MessageRepository
from chatapp.core import background, database
from chatapp.core.database import StorageError
from chatapp.core.events import Event

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
        self._batches = background.Batches(self._save, self._tell)
        self._untold: set[tuple[str, str, str | None]] = set()

    def add(
        self, room_id: str, draft: Draft, actor: User | None, names: Mapping[str, str]
    ) -> Message:
        posting = _Posting(draft, actor, names)
        return self._batches.do(room_id, posting, database.patience_left())

    def _save(self, room_id: str, postings: list["_Posting"]) -> list[Saved | Exception]:
        return self._messages.save_messages(room_id, [posting.draft for posting in postings])

    def _tell(
        self, room_id: str, postings: list["_Posting"], saved: Sequence[Saved | Exception]
    ) -> list[Message | Exception]:
        """Tell what is saved, in that order, while the next is being saved."""
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

    def tell_deleted(self, message: Message, by: str) -> None:
        self._publish(MessageDeleted(message=message, names=self._names(message.people), by=by))

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


@dataclass(frozen=True, slots=True)
class _Posting:
    draft: Draft
    actor: User | None
    names: Mapping[str, str]
