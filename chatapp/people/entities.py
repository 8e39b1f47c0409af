"""What is known of a person beside their account."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chatapp.auth.entities import picture_of
from chatapp.core.clock import iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How the chat looks and behaves for one person, on every device."""

    theme: str = "system"
    density: str = "comfortable"
    enter: str = "send"
    """What the Enter key does while one writes: send, or begin a line."""
    announces: str = "yes"
    """Whether a screen reader is told of new messages."""

    def public(self) -> dict[str, object]:
        return asdict(self)


CHOICES: Mapping[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "density": ("comfortable", "compact"),
    "enter": ("send", "line"),
    "announces": ("yes", "no"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A line about how one is, until it ends or is taken away."""

    emoji: str
    text: str
    ends_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def public(self) -> dict[str, object]:
        ends_at = iso(self.ends_at) if self.ends_at else None
        return {"emoji": self.emoji, "text": self.text, "ends_at": ends_at}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallPictures:
    """One picture in the sizes that are shown, as WebP."""

    small: bytes
    large: bytes


MINUTES = {"30": 30, "60": 60, "240": 240}
LASTS = ("", *MINUTES, "today", "week", "keep")
"""How long a status stays: until it is changed, so many minutes, to the end of what, as before."""


def end_of(lasts: str, now: datetime, zone: str) -> datetime | None:
    """Return when a status ends that is to last so long, for somebody in `zone`."""
    if lasts in MINUTES:
        return now + timedelta(minutes=MINUTES[lasts])
    if lasts not in ("today", "week"):
        return None
    here = now.astimezone(ZoneInfo(zone or "UTC"))
    days = 1 if lasts == "today" else 7 - here.weekday()
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=days)).astimezone(now.tzinfo)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    username: str
    preferences: Preferences
    status: Status | None = None
    zone: str = ""
    """A name of the time zone database, as the browser told it; empty where it has not."""

    def status_at(self, now: datetime) -> Status | None:
        return None if self.status is None or self.status.is_over(now) else self.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How a person is shown to the others."""

    username: str
    display_name: str
    is_site_admin: bool
    is_active: bool
    status: Status | None
    zone: str

    def public(self) -> dict[str, object]:
        status = self.status.public() if self.status else None
        return {**asdict(self), "picture": picture_of(self.display_name), "status": status}
