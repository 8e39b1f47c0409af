"""One line of the audit log."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    at: datetime
    what: str
    """The name of the event."""
    who: str
    """The username of who did it, `(console)`, or what was typed where nobody signed in."""
    address: str
    """Of the browser, empty at the console."""
    about: dict[str, object]
    """Usernames, ids and flags; never a text, a password or a token."""
