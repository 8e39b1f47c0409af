"""What browsers are told of people, with what shows it."""

from typing import Any

from chatapp.people.events import ProfileChanged
from chatapp.realtime.handlers import SocketHandlers
from chatapp.web import rows

handlers = SocketHandlers()


@handlers.tells(ProfileChanged)
def profile_changed(event: ProfileChanged) -> dict[str, Any]:
    person = event.profile
    return {**event.payload(), "avatar": rows.avatar(person.username, person.display_name)}
