"""The rules of typing: who may say so, and how often anybody hears of it."""

import time
from collections.abc import Callable

from chatapp.auth.entities import User
from chatapp.core import background
from chatapp.core.events import Event
from chatapp.rooms.access import RoomAccess
from chatapp.typing.events import Typing

PAUSE_SECONDS = 2.0


class TypingService:
    def __init__(
        self,
        access: RoomAccess,
        publish: Callable[[Event], None],
        pause_seconds: float = PAUSE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access
        self._publish = publish
        self._pause_seconds = pause_seconds
        self._monotonic = monotonic
        self._told_at: dict[tuple[str, str], float] = {}
        self._lock = background.short_lock()

    def tell(self, actor: User, room_id: str) -> None:
        """Tell a room that the actor is writing; within the pause after the last time, nobody."""
        membership = self._access.writer(actor, room_id)
        if not self._may_tell((membership.room_id, actor.username)):
            return
        self._publish(
            Typing(
                room_id=membership.room_id,
                username=actor.username,
                display_name=actor.display_name,
            )
        )

    def _may_tell(self, key: tuple[str, str]) -> bool:
        # Only those within the pause are kept, the oldest first.
        with self._lock:
            now = self._monotonic()
            while self._told_at and next(iter(self._told_at.values())) <= now - self._pause_seconds:
                del self._told_at[next(iter(self._told_at))]
            if key in self._told_at:
                return False
            self._told_at[key] = now
            return True
