"""The rules of messages."""

from collections.abc import Callable
from dataclasses import dataclass

from chatapp.auth.entities import User
from chatapp.chat.entities import Draft, History, Message, Saved
from chatapp.chat.errors import MessageEmpty, MessageTooLong
from chatapp.chat.events import MessagePosted
from chatapp.chat.repository import MessageRepository
from chatapp.core import background, database
from chatapp.core.events import Event
from chatapp.core.space import Space
from chatapp.core.text import clean
from chatapp.rooms.access import RoomAccess

MAX_LENGTH = 4_000  # characters, at most 16 kB
PAGE = 40


class MessageService:
    def __init__(
        self,
        access: RoomAccess,
        messages: MessageRepository,
        publish: Callable[[Event], None],
        space: Space,
    ) -> None:
        self._space = space
        self._access = access
        self._messages = messages
        self._publish = publish
        self._batches = background.Batches(self._commit)
        self._untold: set[tuple[str, str, str | None]] = set()

    def post(self, actor: User, room_id: str, text: str, client_id: str | None = None) -> Message:
        """Say `text` in a room. When this returns, the message survives any crash.

        Asked again with the same `client_id` it returns the first message and tells
        nobody, so after an unknown outcome asking again is always right.
        """
        membership = self._access.member(actor, room_id)
        self._space.check()
        draft = Draft(text=_checked(text), sender=actor.username, client_id=client_id)
        posting = _Posting(draft, actor.display_name)
        return self._batches.do(membership.room_id, posting, database.patience_left())

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
        if outcome.is_new or key in self._untold:
            self._untold.discard(key)
            told = MessagePosted(message=outcome.message, sender_name=posting.sender_name)
            self._publish(told)
        return outcome.message

    def history(
        self,
        actor: User,
        room_id: str,
        before: int | None = None,
        after: int | None = None,
        limit: int = PAGE,
    ) -> History:
        """Return one page of a room's messages; see `MessageRepository.get_messages`."""
        membership = self._access.member(actor, room_id)
        is_newest = before is None and after is None  # and ends with the head
        # The head first: what arrives in between is then on the page, never skipped.
        head = 0 if is_newest else self._messages.get_head(membership.room_id)
        messages = self._messages.get_messages(membership.room_id, before, after, limit)
        return History(messages=messages, head=max([head, *(m.seq for m in messages)]))


@dataclass(frozen=True, slots=True)
class _Posting:
    draft: Draft
    sender_name: str


def _checked(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise MessageTooLong(limit=MAX_LENGTH)
    text = clean(text)
    if not text.strip():
        raise MessageEmpty()
    if len(text) > MAX_LENGTH:  # a few characters grow when they are normalised
        raise MessageTooLong(limit=MAX_LENGTH)
    return text
