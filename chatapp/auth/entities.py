"""People, their sessions, and the workspace they share."""

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    name: str
    invite_nonce: str
    """Changes when the invite link is renewed; the link itself is derived from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    username: str
    display_name: str
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
