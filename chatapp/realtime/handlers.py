"""What a feature brings to sockets, as a blueprint is what it brings to routes."""

from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

from chatapp.core.events import Event

Handler = Callable[[Any, Any], dict[str, Any]]
Teller = Callable[[Any], dict[str, Any]]
H = TypeVar("H", bound=Handler)
T = TypeVar("T", bound=Teller)


class SocketHandlers:
    """`requests` by the name a client asks with, `tellers` by the kind of event told."""

    def __init__(self) -> None:
        self.requests: dict[str, Handler] = {}
        self.hints: set[str] = set()
        self.tellers: dict[type[Event], Teller] = {}

    def on(self, name: str) -> Callable[[H], H]:
        """Answer requests called `name` with `handler(actor, asked)`.

        The annotation of `asked` is the schema of what a client may send; what the
        handler returns is added to `{"ok": true}`.
        """

        def register(handler: H) -> H:
            self.requests[name] = handler
            return handler

        return register

    def hint(self, name: str) -> Callable[[H], H]:
        """Answer requests that may as well be lost; counted apart, so that no message waits."""
        self.hints.add(name)
        return self.on(name)

    def tells(self, kind: type[Event]) -> Callable[[T], T]:
        """Let `teller(event)` make what clients are told, in place of `event.payload()`."""

        def register(teller: T) -> T:
            self.tellers[kind] = teller
            return teller

        return register


def schema_of(handler: Handler) -> Any:
    return get_type_hints(handler)["asked"]
