"""The rules of rooms."""

from collections.abc import Callable

import pytest

from chatapp.auth.entities import User
from chatapp.core.errors import BadText, ChatError
from chatapp.rooms.entities import Room
from chatapp.rooms.errors import (
    ArchivedRoom,
    LastAdmin,
    MemberNotFound,
    RoomAdminOnly,
    RoomNameInvalid,
    RoomNotFound,
    TooManyPeople,
    TopicTooLong,
    UnknownLevel,
    UnknownPeople,
)
from chatapp.rooms.events import (
    DirectoryChanged,
    LevelChanged,
    MemberAdded,
    MemberChanged,
    MemberRemoved,
    MembersJoined,
    RoomArchived,
    RoomCreated,
    RoomKindChanged,
    RoomRenamed,
    RoomRestored,
    TopicChanged,
)
from chatapp.services import Services
from tests.cast import PASSWORD, Cast, Listening, at_once

BAD_NAMES = [
    ("", RoomNameInvalid),
    ("   ", RoomNameInvalid),
    ("\u200b", RoomNameInvalid),
    ("a" * 81, RoomNameInvalid),
    ("a" * 100_000, RoomNameInvalid),
    ("bell\x07", BadText),
    ("\ud800", BadText),
]


def _members(services: Services, cast: Cast) -> dict[str, bool]:
    """Who is in Garden, and whether they run it."""
    found = services.rooms.members(cast.ana, cast.garden.id)
    return {member.username: member.is_room_admin for member in found}


