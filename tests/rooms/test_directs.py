"""Direct conversations: one for the same people, and each sees it under the others' names."""

from collections.abc import Callable

import pytest

from chatapp.auth.entities import User
from chatapp.core.errors import ChatError
from chatapp.rooms.entities import Room
from chatapp.rooms.errors import DirectNeedsPeople, RoomAdminOnly, RoomNotFound, UnknownPeople
from chatapp.rooms.events import DirectHidden, DirectMade, DirectOpened
from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Cast, Listening, at_once, gather

SignIn = Callable[[str], Browser]


def _titles(services: Services, who: User) -> list[str]:
    return [room.room_name for room in services.rooms.directs_for(who)]


class TestOpening:
    def test_shows_it_to_who_opens_it_and_to_the_other_with_the_first_message(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        room = services.rooms.open_direct(cast.ana, ["ben"])

        assert _titles(services, cast.ana) == ["Ben Okafor"]
        assert _titles(services, cast.ben) == []
        assert [opened.username for opened in told.of(DirectOpened)] == ["ana"]

        services.messages.post(cast.ana, room.id, "hello")

        assert _titles(services, cast.ben) == ["ana"]
        assert [opened.username for opened in told.of(DirectOpened)] == ["ana", "ben"]

    def test_again_from_either_side_finds_the_same(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        room = services.rooms.open_direct(cast.ana, ["ben"])

        assert services.rooms.open_direct(cast.ana, [" BEN ", "ana", "ben"]).id == room.id
        assert services.rooms.open_direct(cast.ben, ["ana"]).id == room.id
        assert len(told.of(DirectMade)) == 1

    def test_from_both_sides_at_once_finds_the_same(self, harbour: Services) -> None:
        cast = gather(harbour)

        for others in ([], ["cleo"]):
            rooms = at_once(
                *[lambda: harbour.rooms.open_direct(cast.ana, ["ben", *others])] * 4,  # noqa: B023
                *[lambda: harbour.rooms.open_direct(cast.ben, ["ana", *others])] * 4,  # noqa: B023
            )

            assert len({room.id for room in rooms}) == 1
            members = harbour.rooms.members(cast.ben, rooms[0].id)
            assert [who.username for who in members] == ["ana", "ben", *others]

    def test_a_group_is_another_conversation_titled_by_the_others(
        self, services: Services, cast: Cast
    ) -> None:
        pair = services.rooms.open_direct(cast.ana, ["ben"])
        group = services.rooms.open_direct(cast.ana, ["cleo", "ben"])

        assert pair.id != group.id
        assert group.name == "Ben Okafor, Cleo Marin"
        assert services.rooms.room(cast.cleo, group.id).title == "ana, Ben Okafor"
        assert services.rooms.membership(cast.ben, group.id).title == "ana, Cleo Marin"

    def test_takes_up_to_seven_others(self, services: Services, cast: Cast) -> None:
        invite = services.accounts.invite(cast.ana)
        for number in range(8):
            services.accounts.sign_up(f"p{number}", f"P {number}", PASSWORD, invite)
        people = [f"p{number}" for number in range(7)]

        assert len(services.rooms.open_direct(cast.ana, people).people) == 7
        with pytest.raises(DirectNeedsPeople):
            services.rooms.open_direct(cast.ana, [*people, "p7"])

    @pytest.mark.parametrize(
        ("people", "refusal"),
        [([], DirectNeedsPeople), (["ana"], DirectNeedsPeople), (["ben", "dora"], UnknownPeople)],
    )
    def test_is_refused_with_nobody(
        self,
        services: Services,
        cast: Cast,
        told: Listening,
        people: list[str],
        refusal: type[ChatError],
    ) -> None:
        with pytest.raises(refusal):
            services.rooms.open_direct(cast.ana, people)

        assert told == []


class TestInside:
    @pytest.fixture
    def direct(self, services: Services, cast: Cast) -> Room:
        return services.rooms.open_direct(cast.ana, ["ben"])

    def test_two_talk_and_nobody_else_learns_of_it(
        self, services: Services, cast: Cast, direct: Room
    ) -> None:
        services.messages.post(cast.ana, direct.id, "between us")

        (said,) = services.messages.history(cast.ben, direct.id).messages
        assert said.text == "between us"
        with pytest.raises(RoomNotFound):
            services.messages.history(cast.cleo, direct.id)
        assert direct.id not in [one.room.id for one in services.rooms.directory(cast.ben)]
        assert direct.id not in [one.room_id for one in services.rooms.list_for(cast.ben)]

    def test_its_people_are_for_ever_and_none_runs_it(
        self, services: Services, cast: Cast, direct: Room
    ) -> None:
        rooms = services.rooms
        for change in (
            lambda: rooms.add_members(cast.ana, direct.id, ["cleo"]),
            lambda: rooms.remove_member(cast.ana, direct.id, "ben"),
            lambda: rooms.make_admin(cast.ana, direct.id, "ana"),
            lambda: rooms.rename(cast.ana, direct.id, "Ours"),
            lambda: rooms.open(cast.ana, direct.id),
            lambda: rooms.archive(cast.ana, direct.id),
        ):
            with pytest.raises(RoomAdminOnly):
                change()
        with pytest.raises(RoomNotFound):
            rooms.join(cast.cleo, direct.id)

    def test_nobody_takes_back_what_the_other_said(
        self, services: Services, cast: Cast, direct: Room
    ) -> None:
        said = services.messages.post(cast.ben, direct.id, "no")

        with pytest.raises(ChatError):
            services.messages.delete(cast.ana, direct.id, said.id)


class TestLeaving:
    @pytest.mark.parametrize("people", [["ben"], ["ben", "cleo"]])
    def test_hides_it_until_the_next_message(
        self, services: Services, cast: Cast, told: Listening, people: list[str]
    ) -> None:
        room = services.rooms.open_direct(cast.ana, people)
        services.messages.post(cast.ana, room.id, "hello")

        services.rooms.leave(cast.ben, room.id)

        assert _titles(services, cast.ben) == []
        assert len(_titles(services, cast.ana)) == 1
        assert told.of(DirectHidden) == [DirectHidden(room_id=room.id, username="ben")]
        assert len(services.rooms.members(cast.ben, room.id)) == len(people) + 1

        services.messages.post(cast.ana, room.id, "are you there?")

        assert len(_titles(services, cast.ben)) == 1

    def test_is_undone_by_a_message_that_was_saved_and_is_asked_for_again(
        self, services: Services, cast: Cast
    ) -> None:
        room = services.rooms.open_direct(cast.ana, ["ben"])
        services.messages.post(cast.ana, room.id, "hello", "c1")
        services.rooms.leave(cast.ben, room.id)

        services.messages.post(cast.ana, room.id, "hello", "c1")

        assert _titles(services, cast.ben) == ["ana"]


class TestOverSockets:
    def test_each_hears_of_it_under_the_others_name_and_nobody_else_does(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        sockets = {name: sign_in(name).socket() for name in ("ana", "ben", "cleo")}

        room = services.rooms.open_direct(cast.ana, ["ben"])
        services.messages.post(cast.ana, room.id, "hello")

        heard = {name: socket.heard() for name, socket in sockets.items()}
        assert [name for name, _ in heard["ana"]] == ["direct_opened", "message_posted"]
        assert [name for name, _ in heard["ben"]] == ["message_posted", "direct_opened"]
        assert heard["cleo"] == []
        opened = dict(heard["ben"])["direct_opened"]
        assert opened["room"] == {"id": room.id, "name": "ana", "people": ["ana"]}
        assert ">ana</span>" in opened["row"]
        assert ">Ben Okafor</span>" in dict(heard["ana"])["direct_opened"]["row"]

    def test_a_row_told_is_the_row_of_the_page(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        ana = sign_in("ana")
        socket = ana.socket()

        services.rooms.open_direct(cast.ana, ["ben", "cleo"])

        ((_, told),) = socket.heard()
        assert told["row"] in ana.get("/").text


class TestOnPages:
    def test_a_name_leads_to_the_conversation(self, sign_in: SignIn, cast: Cast) -> None:
        ana = sign_in("ana")

        first = ana.post("/directs", {"members": "ben"})
        again = ana.post("/directs", {"members": "@ben"})

        assert first.status_code == 303
        assert first.location == again.location
        page = ana.get(first.location).text
        assert "<title>Ben Okafor, Harbour</title>" in page
        assert 'placeholder="Message Ben Okafor"' in page
        assert "Leave the room" not in page
        assert "Hide until the next message" in page

    def test_refused_marks_the_field_and_keeps_what_was_typed(self, sign_in: SignIn) -> None:
        answer = sign_in("ana").post("/directs", {"members": "ana"})

        assert answer.status_code == 400
        assert "A direct conversation is with 1 to 7 other people." in answer.text
        assert 'value="ana"' in answer.text

    def test_names_are_shown_as_text(self, sign_in: SignIn, services: Services, cast: Cast) -> None:
        invite = services.accounts.invite(cast.ana)
        services.accounts.sign_up("dora", "<b>Dora</b>", PASSWORD, invite)

        answer = sign_in("ana").post("/directs", {"members": "dora"}, follow_redirects=True)

        assert "<b>Dora" not in answer.text
        assert "&lt;b&gt;Dora" in answer.text
