"""What happens to a room is told in its conversation, in its place and to those inside."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from chatapp.chat.entities import Message
from chatapp.chat.events import MessagePosted
from chatapp.rooms.events import MemberRemoved
from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Cast, Listening

SignIn = Callable[[str], Browser]


def _lines(services: Services, cast: Cast) -> list[Message]:
    return services.messages.history(cast.ana, cast.garden.id).messages


def _words(page: str) -> list[str]:
    shown = re.findall(r'<p class="message__quiet">(.*?)<time', page, re.S)
    return [unescape(re.sub("<[^>]+>", "", line)).strip() for line in shown]


class TestALine:
    def test_stands_in_the_one_order_of_the_room(self, services: Services, cast: Cast) -> None:
        services.messages.post(cast.ben, cast.garden.id, "before")
        services.rooms.rename(cast.ana, cast.garden.id, "Orchard")
        services.messages.post(cast.ben, cast.garden.id, "after")

        before, line, after = _lines(services, cast)
        assert [before.seq, line.seq, after.seq] == [1, 2, 3]
        assert (line.kind, line.sender, line.about) == ("renamed", "ana", {"name": "Orchard"})
        assert before.kind == after.kind == "message"

    def test_says_what_it_is_to_programs(self, services: Services, cast: Cast) -> None:
        services.rooms.leave(cast.ben, cast.garden.id)

        (line,) = _lines(services, cast)
        public = line.public()
        assert (public["kind"], public["about"]) == ("left", {"usernames": ["ben"]})
        assert (public["text"], public["sender"]) == ("", "ben")

    def test_is_said_in_words(self, sign_in: SignIn, services: Services, cast: Cast) -> None:
        rooms, room_id = services.rooms, cast.garden.id
        rooms.rename(cast.ana, room_id, "Or<hard")
        rooms.change_topic(cast.ana, room_id, "Beds & bees")
        rooms.change_topic(cast.ana, room_id, "")
        rooms.open(cast.ana, room_id)
        rooms.close(cast.ana, room_id)
        rooms.archive(cast.ana, room_id)
        rooms.restore(cast.ana, room_id)
        rooms.add_members(cast.ana, room_id, ["cleo"])
        rooms.remove_member(cast.ana, room_id, "cleo")
        rooms.leave(cast.ben, room_id)
        services.quiet_lines.note(room_id, "joined", {"usernames": ["ben"]}, "ben")
        services.quiet_lines.note(room_id, "unheard of", {}, "ben")

        assert _words(sign_in("ana").get(f"/rooms/{room_id}").text) == [
            "ana renamed the room to Or<hard",
            "ana changed the topic to Beds & bees",
            "ana took the topic away",
            "ana opened the room: anybody can join it",
            "ana closed the room: people come in by invitation",
            "ana archived the room",
            "ana restored the room",
            "ana added Cleo Marin",
            "ana removed Cleo Marin",
            "Ben Okafor left",
            "Ben Okafor joined",
            "",
        ]

    @pytest.mark.parametrize(
        ("count", "words"),
        [
            (1, "ana added p0"),
            (2, "ana added p0 and p1"),
            (3, "ana added p0, p1 and p2"),
            (9, "ana added p0, p1, p2, p3, p4, p5, p6, p7 and 1 other"),
            (10, "ana added p0, p1, p2, p3, p4, p5, p6, p7 and 2 others"),
        ],
    )
    def test_names_a_few_of_many(
        self, sign_in: SignIn, services: Services, cast: Cast, count: int, words: str
    ) -> None:
        people = [f"p{number}" for number in range(count)]
        services.quiet_lines.note(cast.garden.id, "added", {"usernames": people}, "ana")

        assert _words(sign_in("ana").get(f"/rooms/{cast.garden.id}").text) == [words]

    def test_is_told_as_a_message_with_the_row_of_the_page(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        ana = sign_in("ana")
        socket = ana.socket()

        services.rooms.rename(cast.ana, cast.garden.id, "Orchard")

        (told,) = socket.heard("message_posted")
        assert told["message"] == _lines(services, cast)[0].public()
        assert told["row"] in ana.get(f"/rooms/{cast.garden.id}").text


class TestPeopleWhoCome:
    def test_together_are_one_line(self, services: Services, cast: Cast) -> None:
        invite = services.accounts.invite(cast.ana)
        services.accounts.sign_up("dora", "Dora", PASSWORD, invite)

        services.rooms.add_members(cast.ana, cast.garden.id, ["cleo", "ben", "dora"])

        (line,) = _lines(services, cast)
        assert (line.kind, line.about) == ("added", {"usernames": ["cleo", "dora"]})

    def test_hear_of_it_themselves(self, sign_in: SignIn, services: Services, cast: Cast) -> None:
        cleo = sign_in("cleo").socket()

        services.rooms.add_members(cast.ana, cast.garden.id, ["cleo"])

        assert [name for name, _ in cleo.heard()] == ["member_added", "message_posted"]

    def test_were_there_already_and_leave_no_line(self, services: Services, cast: Cast) -> None:
        services.rooms.add_members(cast.ana, cast.garden.id, ["ben"])

        assert _lines(services, cast) == []

    def test_first_leave_no_line(self, services: Services, cast: Cast) -> None:
        shed = services.rooms.create(cast.ana, "Shed", ["ben", "cleo"])

        assert services.messages.history(cast.ana, shed.id).head == 0

    def test_new_to_the_workspace_leave_no_line_in_every_open_room(
        self, services: Services, cast: Cast
    ) -> None:
        services.accounts.sign_up("dora", "Dora", PASSWORD, services.accounts.invite(cast.ana))

        (general,) = services.rooms.list_for(cast.cleo)
        assert services.messages.history(cast.cleo, general.room_id).head == 0


class TestWhoIsRemoved:
    def test_is_out_before_the_line_is_told(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        ben = sign_in("ben").socket()

        services.rooms.remove_member(cast.ana, cast.garden.id, "ben")

        assert [name for name, _ in ben.heard()] == ["member_removed"]

    def test_is_removed_where_no_line_can_be_written(
        self,
        services: Services,
        cast: Cast,
        told: Listening,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(services.quiet_lines, "note", lambda *_: 1 / 0)

        services.rooms.remove_member(cast.ana, cast.garden.id, "ben")

        assert len(told.of(MemberRemoved)) == 1
        assert told.of(MessagePosted) == []
        assert "ZeroDivisionError" in caplog.text
