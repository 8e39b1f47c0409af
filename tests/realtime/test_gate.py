"""Who may open a socket at all. Asked by WSGI, as a server asks: the gate is before Engine.IO."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import ServerSelectionTimeoutError

from chatapp.services import Services
from tests.cast import Browser, Cast

SignIn = Callable[[str], Browser]
HANDSHAKE = "/socket.io/?EIO=4&transport=websocket"
POLLING = "/socket.io/?EIO=4&transport=polling"


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def _is_through(answer: Any) -> bool:
    """Whether Engine.IO was asked: the test client cannot become a WebSocket, which it minds."""
    return answer.status_code == 400 and not answer.is_json


class TestAHandshake:
    def test_is_let_through_with_a_session(self, sign_in: SignIn) -> None:
        assert _is_through(sign_in("ben").get(POLLING))

    @pytest.mark.parametrize("path", [HANDSHAKE, POLLING, "/socket.io", "/socket.io/x?sid=1"])
    def test_of_a_stranger_is_refused_before_anything_else(
        self, visitor: Browser, cast: Cast, path: str
    ) -> None:
        for answer in (visitor.get(path), visitor.client.post(path, data="40/chat,")):
            assert _code(answer) == (401, "not_signed_in")

    def test_of_a_made_up_session_is_refused(self, visitor: Browser, cast: Cast) -> None:
        visitor.client.set_cookie("chatapp_5000", "made.up.cookie")

        assert _code(visitor.get(HANDSHAKE)) == (401, "not_signed_in")

    def test_of_a_closed_account_is_refused(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        ben = sign_in("ben")
        services.database["users"].update_one({"_id": "ben"}, {"$set": {"is_active": False}})

        assert _code(ben.get(HANDSHAKE)) == (401, "not_signed_in")

    def test_while_the_database_is_away_is_put_off(
        self, sign_in: SignIn, services: Services, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ben = sign_in("ben")

        def away(*_: object, **__: object) -> None:
            raise ServerSelectionTimeoutError("nobody is there")

        monkeypatch.setattr(type(services.database["sessions"]), "find_one", away)

        assert _code(ben.get(HANDSHAKE)) == (503, "unavailable")

    def test_before_the_database_is_migrated_is_put_off(
        self, sign_in: SignIn, app: Flask, services: Services, cast: Cast
    ) -> None:
        ben = sign_in("ben")
        services.database.drop_collection("schema_versions")
        app.extensions["chatapp_is_migrated"] = False

        assert _code(ben.get(HANDSHAKE)) == (503, "not_migrated")


class TestTheOrigin:
    @pytest.mark.parametrize("origin", [None, "http://localhost", "https://localhost"])
    def test_is_the_host_asked_for_or_none_at_all(
        self, sign_in: SignIn, origin: str | None
    ) -> None:
        headers = {} if origin is None else {"Origin": origin}

        assert _is_through(sign_in("ben").get(POLLING, headers=headers))

    @pytest.mark.parametrize(
        "origin",
        [
            "http://evil.example",
            "http://localhost:5001",
            "http://localhost.evil.example",
            "http://evil.example#localhost",
            "null",
            "",
            "file://",
            "localhost",
        ],
    )
    def test_of_another_site_is_refused(self, sign_in: SignIn, origin: str) -> None:
        for path in (HANDSHAKE, POLLING):
            answer = sign_in("ben").get(path, headers={"Origin": origin})
            assert _code(answer) == (403, "foreign_origin")

    def test_is_not_what_a_forwarded_host_claims(self, sign_in: SignIn) -> None:
        headers = {"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"}

        assert _code(sign_in("ben").get(POLLING, headers=headers)) == (403, "foreign_origin")

    @pytest.mark.parametrize(
        ("origin", "is_ours"),
        [
            ("https://chat.example.org", True),
            ("https://chat.example.org:8443", False),
            ("http://chat.example.org", False),
            ("https://localhost", False),
            ("https://evil.example", False),
        ],
    )
    def test_is_the_public_address_where_there_is_one(
        self, make_app: Callable[..., Flask], origin: str, is_ours: bool
    ) -> None:
        app = make_app(PUBLIC_URL="https://chat.example.org")

        answer = Browser(app).get(POLLING, headers={"Origin": origin})

        # A stranger either way: the question is which of the two refusals comes.
        assert _code(answer) == ((401, "not_signed_in") if is_ours else (403, "foreign_origin"))

    def test_of_a_page_is_not_asked_for(self, sign_in: SignIn) -> None:
        answer = sign_in("ben").get("/", headers={"Origin": "http://evil.example"})

        assert answer.status_code == 200
