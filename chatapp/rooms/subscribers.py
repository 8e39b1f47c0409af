"""What rooms do for people who are new."""

from chatapp.auth.events import SignedUp, WorkspaceCreated
from chatapp.core.events import EventBus
from chatapp.rooms.service import RoomService

FIRST_ROOM = "General"


def subscribe(bus: EventBus, rooms: RoomService) -> None:
    bus.subscribe(WorkspaceCreated, lambda told: rooms.create_welcoming(told.founder, FIRST_ROOM))
    bus.subscribe(SignedUp, lambda told: rooms.begin(told.user))
