"""The rules of saving: anything one can read, for oneself alone."""

from collections.abc import Callable, Mapping, Sequence

from chatapp.auth.entities import User
from chatapp.chat.entities import Message
from chatapp.chat.service import MessageService
from chatapp.core.events import Event
from chatapp.memory.memory import Memory
from chatapp.rooms.access import RoomAccess
from chatapp.rooms.service import RoomService
from chatapp.saves.entities import Shelf
from chatapp.saves.errors import TooManySaves
from chatapp.saves.events import MessageSaved, MessageUnsaved
from chatapp.saves.repository import SaveRepository

MOST = 2_000
"""Of one person. What of them is in a room comes with every page of it."""
PAGE = 40


class SaveService:
    def __init__(
        self,
        access: RoomAccess,
        rooms: RoomService,
        messages: MessageService,
        saves: SaveRepository,
        memory: Memory,
        publish: Callable[[Event], None],
    ) -> None:
        self._access = access
        self._rooms = rooms
        self._messages = messages
        self._saves = saves
        self._memory = memory
        self._publish = publish

    def save(self, actor: User, room_id: str, message_id: str) -> Message:
        """Keep a message for oneself, also in an archived room. A second time changes nothing."""
        message = self._messages.read(actor, room_id, message_id)
        saved = self._seqs(actor)
        # Two at once may pass the limit by one: it is for size, and nobody else's matter.
        if message.seq not in saved.get(room_id, ()) and _count(saved) >= MOST:
            raise TooManySaves(limit=MOST)
        if self._saves.add_save(actor.username, message):
            self._memory.changed(_saves_of(actor))
            self._publish(
                MessageSaved(
                    username=actor.username,
                    room_id=message.room_id,
                    message_id=message.id,
                    seq=message.seq,
                )
            )
        return message

    def unsave(self, actor: User, room_id: str, message_id: str) -> None:
        room_id = self._access.member(actor, room_id).room_id
        if save := self._saves.remove_save(actor.username, room_id, message_id):
            self._memory.changed(_saves_of(actor))
            self._publish(
                MessageUnsaved(
                    username=actor.username, room_id=room_id, message_id=message_id, seq=save.seq
                )
            )

    def saved_in(self, actor: User, room_id: str) -> Sequence[int]:
        """Return the `seq` of what the actor saved in a room."""
        room_id = self._access.member(actor, room_id).room_id
        return self._seqs(actor).get(room_id, ())

    def shelf(self, actor: User, after: str | None = None) -> Shelf:
        """Return a page of what the actor saved, of rooms they are in, the newest first.

        What was deleted is not shown, so a page may be shorter than there are more.
        """
        titles = self._rooms.titles(actor)
        saves = self._saves.get_saves(actor.username, titles.keys(), after, PAGE + 1)
        more, saves = saves[PAGE:], saves[:PAGE]
        found = self._messages.gather(actor, [save.message_id for save in saves])
        by_id = {message.id: message for message in found.messages}
        return Shelf(
            saved=tuple((s, by_id[s.message_id]) for s in saves if s.message_id in by_id),
            hanging_on={message.id: found.hanging_on(message) for message in found.messages},
            titles=titles,
            older=saves[-1].place if more else None,
        )

    def _seqs(self, actor: User) -> Mapping[str, Sequence[int]]:
        return self._memory.recall(
            _saves_of(actor), "seqs", lambda: self._saves.get_seqs(actor.username)
        )


def _count(saved: Mapping[str, Sequence[int]]) -> int:
    return sum(map(len, saved.values()))


def _saves_of(actor: User) -> str:
    """Return what a change of what somebody saved is about."""
    return f"saves of {actor.username}"
