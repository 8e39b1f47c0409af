"""The rules of pins: who may pin, and how much."""

from chatapp.auth.entities import User
from chatapp.chat import markdown
from chatapp.chat.entities import Message
from chatapp.chat.log import Log
from chatapp.chat.repository import MessageRepository
from chatapp.chat.service import MessageService
from chatapp.memory.memory import Memory
from chatapp.pins.errors import TooManyPins
from chatapp.rooms.access import RoomAccess

MOST = 50
"""In one room: each is seen by everybody who opens it."""


class PinService:
    """A pin is part of its message: one write pins, counts, and is found again by its time.

    Each pin has one of `MOST` places in its room, and an index sees that no two have the same.
    """

    def __init__(
        self,
        access: RoomAccess,
        messages: MessageService,
        repository: MessageRepository,
        log: Log,
        memory: Memory,
    ) -> None:
        self._access = access
        self._messages = messages
        self._repository = repository
        self._log = log
        self._memory = memory

    def pin(self, actor: User, room_id: str, message_id: str) -> Message:
        """Keep a message in sight of its room. A second time changes nothing."""
        self._access.host(actor, room_id)
        message = self._messages.find(actor, room_id, message_id)
        while message.pin is None:
            if pinned := self._pin_in_a_place(actor, message):
                self._log.tell_changed(actor, pinned)
                return pinned
            message = self._messages.find(actor, room_id, message_id)  # somebody was first
        return message

    def _pin_in_a_place(self, actor: User, message: Message) -> Message | None:
        others = self._repository.get_pinned(message.room_id)
        taken = {other.pin.place for other in others if other.pin}
        place = next((place for place in range(MOST) if place not in taken), None)
        if place is None:
            raise TooManyPins(limit=MOST)
        pinned = self._repository.pin_message(message, actor.username, place)
        if pinned and not taken:
            self._memory.changed(_pins_of(message.room_id))
        return pinned

    def unpin(self, actor: User, room_id: str, message_id: str) -> Message:
        self._access.host(actor, room_id)
        message = self._messages.find(actor, room_id, message_id)
        if unpinned := self._repository.unpin_message(message.id):
            self._log.tell_changed(actor, unpinned)
        return unpinned or message

    def pinned(self, actor: User, room_id: str) -> list[Message]:
        """Return what is pinned in a room, the newest pin first."""
        room_id = self._access.member(actor, room_id).room_id
        # Most rooms have none, and that is remembered: whoever pins the first one says so.
        has_pins = self._memory.recall(
            _pins_of(room_id), "any", lambda: bool(self._repository.get_pinned(room_id))
        )
        return markdown.fresh(self._repository.get_pinned(room_id)) if has_pins else []


def _pins_of(room_id: str) -> str:
    """Return what the first pin of a room is about."""
    return f"pins of {room_id}"
