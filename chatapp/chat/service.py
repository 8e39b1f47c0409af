"""The rules of messages."""

from collections.abc import Callable

from chatapp.auth.entities import User
from chatapp.chat.entities import History, Message
from chatapp.chat.errors import MessageEmpty, MessageTooLong
from chatapp.chat.events import MessagePosted
from chatapp.chat.repository import MessageRepository
from chatapp.core import background, database
from chatapp.core.events import Event
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
    ) -> None:
        self._access = access
        self._messages = messages
        self._publish = publish
        self._turns = background.Turns()
        self._untold: set[tuple[str, str, str | None]] = set()

    def post(self, actor: User, room_id: str, text: str, client_id: str | None = None) -> Message:
        """Say `text` in a room. When this returns, the message survives any crash.

        Asked again with the same `client_id` it returns the first message and tells
        nobody, so after an unknown outcome asking again is always right.
        """
        membership = self._access.member(actor, room_id)
        text = _checked(text)
        # One room, one turn: messages are told in the order they are saved.
        with self._turns.of(membership.room_id, database.patience_left()):
            message, is_new = self._save(membership.room_id, text, actor.username, client_id)
            if is_new:
                self._publish(MessagePosted(message=message, sender_name=actor.display_name))
        return message

    def _save(
        self, room_id: str, text: str, sender: str, client_id: str | None
    ) -> tuple[Message, bool]:
        """Save, or find the first; new is also what was stored without our being told."""
        key = (room_id, sender, client_id)
        try:
            message, is_new = self._messages.save_message(room_id, text, sender, client_id)
        except Exception:
            self._untold.add(key)
            raise
        is_untold = key in self._untold
        self._untold.discard(key)
        return message, is_new or is_untold

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
        # The head first: what arrives in between is then on the page, never skipped.
        head = self._messages.get_head(membership.room_id)
        messages = self._messages.get_messages(membership.room_id, before, after, limit)
        return History(messages=messages, head=max([head, *(m.seq for m in messages)]))


def _checked(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise MessageTooLong(limit=MAX_LENGTH)
    text = clean(text)
    if not text.strip():
        raise MessageEmpty()
    if len(text) > MAX_LENGTH:  # a few characters grow when they are normalised
        raise MessageTooLong(limit=MAX_LENGTH)
    return text
