"""Messages over sockets: the ack, and who hears."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from chatapp.services import Services
from tests.cast import Browser, Cast, Socket

SignIn = Callable[[str], Browser]


@pytest.fixture
def sockets(sign_in: SignIn, cast: Cast) -> dict[str, Socket]:
    """A socket of everybody's."""
    return {username: sign_in(username).socket() for username in ("ana", "ben", "cleo")}


def _asked(cast: Cast, **changed: object) -> dict[str, object]:
    asked = {"room_id": cast.garden.id, "text": "hello", "client_id": str(uuid4())}
    return {**asked, **changed}


def _heard_nothing(sockets: dict[str, Socket]) -> bool:
    return all(socket.heard() == [] for socket in sockets.values())


class TestPosting:
    def test_is_acknowledged_with_the_message(
        self, sockets: dict[str, Socket], services: Services, cast: Cast
    ) -> None:
        asked = _asked(cast)

        ack = sockets["ben"].ask("post_message", asked)

        (stored,) = services.messages.history(cast.ana, cast.garden.id).messages
        assert ack == {"ok": True, "message": stored.public()}
        assert (stored.sender, stored.client_id) == ("ben", asked["client_id"])

    def test_is_heard_by_everybody_inside_and_nobody_outside(
        self, sockets: dict[str, Socket], cast: Cast
    ) -> None:
        ack = sockets["ben"].ask("post_message", _asked(cast))

        for username in ("ana", "ben"):
            ((name, payload),) = sockets[username].heard()
            assert name == "message_posted"
            assert payload["message"] == ack["message"]
        assert sockets["cleo"].heard() == []

    def test_is_told_with_the_row_that_shows_it(
        self, sockets: dict[str, Socket], sign_in: SignIn, cast: Cast
    ) -> None:
        ack = sockets["ben"].ask("post_message", _asked(cast, text="<b>hi</b>"))

        (told,) = sockets["ana"].heard("message_posted")
        assert sorted(told) == ["message", "row"]
        assert told["row"].startswith('<li class="message"')
        assert f'data-message-id="{ack["message"]["id"]}"' in told["row"]
        assert "&lt;b&gt;hi&lt;/b&gt;" in told["row"]
        assert "Ben Okafor" in told["row"]
        assert told["row"] in sign_in("ana").get(f"/rooms/{cast.garden.id}").text

    def test_is_heard_in_every_tab_of_the_sender(
        self, sockets: dict[str, Socket], sign_in: SignIn, cast: Cast
    ) -> None:
        other_tab = sign_in("ben").socket()

        sockets["ben"].ask("post_message", _asked(cast))

        assert len(other_tab.heard("message_posted")) == 1

    def test_again_is_answered_with_the_first_and_heard_by_nobody(
        self, sockets: dict[str, Socket], cast: Cast
    ) -> None:
        asked = _asked(cast)
        first = sockets["ben"].ask("post_message", asked)
        for socket in sockets.values():
            socket.heard()

        again = sockets["ben"].ask("post_message", {**asked, "text": "other words"})

        assert again == first
        assert _heard_nothing(sockets)

    def test_takes_the_longest_message(self, sockets: dict[str, Socket], cast: Cast) -> None:
        ack = sockets["ben"].ask("post_message", _asked(cast, text="🌱" * 4000))

        assert ack["ok"]

    def test_takes_a_message_without_a_client_id(
        self, sockets: dict[str, Socket], cast: Cast
    ) -> None:
        ack = sockets["ben"].ask("post_message", {"room_id": cast.garden.id, "text": "hello"})

        assert ack["message"]["client_id"]


