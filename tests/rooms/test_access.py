"""The one gate: whoever is outside learns nothing."""

import contextlib
from collections.abc import Callable

import pytest
from bson import ObjectId

from chatapp.auth.entities import User
from chatapp.core.errors import describe
from chatapp.rooms.access import RoomAccess
from chatapp.rooms.errors import ArchivedRoom, RoomAdminOnly, RoomNotFound
from chatapp.rooms.repository import RoomRepository
from chatapp.services import Services
from tests.cast import Cast, Clock


@pytest.fixture
def access(services: Services, clock: Clock) -> RoomAccess:
    return RoomAccess(RoomRepository(services.database, clock), services.memory)


def _refusal(access: RoomAccess, actor: User, room_id: str) -> dict[str, object]:
    with pytest.raises(RoomNotFound) as refused:
        access.member(actor, room_id)
    return describe(refused.value)


class TestTheGate:
    def test_lets_members_in_with_proof(self, access: RoomAccess, cast: Cast) -> None:
        membership = access.member(cast.ben, cast.garden.id)

        assert (membership.username, membership.room_name) == ("ben", "Garden")
        assert not membership.is_room_admin

    def test_answers_outsiders_as_if_the_room_never_was(
        self, access: RoomAccess, cast: Cast
    ) -> None:
        outside = _refusal(access, cast.cleo, cast.garden.id)

        assert outside == _refusal(access, cast.cleo, str(ObjectId()))
        assert outside == _refusal(access, cast.cleo, "no id at all")

    def test_Z4_knows_a_room_by_one_spelling_so_that_whoever_has_left_is_out(
        self, access: RoomAccess, services: Services, cast: Cast
    ) -> None:
        services.memory.beat()  # from now on memberships are remembered
        spellings = (cast.garden.id, cast.garden.id.upper(), cast.garden.id.title())
        for room_id in spellings:
            with contextlib.suppress(RoomNotFound):
                access.member(cast.ben, room_id)

        services.rooms.remove_member(cast.ana, cast.garden.id, "ben")

        for room_id in spellings:
            with pytest.raises(RoomNotFound):
                access.member(cast.ben, room_id)

    def test_lets_admins_run_the_room_and_nobody_else(self, access: RoomAccess, cast: Cast) -> None:
        assert access.admin(cast.ana, cast.garden.id).is_room_admin
        with pytest.raises(RoomAdminOnly):
            access.admin(cast.ben, cast.garden.id)
        with pytest.raises(RoomNotFound):
            access.admin(cast.cleo, cast.garden.id)

    def test_lets_nobody_write_in_an_archived_room(
        self, access: RoomAccess, services: Services, cast: Cast
    ) -> None:
        services.memory.beat()  # from now on memberships are remembered
        assert access.writer(cast.ben, cast.garden.id) == access.member(cast.ben, cast.garden.id)

        services.rooms.archive(cast.ana, cast.garden.id)

        assert access.member(cast.ben, cast.garden.id).is_archived
        assert access.archivist(cast.ana, cast.garden.id).is_room_admin
        for gate, who in ((access.writer, cast.ben), (access.admin, cast.ana)):
            with pytest.raises(ArchivedRoom):
                gate(who, cast.garden.id)
        for gate in (access.writer, access.admin, access.archivist):
            with pytest.raises(RoomNotFound):
                gate(cast.cleo, cast.garden.id)
        with pytest.raises(RoomAdminOnly):
            access.archivist(cast.ben, cast.garden.id)

    def test_is_closed_to_site_admins_who_are_outside(
        self, access: RoomAccess, services: Services, cast: Cast
    ) -> None:
        private = services.rooms.create(cast.ben, "Private")

        assert cast.ana.is_site_admin
        with pytest.raises(RoomNotFound):
            access.member(cast.ana, private.id)


