"""Typing over sockets: who hears, and that no message waits for it."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.cast import Browser, Cast

SignIn = Callable[[str], Browser]


class TestTyping:
    def test_is_heard_by_members_and_by_nobody_outside(self, sign_in: SignIn, cast: Cast) -> None:
        sockets = {name: sign_in(name).socket() for name in ("ana", "ben", "cleo")}

        ack = sockets["ben"].ask("typing", {"room_id": cast.garden.id})

        told = {"room_id": cast.garden.id, "username": "ben", "display_name": "Ben Okafor"}
        assert ack == {"ok": True}
        assert sockets["ana"].heard() == [("typing", told)]
        assert sockets["ben"].heard() == [("typing", told)]
        assert sockets["cleo"].heard() == []

    def test_of_an_outsider_is_refused_and_unheard(self, sign_in: SignIn, cast: Cast) -> None:
        ana, cleo = sign_in("ana").socket(), sign_in("cleo").socket()

        outside = cleo.ask("typing", {"room_id": cast.garden.id})
        nowhere = cleo.ask("typing", {"room_id": "0" * 24})

        assert outside == nowhere
        assert outside["error"]["code"] == "room_not_found"
        assert ana.heard() == []

    @pytest.mark.parametrize(
        "asked", [{}, {"room_id": 5}, {"room_id": "a" * 65}, {"room_id": "a", "username": "ana"}]
    )
    def test_takes_a_room_and_nothing_else(self, sign_in: SignIn, asked: dict[str, object]) -> None:
        ack = sign_in("ben").socket().ask("typing", asked)

        assert ack["error"]["code"] == "bad_request"

    def test_too_often_is_well_and_unheard(self, sign_in: SignIn, cast: Cast) -> None:
        ana, ben = sign_in("ana").socket(), sign_in("ben")
        asked = {"room_id": cast.garden.id}

        acks = [tab.ask("typing", asked) for tab in (ben.socket(), ben.socket())]

        assert acks == [{"ok": True}] * 2
        assert len(ana.heard("typing")) == 1


class TestTheAllowance:
    @pytest.fixture
    def app(self, make_app: Callable[..., Flask]) -> Flask:
        return make_app(CHATAPP_MESSAGES_BURST="3", CHATAPP_MESSAGES_PER_SECOND="1")

    def test_of_messages_is_not_used_up_by_typing(self, sign_in: SignIn, cast: Cast) -> None:
        socket = sign_in("ben").socket()
        said = {"room_id": cast.garden.id, "text": "hello"}

        hints = [socket.ask("typing", {"room_id": cast.garden.id}) for _ in range(5)]
        messages = [socket.ask("post_message", said) for _ in range(3)]

        assert [ack["ok"] for ack in messages] == [True] * 3
        assert [ack["ok"] for ack in hints] == [True] * 3 + [False] * 2

    def test_W6_of_typing_is_counted_before_anything_is_looked_at(self, sign_in: SignIn) -> None:
        socket = sign_in("ben").socket()

        acks = [socket.ask("typing", ["no", "schema", "fits"]) for _ in range(4)]

        assert [ack["error"]["code"] for ack in acks] == ["bad_request"] * 3 + ["slow_down"]


class TestTheSetting:
    @pytest.fixture
    def app(self, make_app: Callable[..., Flask]) -> Flask:
        return make_app(CHATAPP_TYPING_PER_MINUTE="1000000000")

    def test_lets_a_room_hear_it_more_often(self, sign_in: SignIn, cast: Cast) -> None:
        socket = sign_in("ben").socket()

        for _ in range(5):
            socket.ask("typing", {"room_id": cast.garden.id})

        assert len(socket.heard("typing")) == 5
