"""Who hears of a room, and who does not."""

from collections.abc import Callable
from typing import Any

import pytest

from chatapp.rooms.entities import Room
from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Cast, Socket

SignIn = Callable[[str], Browser]
Sockets = dict[str, Socket]


@pytest.fixture
def sockets(sign_in: SignIn, cast: Cast) -> Sockets:
    """Two tabs of Ben's, one of everybody else's."""
    return {
        "ana": sign_in("ana").socket(),
        "ben": sign_in("ben").socket(),
        "ben again": sign_in("ben").socket(),
        "cleo": sign_in("cleo").socket(),
    }


def _heard(sockets: Sockets) -> dict[str, list[Any]]:
    """Without the quiet lines in the conversation: see tests/chat/test_quiet_lines.py."""
    return {
        who: [
            (name, told) for name, told in socket.heard() if "kind" not in told.get("message", {})
        ]
        for who, socket in sockets.items()
    }


def _names(sockets: Sockets) -> dict[str, list[str]]:
    return {who: [name for name, _ in told] for who, told in _heard(sockets).items()}


def _public(room: Room) -> dict[str, str]:
    return {"id": room.id, "name": room.name}


class TestANewRoom:
    def test_is_heard_of_by_its_first_members_alone(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        shed = services.rooms.create(cast.ana, "Shed", ["ben"])

        heard = _heard(sockets)
        for who in ("ana", "ben", "ben again"):
            ((name, payload),) = heard[who]
            assert name == "room_created"
            assert payload["room"] == _public(shed)
            assert f'data-room-id="{shed.id}"' in payload["row"]
            assert "Shed" in payload["row"]
        assert heard["cleo"] == []

    def test_is_one_they_are_in_at_once(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        shed = services.rooms.create(cast.ana, "Shed", ["ben"])
        _heard(sockets)

        services.messages.post(cast.ana, shed.id, "hello")

        assert _names(sockets) == {
            "ana": ["message_posted"],
            "ben": ["message_posted"],
            "ben again": ["message_posted"],
            "cleo": [],
        }


class TestRenaming:
    def test_is_heard_inside_and_not_outside(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        services.rooms.rename(cast.ana, cast.garden.id, "Orchard")

        told = ("room_renamed", {"room": {"id": cast.garden.id, "name": "Orchard"}})
        assert _heard(sockets) == {"ana": [told], "ben": [told], "ben again": [told], "cleo": []}


class TestTheKind:
    def test_is_heard_inside_and_the_directory_by_everybody(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        services.rooms.open(cast.ana, cast.garden.id)

        heard = _heard(sockets)
        for who in ("ana", "ben", "ben again"):
            (name, payload), directory = heard[who]
            assert (name, payload["room_id"], payload["is_open"]) == (
                "room_kind_changed",
                cast.garden.id,
                True,
            )
            assert f'data-room-id="{cast.garden.id}"' in payload["room_row"]
            assert directory == ("directory_changed", {})
        assert heard["cleo"] == [("directory_changed", {})]


class TestJoining:
    def test_lets_one_hear_what_follows(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        meadow = services.rooms.create_open(cast.ana, "Meadow")
        _heard(sockets)

        services.rooms.join(cast.cleo, meadow.id)
        services.messages.post(cast.ana, meadow.id, "welcome")

        assert _names(sockets) == {
            "ana": ["member_added", "message_posted"],
            "ben": [],
            "ben again": [],
            "cleo": ["member_added", "message_posted"],
        }


class TestArchiving:
    def test_and_restoring_are_heard_inside_and_not_outside(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        services.rooms.archive(cast.ana, cast.garden.id)
        archived = _heard(sockets)
        services.rooms.restore(cast.ana, cast.garden.id)
        restored = _heard(sockets)

        for who in ("ana", "ben", "ben again"):
            assert archived[who] == [("room_archived", {"room_id": cast.garden.id})]
            ((name, payload),) = restored[who]
            assert (name, payload["room_id"]) == ("room_restored", cast.garden.id)
            assert f'data-room-id="{cast.garden.id}"' in payload["room_row"]
        assert archived["cleo"] == restored["cleo"] == []


class TestALevel:
    def test_is_heard_by_oneself_alone(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        services.rooms.notify(cast.ben, cast.garden.id, "nothing")

        told = ("level_changed", {"room_id": cast.garden.id, "level": "nothing"})
        assert _heard(sockets) == {"ana": [], "ben": [told], "ben again": [told], "cleo": []}


class TestATopic:
    def test_is_heard_inside_and_not_outside(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        services.rooms.change_topic(cast.ana, cast.garden.id, "Beds")

        told = ("topic_changed", {"room_id": cast.garden.id, "topic": "Beds"})
        assert _heard(sockets) == {"ana": [told], "ben": [told], "ben again": [told], "cleo": []}


class TestAdding:
    def test_is_heard_by_the_room_and_by_who_is_added(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        services.rooms.add_members(cast.ana, cast.garden.id, ["cleo"])

        heard = _heard(sockets)
        for told in heard.values():
            ((name, payload),) = told
            assert name == "member_added"
            assert payload["room"] == _public(cast.garden)
            assert payload["room_id"] == cast.garden.id
            assert payload["member"] == {
                "username": "cleo",
                "is_room_admin": False,
                "display_name": "Cleo Marin",
            }
            assert 'data-username="cleo"' in payload["row"]
            assert f'data-room-id="{cast.garden.id}"' in payload["room_row"]

    def test_lets_them_hear_what_follows_and_nothing_before(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        services.messages.post(cast.ben, cast.garden.id, "before")
        assert _names(sockets)["cleo"] == []

        services.rooms.add_members(cast.ana, cast.garden.id, ["cleo"])
        services.messages.post(cast.ben, cast.garden.id, "after")

        assert _names(sockets)["cleo"] == ["member_added", "message_posted"]

    def test_who_is_in_already_is_heard_by_nobody(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        services.rooms.add_members(cast.ana, cast.garden.id, ["ben"])

        assert not any(_heard(sockets).values())

    def test_a_new_account_to_the_open_room_is_heard_there(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        services.accounts.sign_up("dora", "Dora", PASSWORD, services.accounts.invite(cast.ana))

        assert set(map(tuple, _names(sockets).values())) == {("member_added",)}


class TestRemoving:
    @pytest.mark.parametrize("by", ["ana", "ben"])
    def test_is_heard_by_the_room_and_by_who_is_gone(
        self, sockets: Sockets, services: Services, cast: Cast, by: str
    ) -> None:
        if by == "ana":
            services.rooms.remove_member(cast.ana, cast.garden.id, "ben")
        else:
            services.rooms.leave(cast.ben, cast.garden.id)

        told = ("member_removed", {"room_id": cast.garden.id, "username": "ben"})
        assert _heard(sockets) == {"ana": [told], "ben": [told], "ben again": [told], "cleo": []}

    def test_lets_them_hear_nothing_more(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        services.rooms.remove_member(cast.ana, cast.garden.id, "ben")
        _heard(sockets)

        services.messages.post(cast.ana, cast.garden.id, "now we can talk")
        services.rooms.rename(cast.ana, cast.garden.id, "Secret garden")
        services.rooms.add_members(cast.ana, cast.garden.id, ["cleo"])

        names = _names(sockets)
        assert names["ana"] == ["message_posted", "room_renamed", "member_added"]
        assert names["cleo"] == ["member_added"]
        assert names["ben"] == names["ben again"] == []

    def test_leaves_their_other_rooms_to_be_heard(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        shed = services.rooms.create(cast.ana, "Shed", ["ben"])
        services.rooms.remove_member(cast.ana, cast.garden.id, "ben")
        _heard(sockets)

        services.messages.post(cast.ana, shed.id, "still here?")

        assert _names(sockets)["ben"] == ["message_posted"]

    def test_lets_no_new_tab_of_theirs_listen(
        self, sockets: Sockets, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        services.rooms.remove_member(cast.ana, cast.garden.id, "ben")
        new_tab = sign_in("ben").socket()

        services.messages.post(cast.ana, cast.garden.id, "now we can talk")

        assert new_tab.heard() == []

    def test_and_adding_again_lets_them_hear_again(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        services.rooms.remove_member(cast.ana, cast.garden.id, "ben")
        services.rooms.add_members(cast.ana, cast.garden.id, ["ben"])
        _heard(sockets)

        services.messages.post(cast.ana, cast.garden.id, "welcome back")

        assert _names(sockets)["ben"] == ["message_posted"]


class TestMakingAnAdmin:
    def test_is_heard_inside_and_not_outside(
        self, sockets: Sockets, services: Services, cast: Cast
    ) -> None:
        services.rooms.make_admin(cast.ana, cast.garden.id, "ben")
        made = _heard(sockets)
        services.rooms.unmake_admin(cast.ana, cast.garden.id, "ben")
        unmade = _heard(sockets)

        for heard, is_admin in ((made, True), (unmade, False)):
            assert heard["cleo"] == []
            for who in ("ana", "ben", "ben again"):
                ((name, payload),) = heard[who]
                assert name == "member_changed"
                assert payload["room_id"] == cast.garden.id
                assert payload["member"] == {
                    "username": "ben",
                    "is_room_admin": is_admin,
                    "display_name": "Ben Okafor",
                }
                assert f'data-is-admin="{str(is_admin).lower()}"' in payload["row"]


class TestARefusal:
    def test_is_heard_by_nobody_else(self, sockets: Sockets, sign_in: SignIn, cast: Cast) -> None:
        for username in ("ben", "cleo"):
            browser = sign_in(username)
            for path, form in {"edit": {"name": "Mine"}, "members": {"members": "cleo"}}.items():
                assert browser.post(f"/rooms/{cast.garden.id}/{path}", form).status_code >= 400

        assert not any(_heard(sockets).values())