class TestWhatIsRemembered:
    """Each change is seen by a process that remembered how it was before."""

    @pytest.fixture
    def seen(self, access: RoomAccess, services: Services, cast: Cast) -> Callable[[str], object]:
        services.memory.beat()

        def see(username: str) -> object:
            who = services.accounts.find(username)
            assert who is not None
            names = [room.room_name for room in access.rooms(who)]
            if "Garden" not in names and "Orchard" not in names:
                return names
            members = access.members(access.member(who, cast.garden.id))
            return names, [(member.username, member.is_room_admin) for member in members]

        return see

    def test_is_the_rooms_and_the_members(
        self, seen: Callable[[str], object], services: Services, cast: Cast
    ) -> None:
        before = seen("ben")
        services.database["room_members"].delete_many({})

        assert seen("ben") == before == (["Garden", "General"], [("ana", True), ("ben", False)])

    def test_follows_who_comes_in(
        self, seen: Callable[[str], object], services: Services, cast: Cast
    ) -> None:
        seen("ben"), seen("cleo")

        services.rooms.add_members(cast.ana, cast.garden.id, ["cleo"])

        everybody = [("ana", True), ("ben", False), ("cleo", False)]
        assert seen("ben") == seen("cleo") == (["Garden", "General"], everybody)

    def test_follows_who_goes(
        self, seen: Callable[[str], object], services: Services, cast: Cast
    ) -> None:
        seen("ana"), seen("ben")

        services.rooms.remove_member(cast.ana, cast.garden.id, "ben")

        assert seen("ana") == (["Garden", "General"], [("ana", True)])
        assert seen("ben") == ["General"]

    def test_follows_a_name(
        self, seen: Callable[[str], object], services: Services, cast: Cast
    ) -> None:
        seen("ana"), seen("ben")

        services.rooms.rename(cast.ana, cast.garden.id, "Orchard")

        people = [("ana", True), ("ben", False)]
        assert seen("ana") == seen("ben") == (["General", "Orchard"], people)

    def test_follows_a_topic(self, access: RoomAccess, services: Services, cast: Cast) -> None:
        services.memory.beat()
        membership = access.member(cast.ben, cast.garden.id)
        assert access.room(membership).topic == ""
        services.database["rooms"].update_many({}, {"$set": {"topic": "behind its back"}})
        assert access.room(membership).topic == ""

        services.rooms.change_topic(cast.ana, cast.garden.id, "Beds")

        assert access.room(membership).topic == "Beds"

    def test_follows_the_kind(self, access: RoomAccess, services: Services, cast: Cast) -> None:
        services.memory.beat()
        membership = access.member(cast.ben, cast.garden.id)
        assert not access.room(membership).is_open
        assert access.rooms(cast.ben)

        services.rooms.open(cast.ana, cast.garden.id)

        assert access.room(membership).is_open
        assert all(room.is_open for room in access.rooms(cast.ben))

    def test_follows_a_level(self, access: RoomAccess, services: Services, cast: Cast) -> None:
        services.memory.beat()
        assert access.member(cast.ben, cast.garden.id).level == "everything"
        assert not any(room.is_muted for room in access.rooms(cast.ben))

        services.rooms.notify(cast.ben, cast.garden.id, "nothing")

        assert access.member(cast.ben, cast.garden.id).level == "nothing"
        assert [room.is_muted for room in access.rooms(cast.ben)] == [True, False]

    def test_follows_a_role(
        self, seen: Callable[[str], object], services: Services, cast: Cast
    ) -> None:
        seen("ben")

        services.rooms.make_admin(cast.ana, cast.garden.id, "ben")

        assert seen("ben") == (["Garden", "General"], [("ana", True), ("ben", True)])

    def test_follows_a_room_that_is_made(
        self, seen: Callable[[str], object], services: Services, cast: Cast
    ) -> None:
        seen("cleo")

        services.rooms.create(cast.ana, "Shed", ["cleo"])

        assert seen("cleo") == ["General", "Shed"]
