"""Who may open a socket at all. Asked by WSGI, as a server asks: the gate is before Engine.IO."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pymongo.errors import ServerSelectionTimeoutError

from chatapp.services import Services
from tests.cast import HANDSHAKE, ORIGIN, Browser, Cast, knock

SignIn = Callable[[str], Browser]
POLLING = "/socket.io/?EIO=4&transport=polling"


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def _is_through(answer: Any) -> bool:
    """Whether Engine.IO was asked: the test client cannot become a WebSocket, which it minds."""
    return answer.status_code == 400 and not answer.is_json


@pytest.fixture
def made(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of all the sockets that Engine.IO has made."""
    eio = app.extensions["socketio"].server.eio
    ids: list[str] = []
    stock = eio.generate_id

    def generate_id() -> str:
        ids.append(stock())
        return ids[-1]

    monkeypatch.setattr(eio, "generate_id", generate_id)
    return ids


class TestAHandshake:
    def test_is_let_through_with_a_session(self, sign_in: SignIn, made: list[str]) -> None:
        assert _is_through(knock(sign_in("ben")))
        assert len(made) == 1

    def test_W1_of_a_thousand_strangers_makes_nothing(
        self, visitor: Browser, cast: Cast, app: Flask, made: list[str]
    ) -> None:
        for _ in range(1_000):
            assert _code(knock(visitor)) == (401, "not_signed_in")

        assert made == []
        assert app.extensions["socketio"].server.eio.sockets == {}

    @pytest.mark.parametrize("path", [POLLING, "/socket.io", "/socket.io/x?sid=1"])
    def test_W1_of_a_stranger_who_asks_for_something_else_makes_nothing(
        self, visitor: Browser, cast: Cast, made: list[str], path: str
    ) -> None:
        for answer in (
            knock(visitor, path),
            visitor.get(path, headers={"Origin": ORIGIN}),
            visitor.client.post(path, data="40/chat,", headers={"Origin": ORIGIN}),
        ):
            assert _code(answer) == (401, "not_signed_in")
        assert made == []

    @pytest.mark.parametrize(
        "path",
        [
            POLLING,
            "/socket.io/?EIO=3&transport=websocket",
            "/socket.io/?transport=websocket",
            "/socket.io/?EIO=4",
            "/socket.io/?EIO=4&EIO=4&transport=websocket",
            "/socket.io/?EIO=4&transport=websocket&transport=polling",
            "/socket.io/?EIO=4&transport=websocket&sid=x",
            "/socket.io/?EIO=4&transport=polling&j=1",
        ],
    )
    def test_W11_that_is_none_is_refused(self, sign_in: SignIn, made: list[str], path: str) -> None:
        assert _code(knock(sign_in("ben"), path)) == (400, "bad_request")
        assert made == []

    @pytest.mark.parametrize(
        "headers",
        [
            {"Upgrade": None},
            {"Upgrade": "h2c"},
            {"Sec_WebSocket_Version": "8"},
            {"Sec_WebSocket_Version": None},
            {"Sec_WebSocket_Key": None},
        ],
    )
    def test_of_another_protocol_is_refused(
        self, sign_in: SignIn, made: list[str], headers: dict[str, str | None]
    ) -> None:
        assert _code(knock(sign_in("ben"), **headers)) == (400, "bad_request")
        assert made == []

    def test_of_a_made_up_session_is_refused(self, visitor: Browser, cast: Cast) -> None:
        visitor.client.set_cookie("chatapp_5000", "made.up.cookie")

        assert _code(knock(visitor)) == (401, "not_signed_in")

    def test_of_a_closed_account_is_refused(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        ben = sign_in("ben")
        services.database["users"].update_one({"_id": "ben"}, {"$set": {"is_active": False}})

        assert _code(knock(ben)) == (401, "not_signed_in")

    def test_while_the_database_is_away_is_put_off(
        self, sign_in: SignIn, services: Services, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ben = sign_in("ben")

        def away(*_: object, **__: object) -> None:
            raise ServerSelectionTimeoutError("nobody is there")

        monkeypatch.setattr(type(services.database["sessions"]), "find", away)

        assert _code(knock(ben)) == (503, "unavailable")

    def test_before_the_database_is_migrated_is_put_off(
        self, sign_in: SignIn, app: Flask, services: Services, cast: Cast
    ) -> None:
        ben = sign_in("ben")
        services.database.drop_collection("schema_versions")
        app.extensions["chatapp_is_migrated"] = False

        assert _code(knock(ben)) == (503, "not_migrated")

    def test_while_the_process_ends_is_put_off(self, sign_in: SignIn, app: Flask) -> None:
        ben = sign_in("ben")

        app.extensions["farewell"].say()

        assert _code(knock(ben)) == (503, "restarting")

    def test_leaves_nothing_when_it_fails(self, sign_in: SignIn, app: Flask) -> None:
        ben = sign_in("ben")

        for _ in range(app.config["CHATAPP_SOCKETS_PER_PERSON"]):
            assert _is_through(knock(ben))

        assert app.extensions["socketio"].server.eio.sockets == {}
        assert len(app.extensions["lines"]) == 0


class TestTheOrigin:
    @pytest.mark.parametrize("origin", ["http://localhost", "https://localhost"])
    def test_is_the_host_asked_for(self, sign_in: SignIn, origin: str) -> None:
        assert _is_through(knock(sign_in("ben"), origin=origin))

    @pytest.mark.parametrize(
        "origin",
        [
            None,
            "http://evil.example",
            "http://localhost:5001",
            "http://localhost.evil.example",
            "http://evil.example#localhost",
            "http://localhost@evil.example",
            "http://localhost http://evil.example",
            "null",
            "",
            "file://",
            "localhost",
        ],
    )
    def test_S6_of_another_site_or_of_none_is_refused(
        self, sign_in: SignIn, made: list[str], origin: str | None
    ) -> None:
        ben = sign_in("ben")

        for path in (HANDSHAKE, POLLING):
            assert _code(knock(ben, path, origin=origin)) == (403, "foreign_origin")
        assert made == []

    @pytest.mark.parametrize("public_url", ["", "http://localhost"])
    def test_S6_is_not_what_a_forwarded_host_claims(
        self, make_app: Callable[..., Flask], public_url: str
    ) -> None:
        app = make_app(PUBLIC_URL=public_url)

        for forged in ("X_Forwarded_Host", "X_Forwarded_Server", "Forwarded", "X_Original_Host"):
            evil = knock(
                Browser(app), origin="http://evil.example", **{forged: "host=evil.example"}
            )
            assert _code(evil) == (403, "foreign_origin")
            evil = knock(Browser(app), origin="http://evil.example", **{forged: "evil.example"})
            assert _code(evil) == (403, "foreign_origin")

    @pytest.mark.parametrize(
        ("origin", "is_ours"),
        [
            ("https://chat.example.org", True),
            ("https://chat.example.org:8443", False),
            ("https://chat.example.org.", False),
            ("https://chat.example.org/", False),
            ("http://chat.example.org", False),
            ("https://localhost", False),
            ("http://localhost", False),
            ("https://evil.example", False),
            ("null", False),
            ("*", False),
            ("", False),
            (None, False),
        ],
    )
    def test_S6_is_the_public_address_where_there_is_one(
        self, make_app: Callable[..., Flask], origin: str | None, is_ours: bool
    ) -> None:
        app = make_app(PUBLIC_URL="https://chat.example.org")

        answer = knock(Browser(app), origin=origin)

        # A stranger either way: the question is which of the two refusals comes.
        assert _code(answer) == ((401, "not_signed_in") if is_ours else (403, "foreign_origin"))

    def test_of_a_page_is_not_asked_for(self, sign_in: SignIn) -> None:
        answer = sign_in("ben").get("/", headers={"Origin": "http://evil.example"})

        assert answer.status_code == 200
