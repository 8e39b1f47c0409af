"""What happens to how people are shown, and to how they like the chat to be."""

from dataclasses import dataclass
from typing import Any, ClassVar

from chatapp.core.events import Event, PersonalEvent, user_channel
from chatapp.people.entities import Preferences, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesChanged(PersonalEvent):
    """Told to the person's own pages."""

    name: ClassVar[str] = "preferences_changed"
    preferences: Preferences

    def payload(self) -> dict[str, Any]:
        return {"preferences": self.preferences.public()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanged(Event):
    """Told to everybody who shares a room with the person, and to their own pages."""

    name: ClassVar[str] = "profile_changed"
    profile: Profile
    usernames: frozenset[str]

    @property
    def audience(self) -> tuple[str, ...]:
        # By name, not by room: a person may be in thousands, and each would be looked up.
        return tuple(user_channel(username) for username in sorted(self.usernames))

    def payload(self) -> dict[str, Any]:
        return {"person": self.profile.public()}
