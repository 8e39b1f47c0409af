"""Who may say that they are writing, and how often a room hears of it."""

import pytest

from chatapp.core.events import room_channel
from chatapp.rooms.errors import RoomNotFound
from chatapp.services import Services
from chatapp.typing.events import Typing
from chatapp.typing.service import TypingService
from tests.cast import Cast, Listening


class Now:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def typing(services: Services, now: Now) -> TypingService:
    return TypingService(services.access, services.bus.publish, 2, now)


class TestTyping:
    def test_is_told_to_the_room_and_to_nobody_else(
        self, typing: TypingService, cast: Cast, told: Listening
    ) -> None:
        typing.tell(cast.ben, cast.garden.id)

        (event,) = told
        assert event.audience == (room_channel(cast.garden.id),)
        assert event.payload() == {
            "room_id": cast.garden.id,
            "username": "ben",
            "display_name": "Ben Okafor",
        }

    def test_of_an_outsider_is_refused(
        self, typing: TypingService, cast: Cast, told: Listening
    ) -> None:
        with pytest.raises(RoomNotFound):
            typing.tell(cast.cleo, cast.garden.id)

        assert told == []

    def test_stores_nothing(self, typing: TypingService, services: Services, cast: Cast) -> None:
        before = _documents(services)

        typing.tell(cast.ben, cast.garden.id)

        assert _documents(services) == before


class TestTypingOn:
    def test_is_told_again_after_the_pause_and_not_sooner(
        self, typing: TypingService, now: Now, cast: Cast, told: Listening
    ) -> None:
        for seconds in (0, 1, 0.9, 0.1, 1.9, 0.1):
            now.seconds += seconds
            typing.tell(cast.ben, cast.garden.id)

        assert len(told.of(Typing)) == 3

    def test_is_counted_for_each_person_and_room(
        self, typing: TypingService, services: Services, cast: Cast, told: Listening
    ) -> None:
        shed = services.rooms.create(cast.ben, "Shed", [])
        told.clear()
        for _ in range(3):
            typing.tell(cast.ben, cast.garden.id)
            typing.tell(cast.ana, cast.garden.id)
            typing.tell(cast.ben, shed.id)

        assert [(event.username, event.room_id) for event in told.of(Typing)] == [
            ("ben", cast.garden.id),
            ("ana", cast.garden.id),
            ("ben", shed.id),
        ]

    def test_keeps_nothing_of_who_has_stopped(
        self, typing: TypingService, now: Now, cast: Cast
    ) -> None:
        typing.tell(cast.ben, cast.garden.id)
        now.seconds += 1
        typing.tell(cast.ana, cast.garden.id)
        now.seconds += 1

        typing.tell(cast.ana, cast.garden.id)

        assert list(typing._told_at) == [(cast.garden.id, "ana")]


def _documents(services: Services) -> dict[str, list[object]]:
    database = services.database
    return {name: list(database[name].find()) for name in database.list_collection_names()}
