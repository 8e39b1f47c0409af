"""What happens to accounts and sessions."""

from dataclasses import dataclass
from typing import ClassVar

from chatapp.auth.entities import User
from chatapp.core.events import Event, session_channel


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceCreated(Event):
    """The first account was made; nobody can be listening yet."""

    name: ClassVar[str] = "workspace_created"
    founder: User


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUp(Event):
    """A new account; whoever has something for new people gives it now."""

    name: ClassVar[str] = "signed_up"
    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut(Event):
    """A session ended; its sockets are closed."""

    name: ClassVar[str] = "signed_out"
    session_key: str

    @property
    def audience(self) -> tuple[str, ...]:
        return (session_channel(self.session_key),)
