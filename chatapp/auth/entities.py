"""People, their sessions, and the workspace they share."""

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    name: str
    invite_nonce: str
    """Changes when the invite link is renewed; the link itself is derived from it."""


class Name(str):
    """A display name, and the picture that belongs beside it.

    It goes wherever names go, so that whoever shows one has the other. Two with different
    pictures differ: a row that was made with one is not taken for a row with the other.
    """

    __slots__ = ("picture",)
    picture: str

    def __new__(cls, name: str, picture: str) -> "Name":
        made = super().__new__(cls, name)
        made.picture = picture
        return made

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) is True and picture_of(other) == self.picture

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((str(self), self.picture))

    def __reduce__(self) -> tuple[type["Name"], tuple[str, str]]:
        return Name, (str(self), self.picture)


def picture_of(name: object) -> str:
    """Return the picture that belongs beside a name, empty where there is none."""
    return str(getattr(name, "picture", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    username: str
    display_name: str
    """A `Name` where there is a picture."""
    password_hash: str
    created_at: datetime
    is_site_admin: bool = False
    is_active: bool = True
    epoch: int = 0
    """Grows when all sessions are to end; a session of an older one opens nothing."""

    def public(self) -> dict[str, object]:
        return {"username": self.username, "display_name": self.display_name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in on one browser."""

    key: str
    """SHA-256 of the id the browser holds: what is stored opens nothing."""
    username: str
    created_at: datetime
    expires_at: datetime
    """Moves on while the session is used, to 30 days after its beginning and no further."""
    used_at: datetime
    """When it was last used, as of at most an hour before it was."""
    device: str = ""
    """What the browser was called when it came in; empty at the console."""
    epoch: int = 0
    """That of the person when the password was right."""

    @property
    def handle(self) -> str:
        """What pages call it: the key itself is shown to nobody."""
        return hashlib.sha256(f"handle of {self.key}".encode()).hexdigest()[:32]
