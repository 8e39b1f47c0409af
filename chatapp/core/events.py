"""Tell once: services publish events, whoever is interested subscribes."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

logger = logging.getLogger(__name__)

EVERYBODY = "everybody"
"""The channel of every socket: for what is nobody's secret, and seldom."""

# Socket.IO keeps a room for each connection id too; a bare name could collide with one.


def room_channel(room_id: str) -> str:
    return f"room:{room_id}"


def user_channel(username: str) -> str:
    return f"user:{username}"


def session_channel(session_key: str) -> str:
    return f"session:{session_key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, told in the past tense."""

    name: ClassVar[str]

    @property
    def audience(self) -> tuple[str, ...]:
        """The channels that hear of it; a socket in several of them hears it once."""
        return ()

    def payload(self) -> dict[str, Any]:
        """What the audience is told. Never more than every reader in it may know."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalEvent(Event):
    """Told to one person, on all their pages."""

    username: str

    @property
    def audience(self) -> tuple[str, ...]:
        return (user_channel(self.username),)


E = TypeVar("E", bound=Event)


class EventBus:
    """Calls subscribers at once, in the order they subscribed.

    A handler that fails is logged and skipped: what is saved stays saved.
    Handlers must be quick; slow work belongs in `background.spawn`.
    """

    def __init__(self) -> None:
        self._handlers: list[tuple[type[Event], Callable[[Any], object]]] = []
        self._of: dict[type[Event], list[Callable[[Any], object]]] = {}
        """The handlers of each kind of event that was published."""

    def subscribe(self, kind: type[E], handler: Callable[[E], object]) -> None:
        """Call `handler` for every event of `kind` or a kind below it."""
        self._handlers.append((kind, handler))
        self._of.clear()

    def publish(self, event: Event) -> None:
        kind = type(event)
        if (handlers := self._of.get(kind)) is None:
            handlers = [handler for heard, handler in self._handlers if issubclass(kind, heard)]
            self._of[kind] = handlers
        for handler in handlers:
            self._call(handler, event)

    def _call(self, handler: Callable[[Any], object], event: Event) -> None:
        try:
            handler(event)
        except Exception:
            logger.exception("a subscriber of %s failed", event.name)