class TestAChange:
    def test_is_heard_inside_with_the_row_of_the_page(
        self, sockets: dict[str, Socket], sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        said = sockets["ben"].ask("post_message", _asked(cast))["message"]
        for socket in sockets.values():
            socket.heard()

        services.messages.retell(cast.ana, cast.garden.id, said["id"])

        for username in ("ana", "ben"):
            ((name, payload),) = sockets[username].heard()
            assert (name, payload["message"]) == ("message_changed", {**said, "changes": 1})
            assert payload["row"] in sign_in("ana").get(f"/rooms/{cast.garden.id}").text
        assert sockets["cleo"].heard() == []


REFUSED = [
    ({"text": ""}, {"code": "message_empty"}),
    ({"text": " \n "}, {"code": "message_empty"}),
    ({"text": "a" * 4001}, {"code": "message_too_long", "limit": 4000}),
    ({"text": "bell\x07"}, {"code": "bad_text"}),
    ({"text": "\ud800"}, {"code": "bad_text"}),
    ({"room_id": "0" * 24}, {"code": "room_not_found"}),
    ({"room_id": "no id"}, {"code": "room_not_found"}),
    ({"room_id": ""}, {"code": "room_not_found"}),
    ({"text": None}, {"code": "bad_request", "fields": ["text"]}),
    ({"text": 5}, {"code": "bad_request", "fields": ["text"]}),
    ({"text": ["a"]}, {"code": "bad_request", "fields": ["text"]}),
    ({"room_id": 5}, {"code": "bad_request", "fields": ["room_id"]}),
    ({"room_id": {"$ne": ""}}, {"code": "bad_request", "fields": ["room_id"]}),
    ({"room_id": "a" * 65}, {"code": "bad_request", "fields": ["room_id"]}),
    ({"client_id": ""}, {"code": "bad_request", "fields": ["client_id"]}),
    ({"client_id": "a" * 65}, {"code": "bad_request", "fields": ["client_id"]}),
    ({"client_id": "a b"}, {"code": "bad_request", "fields": ["client_id"]}),
    ({"client_id": "a\n"}, {"code": "bad_request", "fields": ["client_id"]}),
    ({"client_id": 7}, {"code": "bad_request", "fields": ["client_id"]}),
    ({"seq": 1}, {"code": "bad_request", "fields": ["seq"]}),
    ({"sender": "ana"}, {"code": "bad_request", "fields": ["sender"]}),
    ({"created_at": "x"}, {"code": "bad_request", "fields": ["created_at"]}),
    ({"id": "0" * 24}, {"code": "bad_request", "fields": ["id"]}),
]
NO_ARGUMENT_LIST = [(), ({}, {}), ([],), ("text",), (5,), (True,), (None,), ([{}],), ({},)]


class TestARefusal:
    @pytest.mark.parametrize(("changed", "error"), REFUSED)
    def test_says_why_and_nothing_is_written_or_heard(
        self,
        sockets: dict[str, Socket],
        services: Services,
        cast: Cast,
        changed: dict[str, object],
        error: dict[str, Any],
    ) -> None:
        ack = sockets["ben"].ask("post_message", _asked(cast, **changed))

        message = ack["error"].pop("message")
        assert ack == {"ok": False, "error": error}
        assert message.endswith(".")
        assert services.database["messages"].count_documents({}) == 0
        assert _heard_nothing(sockets)

    @pytest.mark.parametrize("arguments", NO_ARGUMENT_LIST)
    def test_is_given_to_anything_but_one_object_of_the_right_shape(
        self,
        sockets: dict[str, Socket],
        services: Services,
        arguments: tuple[object, ...],
    ) -> None:
        ack = sockets["ben"].ask("post_message", *arguments)

        assert (ack["ok"], ack["error"]["code"]) == (False, "bad_request")
        assert services.database["messages"].count_documents({}) == 0
        assert _heard_nothing(sockets)

    def test_leaves_the_socket_in_use(self, sockets: dict[str, Socket], cast: Cast) -> None:
        sockets["ben"].ask("post_message", 5)

        assert sockets["ben"].ask("post_message", _asked(cast))["ok"]

    def test_to_an_outsider_is_that_of_a_room_that_never_was(
        self, sockets: dict[str, Socket], services: Services, cast: Cast
    ) -> None:
        outside = sockets["cleo"].ask("post_message", _asked(cast))
        nowhere = sockets["cleo"].ask("post_message", _asked(cast, room_id="0" * 24))

        assert outside == nowhere
        assert outside["error"]["code"] == "room_not_found"
        assert _heard_nothing(sockets)

        services.rooms.add_members(cast.ana, cast.garden.id, ["cleo"])
        assert sockets["cleo"].ask("post_message", _asked(cast))["ok"]

    def test_follows_the_end_of_a_session(self, sign_in: SignIn, cast: Cast) -> None:
        ben = sign_in("ben")
        socket = ben.socket()
        ben.post("/logout")

        # The test client is not closed by the server; a socket that lingers learns nothing.
        ack = socket.ask("post_message", _asked(cast))

        assert (ack["ok"], ack["error"]["code"]) == (False, "not_signed_in")

    def test_of_what_nobody_expected_has_a_number_that_is_in_the_log(
        self,
        sockets: dict[str, Socket],
        services: Services,
        cast: Cast,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        collection = type(services.database["messages"])
        monkeypatch.setattr(collection, "insert_many", lambda *_: 1 / 0)  # a disk full of surprises

        ack = sockets["ben"].ask("post_message", _asked(cast))

        assert (ack["ok"], ack["error"]["code"]) == (False, "internal_error")
        assert ack["error"]["incident"] in caplog.text
        assert "ZeroDivisionError" not in str(ack)
