"""What happens to accounts and sessions."""

from dataclasses import dataclass
from typing import ClassVar

from chatapp.auth.entities import User
from chatapp.core.events import Event, PersonalEvent, session_channel


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOutEverywhere(PersonalEvent):
    """All sessions of a person ended; so do their sockets."""

    name: ClassVar[str] = "signed_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Event):
    """Somebody came in with their password."""

    name: ClassVar[str] = "signed_in"
    username: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFailed(Event):
    """A wrong password, or a name that nobody has; the answer was the same."""

    name: ClassVar[str] = "sign_in_failed"
    username: str
    """As it was typed, at most 64 characters of it."""
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteRenewed(Event):
    """The old invite link opens nothing any more."""

    name: ClassVar[str] = "invite_renewed"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    name: ClassVar[str] = "password_changed"
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed(Event):
    """Somebody has another display name; whoever shows names hears of it from `people`."""

    name: ClassVar[str] = "renamed"
    username: str
    display_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeactivated(Event):
    """The account is closed; what its owner wrote stays."""

    name: ClassVar[str] = "user_deactivated"
    username: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserActivated(Event):
    """The account is open again, with its rooms as they were."""

    name: ClassVar[str] = "user_activated"
    username: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAdminChanged(Event):
    name: ClassVar[str] = "site_admin_changed"
    username: str
    by: str
    is_site_admin: bool
