"""Something to look at, and something to measure with."""

import pytest

from chatapp.chat.repository import MessageRepository
from chatapp.core import clock
from chatapp.core.database import Documents
from chatapp.rooms.repository import RoomRepository
from chatapp.services import Services
from migrations_seed.seed import demo, volume

COLLECTIONS = ("users", "rooms", "room_members", "messages", "workspace")


def _counts(database: Documents) -> dict[str, int]:
    return {name: database[name].count_documents({}) for name in COLLECTIONS}


class TestTheDemo:
    def test_tells_of_ana_ben_and_cleo(self, services: Services) -> None:
        said = demo.tell(services)

        ana, cleo = services.accounts.find("ana"), services.accounts.find("cleo")
        assert ana is not None
        assert cleo is not None
        assert ana.is_site_admin
        assert [m.room_name for m in services.rooms.list_for(ana)] == [
            "Garden",
            "General",
            "Release 7",
        ]
        assert "Garden" not in [m.room_name for m in services.rooms.list_for(cleo)]
        garden = services.rooms.list_for(ana)[0]
        assert services.messages.history(ana, garden.room_id).head == len(demo.GARDEN)
        assert demo.PASSWORD in said
        assert services.accounts.sign_in("cleo", demo.PASSWORD)

    def test_again_adds_nothing(self, services: Services) -> None:
        demo.tell(services)
        before = _counts(services.database)

        said = demo.tell(services)

        assert _counts(services.database) == before
        assert "nothing was added" in said

    def test_leaves_a_database_in_use_alone(self, services: Services) -> None:
        services.accounts.set_up("Harbour", "dora", "garden-gate-7")
        before = _counts(services.database)

        demo.tell(services)

        assert _counts(services.database) == before


class TestTheVolume:
    def test_is_rooms_and_messages_as_the_repositories_know_them(
        self, database: Documents, capsys: pytest.CaptureFixture[str]
    ) -> None:
        volume.fill(database, rooms=3, messages=7)

        rooms = RoomRepository(database, clock.now)
        messages = MessageRepository(database, clock.now)
        memberships = rooms.get_rooms_for_user(volume.SENDER)
        assert len(memberships) == 3
        for membership in memberships:
            assert rooms.get_room(membership.room_id) is not None
            assert rooms.is_room_admin(membership.room_id, volume.SENDER)
            said = messages.get_messages(membership.room_id)
            assert [message.seq for message in said] == list(range(1, 8))

    def test_can_be_gone_on_with(self, database: Documents) -> None:
        volume.fill(database, rooms=1, messages=2)
        volume.fill(database, rooms=1, messages=2)
        messages = MessageRepository(database, clock.now)

        for room in RoomRepository(database, clock.now).get_rooms_for_user(volume.SENDER):
            message, is_new = messages.save_message(room.room_id, "more", "ana")
            assert (message.seq, is_new) == (3, True)