class TestCreating:
    def test_makes_the_maker_admin_and_says_so(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        shed = services.rooms.create(cast.ana, "  Tool   shed ", ["ben"])

        members = services.rooms.members(cast.ana, shed.id)
        assert shed.name == "Tool shed"
        assert {m.username: m.is_room_admin for m in members} == {"ana": True, "ben": False}
        assert {m.room_name for m in members} == {"Tool shed"}
        assert told == [RoomCreated(room=shed, usernames=("ana", "ben"))]

    @pytest.mark.parametrize("usernames", [[], ["ana"], [" ANA "], ["ana", "ana"]])
    def test_is_fine_with_nobody_or_only_oneself(
        self, services: Services, cast: Cast, told: Listening, usernames: list[str]
    ) -> None:
        room = services.rooms.create(cast.ana, "Diary", usernames)

        (me,) = services.rooms.members(cast.ana, room.id)
        assert (me.username, me.is_room_admin) == ("ana", True)
        assert told == [RoomCreated(room=room, usernames=("ana",))]

    def test_takes_each_person_once_however_typed(self, services: Services, cast: Cast) -> None:
        room = services.rooms.create(cast.ana, "Shed", ["ben", " Ben ", "BEN", "cleo"])

        members = services.rooms.members(cast.ana, room.id)
        assert [member.username for member in members] == ["ana", "ben", "cleo"]

    def test_names_the_unknown_and_creates_nothing(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        rooms_before = services.database["rooms"].count_documents({})
        members_before = services.database["room_members"].count_documents({})

        with pytest.raises(UnknownPeople) as refused:
            services.rooms.create(cast.ana, "Shed", ["ben", "dora", "emil"])

        assert refused.value.message == "Nobody here is called dora, emil."
        assert services.database["rooms"].count_documents({}) == rooms_before
        assert services.database["room_members"].count_documents({}) == members_before
        assert told == []

    def test_takes_closed_accounts_for_unknown(self, services: Services, cast: Cast) -> None:
        services.database["users"].update_one({"_id": "ben"}, {"$set": {"is_active": False}})

        with pytest.raises(UnknownPeople):
            services.rooms.create(cast.ana, "Shed", ["ben"])

    def test_refuses_more_people_than_can_be_added_at_once(
        self, services: Services, cast: Cast
    ) -> None:
        with pytest.raises(TooManyPeople):
            services.rooms.create(cast.ana, "Shed", [f"p{number}" for number in range(101)])

    @pytest.mark.parametrize("name", ["a", "a" * 80, "花園 🌱"])
    def test_takes_a_name_within_the_rules(self, services: Services, cast: Cast, name: str) -> None:
        assert services.rooms.create(cast.ana, name).name == name

    @pytest.mark.parametrize(("name", "refusal"), BAD_NAMES)
    def test_refuses_a_name_outside_them(
        self, services: Services, cast: Cast, told: Listening, name: str, refusal: type[ChatError]
    ) -> None:
        with pytest.raises(refusal):
            services.rooms.create(cast.ana, name)

        assert told == []


class TestTheFirstRoom:
    def test_is_joined_by_every_new_account_which_is_told(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        invite = services.accounts.invite(cast.ana)

        dora = services.accounts.sign_up("dora", "Dora Lind", PASSWORD, invite)

        assert [m.room_name for m in services.rooms.list_for(dora)] == ["General"]
        (added,) = told.of(MemberAdded)
        assert (added.member.username, added.display_name) == ("dora", "Dora Lind")
        assert not added.member.is_room_admin

    def test_is_not_one_that_people_make(self, services: Services, cast: Cast) -> None:
        invite = services.accounts.invite(cast.ana)
        services.rooms.create(cast.ana, "Shed")
        services.rooms.create_open(cast.ana, "Meadow")

        dora = services.accounts.sign_up("dora", "Dora", PASSWORD, invite)

        assert [m.room_name for m in services.rooms.list_for(dora)] == ["General"]

    def test_takes_in_nobody_when_it_is_closed(self, services: Services, cast: Cast) -> None:
        invite = services.accounts.invite(cast.ana)
        (general,) = services.rooms.list_for(cast.cleo)
        services.rooms.close(cast.ana, general.room_id)

        dora = services.accounts.sign_up("dora", "Dora", PASSWORD, invite)

        assert services.rooms.list_for(dora) == ()


class TestAnOpenRoom:
    @pytest.fixture
    def meadow(self, services: Services, cast: Cast) -> Room:
        return services.rooms.create_open(cast.ana, "Meadow")

    def test_is_joined_by_anybody_who_then_is_told_of(
        self, services: Services, cast: Cast, meadow: Room, told: Listening
    ) -> None:
        services.rooms.join(cast.cleo, meadow.id)

        assert services.rooms.membership(cast.cleo, meadow.id).is_open
        assert not services.rooms.membership(cast.cleo, meadow.id).is_room_admin
        (added,) = told.of(MemberAdded)
        assert (added.member.username, added.member.added_by) == ("cleo", "cleo")
        (joined,) = told.of(MembersJoined)
        assert (joined.usernames, joined.by) == (("cleo",), "cleo")

    def test_is_joined_once_and_left_and_joined_again(
        self, services: Services, cast: Cast, meadow: Room, told: Listening
    ) -> None:
        services.rooms.join(cast.cleo, meadow.id)
        services.rooms.join(cast.cleo, meadow.id)
        assert len(told.of(MembersJoined)) == 1

        services.rooms.leave(cast.cleo, meadow.id)
        services.rooms.join(cast.cleo, meadow.id)

        assert services.rooms.membership(cast.cleo, meadow.id)

    def test_stands_in_the_directory_with_what_is_known_of_it(
        self, services: Services, cast: Cast, meadow: Room
    ) -> None:
        services.rooms.change_topic(cast.ana, meadow.id, "Bees")
        said = services.messages.post(cast.ana, meadow.id, "hello")

        general, listed = services.rooms.directory(cast.cleo)

        assert (general.room.name, general.members, general.last_at) == ("General", 3, None)
        assert (listed.room.name, listed.room.topic, listed.members) == ("Meadow", "Bees", 1)
        assert listed.last_at == said.created_at
        assert services.rooms.directory(cast.cleo, " BEE ") == [listed]

    def test_is_told_of_to_everybody(self, services: Services, cast: Cast, told: Listening) -> None:
        meadow = services.rooms.create_open(cast.ana, "Meadow")
        services.rooms.rename(cast.ana, meadow.id, "Heath")
        services.rooms.change_topic(cast.ana, meadow.id, "Bees")
        services.rooms.close(cast.ana, meadow.id)
        assert len(told.of(DirectoryChanged)) == 4

        services.rooms.rename(cast.ana, meadow.id, "Secret")
        services.rooms.create(cast.ana, "Secret too")

        assert len(told.of(DirectoryChanged)) == 4


class TestAClosedRoom:
    def test_is_joined_by_nobody_and_is_in_no_directory(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        with pytest.raises(RoomNotFound):
            services.rooms.join(cast.cleo, cast.garden.id)

        assert told == []
        names = [one.room.name for one in services.rooms.directory(cast.ana)]
        assert names == ["General"]

    def test_is_opened_and_closed_again_and_said_to_be(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        opened = services.rooms.open(cast.ana, cast.garden.id)
        services.rooms.open(cast.ana, cast.garden.id)
        assert told.of(RoomKindChanged) == [RoomKindChanged(room=opened, by="ana")]
        services.rooms.join(cast.cleo, cast.garden.id)

        services.rooms.close(cast.ana, cast.garden.id)

        assert not services.rooms.room(cast.cleo, cast.garden.id).is_open
        services.rooms.leave(cast.cleo, cast.garden.id)
        with pytest.raises(RoomNotFound):
            services.rooms.join(cast.cleo, cast.garden.id)


class TestArchiving:
    def test_takes_the_room_out_of_the_lists_and_says_so(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        services.messages.post(cast.ben, cast.garden.id, "hello")

        room = services.rooms.archive(cast.ana, cast.garden.id)
        services.rooms.archive(cast.ana, cast.garden.id)

        assert told.of(RoomArchived) == [RoomArchived(room=room, by="ana")]
        assert "Garden" not in [one.room_name for one in services.rooms.list_for(cast.ben)]
        assert [one.room_name for one in services.rooms.archived(cast.ben)] == ["Garden"]
        assert services.rooms.archived(cast.ben, "shed") == services.rooms.archived(cast.cleo) == []
        texts = [said.text for said in services.messages.history(cast.ben, room.id).messages]
        assert texts == ["hello", ""]

    def test_is_undone_by_restoring(self, services: Services, cast: Cast, told: Listening) -> None:
        services.rooms.archive(cast.ana, cast.garden.id)

        room = services.rooms.restore(cast.ana, cast.garden.id)
        services.rooms.restore(cast.ana, cast.garden.id)

        assert told.of(RoomRestored) == [RoomRestored(room=room, by="ana")]
        assert "Garden" in [one.room_name for one in services.rooms.list_for(cast.ben)]
        assert services.messages.post(cast.ben, room.id, "back again")

    def test_of_an_open_room_takes_it_out_of_the_directory(
        self, services: Services, cast: Cast
    ) -> None:
        meadow = services.rooms.create_open(cast.ana, "Meadow")
        services.rooms.archive(cast.ana, meadow.id)

        assert [one.room.name for one in services.rooms.directory(cast.cleo)] == ["General"]
        with pytest.raises(ArchivedRoom):
            services.rooms.join(cast.cleo, meadow.id)


class TestRenaming:
    def test_changes_the_name_in_each_membership_and_says_so(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        room = services.rooms.rename(cast.ana, cast.garden.id, " Greenhouse ")

        assert room.name == "Greenhouse"
        for person in (cast.ana, cast.ben):
            assert "Greenhouse" in [m.room_name for m in services.rooms.list_for(person)]
        assert told.of(RoomRenamed) == [RoomRenamed(room=room, by="ana")]

    @pytest.mark.parametrize(("name", "refusal"), BAD_NAMES)
    def test_refuses_a_name_outside_the_rules(
        self, services: Services, cast: Cast, told: Listening, name: str, refusal: type[ChatError]
    ) -> None:
        with pytest.raises(refusal):
            services.rooms.rename(cast.ana, cast.garden.id, name)

        assert services.rooms.membership(cast.ana, cast.garden.id).room_name == "Garden"
        assert told == []


class TestTheTopic:
    def test_is_changed_for_everybody_and_said_to_be(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        room = services.rooms.change_topic(cast.ana, cast.garden.id, "  Beds \n and bees ")

        assert room.topic == "Beds and bees"
        assert services.rooms.room(cast.ben, cast.garden.id) == room
        assert told.of(TopicChanged) == [TopicChanged(room=room, by="ana")]

    def test_is_taken_away_by_an_empty_one(self, services: Services, cast: Cast) -> None:
        services.rooms.change_topic(cast.ana, cast.garden.id, "Beds")

        services.rooms.change_topic(cast.ana, cast.garden.id, " ")

        assert services.rooms.room(cast.ben, cast.garden.id).topic == ""

    def test_in_the_same_words_is_told_once(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        for topic in ("Beds", " Beds "):
            services.rooms.change_topic(cast.ana, cast.garden.id, topic)

        assert len(told.of(TopicChanged)) == 1

    @pytest.mark.parametrize(
        ("topic", "refusal"),
        [("a" * 251, TopicTooLong), ("a" * 100_000, TopicTooLong), ("bell\x07", BadText)],
    )
    def test_is_refused_outside_the_rules(
        self, services: Services, cast: Cast, told: Listening, topic: str, refusal: type[ChatError]
    ) -> None:
        services.rooms.change_topic(cast.ana, cast.garden.id, "a" * 250)

        with pytest.raises(refusal):
            services.rooms.change_topic(cast.ana, cast.garden.id, topic)

        assert services.rooms.room(cast.ana, cast.garden.id).topic == "a" * 250
        assert len(told.of(TopicChanged)) == 1


class TestAddingMembers:
    def test_tells_of_each_who_is_new(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        added = services.rooms.add_members(cast.ana, cast.garden.id, ["cleo", "ben", "cleo"])

        assert added == ["cleo"]
        assert _members(services, cast) == {"ana": True, "ben": False, "cleo": False}
        (event,) = told.of(MemberAdded)
        assert (event.member.username, event.member.added_by) == ("cleo", "ana")
        assert event.display_name == "Cleo Marin"
        (joined,) = told.of(MembersJoined)
        assert (joined.usernames, joined.by) == (("cleo",), "ana")

    def test_never_unmakes_an_admin(self, services: Services, cast: Cast) -> None:
        services.rooms.add_members(cast.ana, cast.garden.id, ["ana"])

        assert _members(services, cast)["ana"]

    def test_adds_nobody_when_one_is_unknown(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        with pytest.raises(UnknownPeople):
            services.rooms.add_members(cast.ana, cast.garden.id, ["cleo", "dora"])

        assert _members(services, cast) == {"ana": True, "ben": False}
        assert told == []

    def test_tells_once_when_eight_admins_add_the_same_person(self, harbour: Services) -> None:
        ana = harbour.accounts.set_up("Harbour", "ana", PASSWORD)
        harbour.accounts.sign_up("ben", "Ben", PASSWORD, harbour.accounts.invite(ana))
        garden = harbour.rooms.create(ana, "Garden")
        heard = Listening()
        harbour.bus.subscribe(MemberAdded, heard.append)

        at_once(*[lambda: harbour.rooms.add_members(ana, garden.id, ["ben"])] * 8)

        assert [event.member.username for event in heard.of(MemberAdded)] == ["ben"]


class TestRemovingAMember:
    def test_takes_them_out_and_says_so(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        services.rooms.remove_member(cast.ana, cast.garden.id, "ben")

        assert _members(services, cast) == {"ana": True}
        (removed,) = told.of(MemberRemoved)
        assert removed == MemberRemoved(room_id=cast.garden.id, username="ben", by="ana")
        with pytest.raises(RoomNotFound):
            services.rooms.membership(cast.ben, cast.garden.id)

    @pytest.mark.parametrize("username", ["cleo", "nobody", ""])
    def test_who_is_none_is_refused(
        self, services: Services, cast: Cast, told: Listening, username: str
    ) -> None:
        with pytest.raises(MemberNotFound):
            services.rooms.remove_member(cast.ana, cast.garden.id, username)

        assert told == []


class TestLeaving:
    def test_takes_oneself_out_and_says_so(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        services.rooms.leave(cast.ben, cast.garden.id)

        assert _members(services, cast) == {"ana": True}
        (left,) = told.of(MemberRemoved)
        assert left == MemberRemoved(room_id=cast.garden.id, username="ben", by="ben")

    def test_is_open_to_an_admin_while_there_is_another(
        self, services: Services, cast: Cast
    ) -> None:
        services.rooms.make_admin(cast.ana, cast.garden.id, "ben")

        services.rooms.leave(cast.ana, cast.garden.id)

        (ben,) = services.rooms.members(cast.ben, cast.garden.id)
        assert (ben.username, ben.is_room_admin) == ("ben", True)


class TestNotifying:
    @pytest.mark.parametrize("level", ["mentions", "nothing"])
    def test_is_chosen_by_each_for_themselves(
        self, services: Services, cast: Cast, told: Listening, level: str
    ) -> None:
        services.rooms.notify(cast.ben, cast.garden.id, level)
        services.rooms.notify(cast.ben, cast.garden.id, level)

        assert services.rooms.membership(cast.ben, cast.garden.id).level == level
        assert services.rooms.membership(cast.ana, cast.garden.id).level == "everything"
        assert told == [LevelChanged(room_id=cast.garden.id, username="ben", level=level)]

    @pytest.mark.parametrize("level", ["", "all", "Nothing", "x" * 60_000])
    def test_is_one_of_three(
        self, services: Services, cast: Cast, told: Listening, level: str
    ) -> None:
        with pytest.raises(UnknownLevel):
            services.rooms.notify(cast.ben, cast.garden.id, level)

        assert told == []

    def test_is_chosen_in_an_archived_room_too(self, services: Services, cast: Cast) -> None:
        services.rooms.archive(cast.ana, cast.garden.id)

        services.rooms.notify(cast.ben, cast.garden.id, "nothing")

        assert services.rooms.membership(cast.ben, cast.garden.id).level == "nothing"


class TestAdmins:
    def test_are_made_and_said_to_be(self, services: Services, cast: Cast, told: Listening) -> None:
        services.rooms.make_admin(cast.ana, cast.garden.id, "ben")

        assert _members(services, cast) == {"ana": True, "ben": True}
        (event,) = told
        assert isinstance(event, MemberChanged)
        assert (event.member.username, event.member.is_room_admin) == ("ben", True)
        assert event.display_name == "Ben Okafor"
        assert services.rooms.rename(cast.ben, cast.garden.id, "Ben's").name == "Ben's"

    def test_are_unmade_and_said_to_be(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        services.rooms.make_admin(cast.ana, cast.garden.id, "ben")

        services.rooms.unmake_admin(cast.ben, cast.garden.id, "ana")

        found = services.rooms.members(cast.ben, cast.garden.id)
        assert {m.username: m.is_room_admin for m in found} == {"ana": False, "ben": True}
        assert told.of(MemberChanged)[-1].member.username == "ana"
        with pytest.raises(RoomAdminOnly):
            services.rooms.rename(cast.ana, cast.garden.id, "Mine")

    def test_who_are_none_are_unmade_in_silence(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        services.rooms.unmake_admin(cast.ana, cast.garden.id, "ben")

        assert told == []

    @pytest.mark.parametrize("username", ["cleo", "nobody"])
    def test_can_only_be_members(
        self, services: Services, cast: Cast, told: Listening, username: str
    ) -> None:
        for change in (services.rooms.make_admin, services.rooms.unmake_admin):
            with pytest.raises(MemberNotFound):
                change(cast.ana, cast.garden.id, username)

        assert told == []


class TestTheLastAdmin:
    @pytest.mark.parametrize(
        "go",
        [
            lambda rooms, ana, garden: rooms.leave(ana, garden.id),
            lambda rooms, ana, garden: rooms.remove_member(ana, garden.id, "ana"),
            lambda rooms, ana, garden: rooms.unmake_admin(ana, garden.id, "ana"),
        ],
        ids=["leave", "be removed", "be unmade"],
    )
    def test_cannot_go_until_there_is_another(
        self, services: Services, cast: Cast, told: Listening, go: Callable[..., None]
    ) -> None:
        with pytest.raises(LastAdmin):
            go(services.rooms, cast.ana, cast.garden)
        assert _members(services, cast) == {"ana": True, "ben": False}
        assert told == []

        services.rooms.make_admin(cast.ana, cast.garden.id, "ben")
        go(services.rooms, cast.ana, cast.garden)
        assert services.rooms.membership(cast.ben, cast.garden.id).is_room_admin

    def test_stays_when_all_try_to_go_at_once(self, harbour: Services) -> None:
        ana = harbour.accounts.set_up("Harbour", "ana", PASSWORD)
        invite = harbour.accounts.invite(ana)
        people = [
            ana,
            *(harbour.accounts.sign_up(f"p{n}", "P", PASSWORD, invite) for n in range(5)),
        ]
        garden = harbour.rooms.create(ana, "Garden", [person.username for person in people])
        for person in people[1:]:
            harbour.rooms.make_admin(ana, garden.id, person.username)

        outcomes = at_once(
            *[lambda person=person: harbour.rooms.leave(person, garden.id) for person in people]
        )

        assert sum(isinstance(outcome, LastAdmin) for outcome in outcomes) == 1
        (last,) = harbour.database["room_members"].find({"room_name": "Garden"})
        assert last["is_room_admin"]


# What each rule needs, and an argument list that is right for it.
ADMINS_ONLY = {
    "rename": ["Mine"],
    "change_topic": ["Mine"],
    "archive": [],
    "restore": [],
    "open": [],
    "close": [],
    "add_members": [["cleo"]],
    "remove_member": ["ana"],
    "make_admin": ["ben"],
    "unmake_admin": ["ana"],
    "administered": [],
}
MEMBERS_ONLY = {"leave": [], "members": [], "membership": [], "room": [], "notify": ["nothing"]}


class TestWhoMay:
    @pytest.fixture(params=[*ADMINS_ONLY, *MEMBERS_ONLY])
    def ask(
        self, request: pytest.FixtureRequest, services: Services, cast: Cast
    ) -> Callable[[User], object]:
        arguments = {**ADMINS_ONLY, **MEMBERS_ONLY}[request.param]
        operation = getattr(services.rooms, request.param)
        return lambda actor: operation(actor, cast.garden.id, *arguments)

    def test_outsiders_are_answered_as_if_the_room_never_was(
        self, ask: Callable[[User], object], cast: Cast, told: Listening
    ) -> None:
        with pytest.raises(RoomNotFound):
            ask(cast.cleo)

        assert told == []

    @pytest.mark.parametrize("operation", ADMINS_ONLY)
    def test_members_do_not_run_the_room_until_they_are_admins(
        self, services: Services, cast: Cast, told: Listening, operation: str
    ) -> None:
        ask = getattr(services.rooms, operation)
        with pytest.raises(RoomAdminOnly):
            ask(cast.ben, cast.garden.id, *ADMINS_ONLY[operation])
        assert told == []

        services.rooms.make_admin(cast.ana, cast.garden.id, "ben")
        ask(cast.ben, cast.garden.id, *ADMINS_ONLY[operation])

    @pytest.mark.parametrize("operation", MEMBERS_ONLY)
    def test_members_need_not_run_the_room_to_use_it(
        self, services: Services, cast: Cast, operation: str
    ) -> None:
        ask = getattr(services.rooms, operation)
        ask(cast.ben, cast.garden.id, *MEMBERS_ONLY[operation])
