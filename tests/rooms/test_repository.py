"""Rooms and members keep their word on every store."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bson import ObjectId

from chatapp.core.database import Documents
from chatapp.rooms.entities import Room, RoomMember
from chatapp.rooms.repository import RoomRepository
from tests.cast import Clock, at_once

NO_ROOM = str(ObjectId())
NO_IDS = [NO_ROOM, "", "garden", "0" * 24, "\ud800", "$where"]


@pytest.fixture
def rooms(database: Documents, clock: Clock) -> RoomRepository:
    return RoomRepository(database, clock)


@pytest.fixture
def garden(rooms: RoomRepository) -> Room:
    """Ana runs it, Ben is a member, Cleo is outside."""
    room = rooms.save_room("Garden", "ana")
    rooms.add_room_members(room.id, "Garden", ["ben"], "ana")
    return room


class TestARoom:
    def test_is_read_as_saved(self, rooms: RoomRepository, clock: Clock) -> None:
        garden = rooms.save_room("Garden", "ana")

        assert garden == Room(id=garden.id, name="Garden", created_at=clock(), created_by="ana")
        assert rooms.get_room(garden.id) == garden

    def test_has_its_maker_as_member_and_admin(self, rooms: RoomRepository, clock: Clock) -> None:
        garden = rooms.save_room("Garden", "ana")

        assert rooms.get_room_members(garden.id) == [
            RoomMember(
                room_id=garden.id,
                username="ana",
                room_name="Garden",
                is_room_admin=True,
                added_at=clock(),
                added_by="ana",
            )
        ]

    def test_welcomes_everybody_only_if_saved_so_and_open(
        self, rooms: RoomRepository, garden: Room
    ) -> None:
        general = rooms.save_room("General", "ana", is_open=True, welcomes=True)
        rooms.save_room("Shed", "ana", is_open=True)
        assert rooms.get_welcoming_rooms() == [general]

        rooms.update_kind(general.id, is_open=False)

        assert rooms.get_welcoming_rooms() == []

    @pytest.mark.parametrize("room_id", NO_IDS)
    def test_that_never_was_is_nothing(self, rooms: RoomRepository, room_id: str) -> None:
        assert rooms.get_room(room_id) is None
        assert rooms.get_room_members(room_id) == []
        assert rooms.get_room_member(room_id, "ana") is None
        assert not rooms.is_room_member(room_id, "ana")
        assert not rooms.is_room_admin(room_id, "ana")


class TestTheDirectory:
    @pytest.fixture
    def listed(self, rooms: RoomRepository, garden: Room) -> Callable[..., list[str]]:
        for name in ("Zoo", "aviary", "Aviary two", "Été"):
            rooms.save_room(name, "ana", is_open=True)
        return lambda sought="", limit=100: [
            room.name for room in rooms.get_listed_rooms(sought, limit)
        ]

    def test_has_the_open_rooms_by_name(self, listed: Callable[..., list[str]]) -> None:
        assert listed() == ["aviary", "Aviary two", "Zoo", "Été"]
        assert listed(limit=2) == ["aviary", "Aviary two"]

    @pytest.mark.parametrize(
        ("sought", "found"),
        [
            ("IAR", ["aviary", "Aviary two"]),
            ("éT", ["Été"]),
            ("garden", []),
            (".", []),
            ("(", []),
            ("$", []),
        ],
    )
    def test_is_searched_by_plain_words(
        self, listed: Callable[..., list[str]], sought: str, found: list[str]
    ) -> None:
        assert listed(sought) == found

    def test_follows_name_topic_and_kind(
        self, rooms: RoomRepository, listed: Callable[..., list[str]], garden: Room
    ) -> None:
        rooms.update_kind(garden.id, is_open=True)
        rooms.update_room(garden.id, "Orchard")
        rooms.update_topic(garden.id, "Bees")
        assert listed("bee") == listed("orch") == ["Orchard"]
        assert listed("garden") == []

        rooms.update_kind(garden.id, is_open=False)

        assert "Orchard" not in listed()

    def test_counts_members(self, rooms: RoomRepository, garden: Room) -> None:
        shed = rooms.save_room("Shed", "ana")

        counts = rooms.get_member_counts([garden.id, shed.id, NO_ROOM])

        assert counts == {garden.id: 2, shed.id: 1}


class TestTheKind:
    def test_is_in_each_membership(self, rooms: RoomRepository, garden: Room) -> None:
        rooms.update_kind(garden.id, is_open=True)
        rooms.add_room_members(garden.id, "Garden", ["cleo"], "ana")

        assert all(member.is_open for member in rooms.get_room_members(garden.id))
        assert [room.is_open for room in rooms.get_rooms_for_user("cleo")] == [True]

        rooms.update_kind(garden.id, is_open=False)

        assert not any(member.is_open for member in rooms.get_room_members(garden.id))


class TestTheArchive:
    def test_is_known_in_each_membership(self, rooms: RoomRepository, garden: Room) -> None:
        rooms.update_archived(garden.id, is_archived=True)

        found = rooms.get_room(garden.id)
        assert found is not None
        assert found.is_archived
        assert all(member.is_archived for member in rooms.get_room_members(garden.id))
        assert [room.is_archived for room in rooms.get_rooms_for_user("ben")] == [True]

        rooms.update_archived(garden.id, is_archived=False)

        assert not any(member.is_archived for member in rooms.get_room_members(garden.id))

    def test_is_no_directory_and_welcomes_nobody(self, rooms: RoomRepository) -> None:
        general = rooms.save_room("General", "ana", is_open=True, welcomes=True)

        rooms.update_archived(general.id, is_archived=True)
        assert rooms.get_listed_rooms("", 10) == rooms.get_welcoming_rooms() == []

        rooms.update_archived(general.id, is_archived=False)
        assert rooms.get_listed_rooms("", 10) == rooms.get_welcoming_rooms() == [general]


class TestADirectConversation:
    def test_is_one_for_the_same_people(self, rooms: RoomRepository) -> None:
        room, added = rooms.save_direct(["ben", "ana"], "ana")
        again = rooms.save_direct(["ana", "ben"], "ben")
        other, _ = rooms.save_direct(["ana", "ben", "cleo"], "ana")

        assert (room.people, added) == (("ana", "ben"), ["ana", "ben"])
        assert again == (room, [])
        assert other.id != room.id
        assert rooms.get_room(room.id) == room

    def test_is_hidden_from_both_and_run_by_nobody(self, rooms: RoomRepository) -> None:
        room, _ = rooms.save_direct(["ana", "ben"], "ana")

        members = rooms.get_room_members(room.id)
        assert [(who.username, who.is_hidden, who.people) for who in members] == [
            ("ana", True, ("ana", "ben")),
            ("ben", True, ("ana", "ben")),
        ]
        assert not any(who.is_room_admin for who in members)

    def test_is_shown_and_hidden_to_one_at_a_time(self, rooms: RoomRepository) -> None:
        room, _ = rooms.save_direct(["ana", "ben"], "ana")

        assert rooms.update_hidden(room.id, "ben", is_hidden=False)
        assert not rooms.update_hidden(room.id, "ben", is_hidden=False)

        hidden = {who.username: who.is_hidden for who in rooms.get_room_members(room.id)}
        assert hidden == {"ana": True, "ben": False}
        assert [room.is_hidden for room in rooms.get_rooms_for_user("ben")] == [False]

    def test_that_was_cut_off_is_finished(self, rooms: RoomRepository, database: Documents) -> None:
        room, _ = rooms.save_direct(["ana", "ben"], "ana")
        database["room_members"].delete_one({"_id.username": "ben"})

        assert rooms.save_direct(["ana", "ben"], "ana") == (room, ["ben"])


class TestTheLevel:
    def test_is_everything_until_one_chooses_for_oneself(
        self, rooms: RoomRepository, garden: Room
    ) -> None:
        rooms.update_level(garden.id, "ben", "nothing")

        levels = {who.username: who.level for who in rooms.get_room_members(garden.id)}
        assert levels == {"ana": "everything", "ben": "nothing"}
        assert [room.is_muted for room in rooms.get_rooms_for_user("ben")] == [True]
        assert [room.is_muted for room in rooms.get_rooms_for_user("ana")] == [False]


class TestTheTopic:
    def test_is_empty_until_it_is_changed(self, rooms: RoomRepository, garden: Room) -> None:
        shed = rooms.save_room("Shed", "ana")
        assert garden.topic == ""

        rooms.update_topic(garden.id, "Beds and bees")

        found = [rooms.get_room(room.id) for room in (garden, shed)]
        assert [room and room.topic for room in found] == ["Beds and bees", ""]

    def test_is_empty_in_a_room_that_is_older_than_topics(
        self, rooms: RoomRepository, database: Documents, garden: Room
    ) -> None:
        database["rooms"].update_many({}, {"$unset": {"topic": ""}})

        found = rooms.get_room(garden.id)
        assert found is not None
        assert found.topic == ""


class TestRenaming:
    def test_changes_the_room_and_each_membership(
        self, rooms: RoomRepository, garden: Room
    ) -> None:
        shed = rooms.save_room("Shed", "ana")

        rooms.update_room(garden.id, "Orchard")
        rooms.update_room(garden.id, "Orchard")

        room = rooms.get_room(garden.id)
        assert room is not None
        assert room.name == "Orchard"
        assert {m.room_name for m in rooms.get_room_members(garden.id)} == {"Orchard"}
        assert {m.room_name for m in rooms.get_room_members(shed.id)} == {"Shed"}

    def test_reaches_those_who_are_added_meanwhile(self, mongodb: Documents, clock: Clock) -> None:
        rooms = RoomRepository(mongodb, clock)
        garden = rooms.save_room("Garden", "ana")

        at_once(
            lambda: rooms.update_room(garden.id, "Orchard"),
            lambda: rooms.add_room_members(garden.id, "Garden", map(str, range(20)), "ana"),
        )

        assert {m.room_name for m in rooms.get_room_members(garden.id)} == {"Orchard"}


class TestAddingMembers:
    def test_returns_those_who_are_new(self, rooms: RoomRepository, garden: Room) -> None:
        added = rooms.add_room_members(garden.id, "Garden", ["dora", "ben", "cleo"], "ana")

        assert added == ["dora", "cleo"]
        assert [m.username for m in rooms.get_room_members(garden.id)] == [
            "ana",
            "ben",
            "cleo",
            "dora",
        ]

    def test_again_changes_nothing(self, rooms: RoomRepository, garden: Room, clock: Clock) -> None:
        before = rooms.get_room_members(garden.id)
        clock.forward(timedelta(days=1))

        assert rooms.add_room_members(garden.id, "Garden", ["ana", "ben"], "cleo") == []
        assert rooms.get_room_members(garden.id) == before

    def test_by_nobody_adds_nobody(self, rooms: RoomRepository, garden: Room) -> None:
        assert rooms.add_room_members(garden.id, "Garden", [], "ana") == []

    def test_is_new_to_one_of_eight_at_once(self, mongodb: Documents, clock: Clock) -> None:
        rooms = RoomRepository(mongodb, clock)
        garden = rooms.save_room("Garden", "ana")

        added = at_once(*[lambda: rooms.add_room_members(garden.id, "Garden", ["ben"], "ana")] * 8)

        assert sorted(added) == [[]] * 7 + [["ben"]]


class TestTheUsernamesOfRooms:
    def test_are_those_of_each_that_has_members(self, rooms: RoomRepository) -> None:
        garden, shed = rooms.save_room("Garden", "ana"), rooms.save_room("Shed", "cleo")
        rooms.add_room_members(garden.id, "Garden", ["ben"], "ana")

        found = rooms.get_usernames([garden.id, shed.id, "0" * 24, "no id"])

        assert found == {garden.id: {"ana", "ben"}, shed.id: {"cleo"}}
        assert rooms.get_usernames([]) == {}


class TestTheMemberKey:
    def test_is_found_in_its_own_field_order_only(self, mongodb: Documents, clock: Clock) -> None:
        rooms = RoomRepository(mongodb, clock)
        garden = rooms.save_room("Garden", "ana")
        (stored,) = mongodb["room_members"].find()
        swapped = dict(reversed(stored["_id"].items()))

        assert list(stored["_id"]) == ["room_id", "username"]
        assert rooms.is_room_member(garden.id, "ana")
        assert mongodb["room_members"].find_one({"_id": stored["_id"]}) == stored
        assert mongodb["room_members"].find_one({"_id": swapped}) is None

    def test_is_the_same_in_every_way_in(self, mongodb: Documents, clock: Clock) -> None:
        rooms = RoomRepository(mongodb, clock)
        garden = rooms.save_room("Garden", "ana")
        rooms.add_room_members(garden.id, "Garden", ["ben", "ana"], "ana")
        rooms.add_room_admin(garden.id, "ben")

        assert [list(member["_id"]) for member in mongodb["room_members"].find()] == [
            ["room_id", "username"]
        ] * 2
        assert rooms.remove_room_members(garden.id, ["ana", "nobody"])
        assert mongodb["room_members"].count_documents({}) == 1


class TestRemovingMembers:
    def test_takes_out_those_named_and_no_other(self, rooms: RoomRepository, garden: Room) -> None:
        shed = rooms.save_room("Shed", "ben")

        assert rooms.remove_room_members(garden.id, ["ben", "nobody"])

        assert [m.username for m in rooms.get_room_members(garden.id)] == ["ana"]
        assert rooms.is_room_member(shed.id, "ben")

    def test_stops_at_the_last_admin(self, rooms: RoomRepository, garden: Room) -> None:
        assert not rooms.remove_room_members(garden.id, ["ana"])
        assert rooms.is_room_admin(garden.id, "ana")

    def test_lets_an_admin_go_who_is_not_the_last(
        self, rooms: RoomRepository, garden: Room
    ) -> None:
        rooms.add_room_admin(garden.id, "ben")

        assert rooms.remove_room_members(garden.id, ["ana"])
        assert not rooms.is_room_member(garden.id, "ana")
        assert not rooms.remove_room_members(garden.id, ["ben"])


class TestAdmins:
    def test_are_made_and_unmade(self, rooms: RoomRepository, garden: Room) -> None:
        assert not rooms.is_room_admin(garden.id, "ben")
        rooms.add_room_admin(garden.id, "ben")
        assert rooms.is_room_admin(garden.id, "ben")

        assert rooms.remove_room_admin(garden.id, "ben")
        assert not rooms.is_room_admin(garden.id, "ben")
        assert rooms.is_room_member(garden.id, "ben")

    def test_made_twice_is_one(self, rooms: RoomRepository, garden: Room) -> None:
        rooms.add_room_admin(garden.id, "ana")

        assert not rooms.remove_room_admin(garden.id, "ana")

    def test_cannot_be_people_outside(self, rooms: RoomRepository, garden: Room) -> None:
        rooms.add_room_admin(garden.id, "cleo")

        assert not rooms.is_room_admin(garden.id, "cleo")
        assert not rooms.remove_room_admin(garden.id, "ana")  # Cleo is no other admin

    def test_are_never_fewer_than_one_when_both_go_at_once(
        self, mongodb: Documents, clock: Clock
    ) -> None:
        rooms = RoomRepository(mongodb, clock)
        for _ in range(10):
            garden = rooms.save_room("Garden", "ana")
            rooms.add_room_members(garden.id, "Garden", ["ben"], "ana")
            rooms.add_room_admin(garden.id, "ben")

            gone = at_once(
                lambda id_=garden.id: rooms.remove_room_admin(id_, "ana"),
                lambda id_=garden.id: rooms.remove_room_members(id_, ["ben"]),
            )

            assert sorted(gone) == [False, True]
            assert sum(m.is_room_admin for m in rooms.get_room_members(garden.id)) == 1


class TestTheRoomsOfAPerson:
    def test_are_those_they_are_in_by_name(self, rooms: RoomRepository, garden: Room) -> None:
        for name in ("zoo", "Attic"):
            rooms.save_room(name, "ben")

        names = [membership.room_name for membership in rooms.get_rooms_for_user("ben")]

        assert names == ["Attic", "Garden", "zoo"]
        assert [m.room_name for m in rooms.get_rooms_for_user("ana")] == ["Garden"]
        assert rooms.get_rooms_for_user("cleo") == []
