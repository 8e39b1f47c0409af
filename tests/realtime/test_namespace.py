"""Connecting to /chat, and an answer to whatever is asked there."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import websocket
from flask import Flask

from chatapp.core import clock
from chatapp.realtime import namespace
from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Cast, Socket
from tests.corpora.json_texts import J
from tests.realtime.test_strict_json import TAKEN
from tests.server import GENEROUS
from tests.wire import LIMIT_SECONDS, Person, Wire, until

SignIn = Callable[[str], Browser]
OpenWire = Callable[[Person], Wire]
# Not every JSON value below is one: what is none is refused as what it is, a bad frame.
NO_JSON = {name: text for name, text in J.items() if len(text) < 60_000}  # fits a frame
CORPUS = {**NO_JSON, **{name: text for name, (text, _) in TAKEN.items()}}
MALFORMED = ["str", ["x"], 5, True, False, "", [], {}, None, 0, {"csrf": None}, {"csrf": ["x"]}]

NO_REQUESTS = [
    "no_such_request",
    "join",
    "leave",
    "connect",
    "disconnect",
    "connect_error",
    "message",
    "json",
    "message_posted",
    "trigger_event",
    "__init__",
    "*",
    "",
]


class TestConnecting:
    def test_is_open_to_who_has_the_token_of_the_page(self, sign_in: SignIn) -> None:
        assert sign_in("ben").socket().is_connected

    @pytest.mark.parametrize("auth", [*MALFORMED[:4], {"csrf": ""}, {"csrf": "made up"}])
    def test_without_the_token_is_refused(self, sign_in: SignIn, auth: object) -> None:
        assert not Socket(sign_in("ben"), auth).is_connected

    def test_with_the_token_of_another_session_is_refused(self, sign_in: SignIn) -> None:
        bens, cleos = sign_in("ben"), sign_in("cleo")

        assert not Socket(bens, {"csrf": cleos.csrf()}).is_connected
        assert Socket(bens, {"csrf": bens.csrf()}).is_connected

    def test_of_a_stranger_is_refused(self, visitor: Browser, cast: Cast) -> None:
        assert not visitor.socket().is_connected

    def test_after_signing_out_is_refused(self, sign_in: SignIn) -> None:
        ben = sign_in("ben")
        auth = {"csrf": ben.csrf()}
        assert Socket(ben, auth).is_connected

        ben.post("/logout")

        assert not Socket(ben, auth).is_connected


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(**GENEROUS)


@pytest.fixture
def ben(live: str, cast: Cast) -> Person:
    """Ben, with a real connection to a real port."""
    person = Person(live)
    person.post("/login", username="ben", password=PASSWORD)
    return person


@pytest.fixture
def open_wire() -> Iterator[Callable[[Person], Wire]]:
    """Return a function that opens a real socket; all are closed at the end."""
    opened: list[Wire] = []

    def open_one(person: Person) -> Wire:
        opened.append(person.socket())
        return opened[-1]

    yield open_one
    for wire in opened:
        wire.close()


@pytest.fixture
def wire(ben: Person, open_wire: OpenWire) -> Wire:
    return open_wire(ben)


class TestConnectingForReal:
    def test_refuses_a_malformed_auth_with_a_code_and_a_sentence(
        self, live: str, ben: Person
    ) -> None:
        for auth in MALFORMED:
            (answer,) = _connect(live, ben, "" if auth is None else json.dumps(auth))

            assert answer.startswith("44/chat,"), auth
            refused = json.loads(answer.removeprefix("44/chat,"))
            assert refused["data"]["code"] == "bad_csrf"
            assert refused["message"] == refused["data"]["message"]

    def test_S7_lets_nobody_in_for_any_auth(
        self, live: str, ben: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tries: list[object] = []
        stock = namespace.check_csrf
        monkeypatch.setattr(
            namespace, "check_csrf", lambda auth, *rest: (tries.append(auth), stock(auth, *rest))
        )
        for name, text in CORPUS.items():
            for auth in (text, f'{{"csrf":{text}}}'):
                tries.clear()

                (answer,) = _connect(live, ben, auth)

                assert answer == "" or answer.startswith("44/chat,"), name
                assert len(tries) <= 1, name  # Flask-SocketIO would ask again after a TypeError

    def test_lets_nothing_be_asked_by_who_was_refused(self, live: str, ben: Person) -> None:
        asked = '42/chat,1["post_message",{}]'

        again = "40/chat," + json.dumps({"csrf": ben.csrf()})

        _, after = _connect(live, ben, '{"csrf":"x"}', asked, again)

        assert after.startswith("40/chat,")  # the request before it was not answered

    def test_knows_no_other_namespace(self, live: str, ben: Person) -> None:
        for prefix in ("", "/admin,", "/chat2,", "/chat?x=1,"):
            (answer,) = _frames(live, ben, f"40{prefix}" + json.dumps({"csrf": ben.csrf()}))
            assert answer == ""  # closed


def _connect(live: str, person: Person, auth: str, *more: str) -> list[str]:
    return _frames(live, person, f"40/chat,{auth}", *more)


def _frames(live: str, person: Person, first: str, *more: str) -> list[str]:
    """Send frames over a new socket; return an answer to the first, and one to the rest."""
    socket = websocket.create_connection(
        live.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket",
        timeout=LIMIT_SECONDS,
        cookie=person.cookie(),
        origin=live,
    )
    try:
        assert str(socket.recv()).startswith("0{")
        socket.send(first)
        answers = [str(socket.recv())]
        for frame in more:
            socket.send(frame)
        return [*answers, *([str(socket.recv())] if more else [])]
    finally:
        socket.shutdown()  # `close()` leaves open what the other side has closed


class TestAsking:
    def test_for_what_there_is_not_is_answered(self, wire: Wire, services: Services) -> None:
        for name in NO_REQUESTS:
            for payload in ({}, {"csrf": "x"}, None, ["x"]):
                ack = wire.ask(name, payload)
                assert (ack["ok"], ack["error"]["code"]) == (False, "bad_event"), name

        assert services.database["messages"].count_documents({}) == 0
        assert wire.is_open

    def test_goes_on_after_nonsense(self, wire: Wire, cast: Cast) -> None:
        wire.ask("no_such_request", {})

        ack = wire.ask("post_message", {"room_id": cast.garden.id, "text": "hello"})

        assert ack["ok"]

    def test_is_answered_in_order_and_heard_in_order(self, wire: Wire, cast: Cast) -> None:
        acks = [
            wire.ask("post_message", {"room_id": cast.garden.id, "text": f"no. {number}"})
            for number in range(5)
        ]
        wire.wait(lambda: len(wire.of("message_posted")) == 5)

        assert [ack["message"]["seq"] for ack in acks] == [1, 2, 3, 4, 5]
        assert [told["message"] for told in wire.of("message_posted")] == [
            ack["message"] for ack in acks
        ]

    def test_I2_is_refused_where_it_is_no_json_and_nobody_else_is_troubled(
        self, ben: Person, open_wire: OpenWire, cast: Cast
    ) -> None:
        wire, bystander = open_wire(ben), open_wire(ben)

        for number, text in enumerate(NO_JSON.values()):
            wire.send(f'42/chat,{number}["post_message",{text or "}"}]')
            wire.wait(lambda: number in wire.acks)  # noqa: B023
            assert wire.acks[number]["error"]["code"] == "bad_request", text

        said = {"room_id": cast.garden.id, "text": "hello"}
        assert bystander.ask("post_message", said)["ok"]
        wire.wait(lambda: len(wire.of("message_posted")) == 1)
        assert bystander.of("message_posted") == wire.of("message_posted")

    def test_W7_is_not_disturbed_by_ten_thousand_forged_acks(self, wire: Wire, cast: Cast) -> None:
        for number in range(10_000):
            wire.send(f"43/chat,{number}[]")

        assert wire.ask("post_message", {"room_id": cast.garden.id, "text": "hello"})["ok"]
        assert wire.heard == [("message_posted", wire.of("message_posted")[0])]

    def test_W4_with_attachments_closes_the_socket(self, ben: Person, open_wire: OpenWire) -> None:
        bystander = open_wire(ben)
        for frame in (b"\x00" * 100, '451-/chat,["post_message",{"_placeholder":true,"num":0}]'):
            wire = open_wire(ben)
            wire.send(frame)
            wire.wait(lambda: not wire.is_open)  # noqa: B023

        assert bystander.is_open


class TestAskingTooMuch:
    @pytest.fixture
    def app(self, make_app: Callable[..., Flask]) -> Flask:
        few = {"CHATAPP_MESSAGES_BURST": "3", "CHATAPP_MESSAGES_PER_SECOND": "1"}
        return make_app(**{**GENEROUS, **few})

    def test_W6_is_answered_with_how_long_to_wait(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        said = {"room_id": cast.garden.id, "text": "hello"}
        ben = sign_in("ben")
        tab, other_tab = ben.socket(), ben.socket()

        acks = [socket.ask("post_message", said) for socket in (tab, other_tab, tab, other_tab)]

        assert [ack["ok"] for ack in acks] == [True, True, True, False]
        assert (acks[3]["error"]["code"], acks[3]["error"]["seconds"]) == ("slow_down", 1)
        assert services.database["messages"].count_documents({}) == 3

    def test_W6_is_one_persons_matter(self, sign_in: SignIn, cast: Cast) -> None:
        said = {"room_id": cast.garden.id, "text": "hello"}
        bens, anas = sign_in("ben").socket(), sign_in("ana").socket()
        for _ in range(4):
            bens.ask("post_message", said)

        assert anas.ask("post_message", said)["ok"]

    def test_W6_is_counted_before_anything_is_looked_at(self, sign_in: SignIn) -> None:
        socket = sign_in("ben").socket()

        acks = [socket.ask("post_message", ["no", "schema", "fits"]) for _ in range(4)]

        assert [ack["error"]["code"] for ack in acks] == ["bad_request"] * 3 + ["slow_down"]


class TestLeaving:
    def test_W13_twice_leaves_nothing_and_says_nothing(
        self, app: Flask, ben: Person, open_wire: OpenWire, caplog: pytest.LogCaptureFixture
    ) -> None:
        wire = open_wire(ben)
        (line,) = lines = app.extensions["lines"]

        wire.send("41/chat,", "1")
        wire.close()
        until(lambda: len(lines) == 0)
        lines.over(line)
        app.extensions["socketio"].server.eio.handlers["disconnect"](line.socket.sid, "again")

        assert app.extensions["socketio"].server.eio.sockets == {}
        assert list(app.extensions["socketio"].server.manager.get_namespaces()) == []
        said = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert [record for record in said if record.name != "werkzeug"] == []


class TestSigningOut:
    def test_closes_the_sockets_of_that_session_and_no_other(
        self, live: str, ben: Person, cast: Cast, open_wire: OpenWire
    ) -> None:
        tab, other_tab = open_wire(ben), open_wire(ben)
        phone, ana = Person(live), Person(live)
        phone.post("/login", username="ben", password=PASSWORD)
        ana.post("/login", username="ana", password=PASSWORD)
        stay = [open_wire(phone), open_wire(ana)]

        ben.post("/logout")

        for closed in (tab, other_tab):
            closed.wait(lambda: not closed.is_open)  # noqa: B023
            assert closed.heard == [("signed_out", {})]
        for socket in stay:
            assert socket.ask("post_message", {"room_id": cast.garden.id, "text": "hi"})["ok"]
            assert socket.of("signed_out") == []
        assert tab.of("message_posted") == []

    def test_S4_with_time_closes_them_too(
        self, app: Flask, ben: Person, live: str, services: Services, open_wire: OpenWire
    ) -> None:
        ana = Person(live)
        ana.post("/login", username="ana", password=PASSWORD)
        tab, stays = open_wire(ben), open_wire(ana)
        services.database["sessions"].update_many(
            {"username": "ben"}, {"$set": {"expires_at": clock.now()}}
        )

        app.extensions["ended_sessions"].look()

        tab.wait(lambda: not tab.is_open)
        assert tab.heard == [("signed_out", {})]
        assert stays.is_open

    def test_by_signing_in_anew_closes_them_too(self, ben: Person, open_wire: OpenWire) -> None:
        tab = open_wire(ben)

        ben.post("/login", username="cleo", password=PASSWORD)

        tab.wait(lambda: not tab.is_open)
        assert tab.heard == [("signed_out", {})]


class TestAFrame:
    def test_that_is_too_large_closes_its_socket_and_no_other(
        self, ben: Person, wire: Wire, cast: Cast, open_wire: OpenWire
    ) -> None:
        greedy = open_wire(ben)

        ack = greedy.ask("post_message", {"room_id": cast.garden.id, "text": "a" * 70_000})

        assert ack is None
        greedy.wait(lambda: not greedy.is_open)
        assert wire.ask("post_message", {"room_id": cast.garden.id, "text": "hi"})["ok"]
