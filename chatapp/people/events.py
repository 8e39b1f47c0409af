"""What happens to how people like the chat to be."""

from dataclasses import dataclass
from typing import Any, ClassVar

from chatapp.core.events import Event, user_channel
from chatapp.people.entities import Preferences


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesChanged(Event):
    """Told to the person's own pages."""

    name: ClassVar[str] = "preferences_changed"
    username: str
    preferences: Preferences

    @property
    def audience(self) -> tuple[str, ...]:
        return (user_channel(self.username),)

    def payload(self) -> dict[str, Any]:
        return {"preferences": self.preferences.public()}
