"""Connecting to /chat, and an answer to whatever is asked there."""

import json
from collections.abc import Callable, Iterator

import pytest
import websocket

from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Cast, Socket
from tests.wire import LIMIT_SECONDS, Person, Wire

SignIn = Callable[[str], Browser]
OpenWire = Callable[[Person], Wire]
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

    def test_lets_nothing_be_asked_by_who_was_refused(self, live: str, ben: Person) -> None:
        asked = '42/chat,1["post_message",{}]'

        again = "40/chat," + json.dumps({"csrf": ben.csrf()})

        _, after = _connect(live, ben, '{"csrf":"x"}', asked, again)

        assert after.startswith("40/chat,")  # the request before it was not answered

    def test_knows_no_other_namespace(self, live: str, ben: Person) -> None:
        for namespace in ("/", "/admin"):
            prefix = "" if namespace == "/" else f"{namespace},"
            (answer,) = _frames(live, ben, f"40{prefix}" + json.dumps({"csrf": ben.csrf()}))
            assert answer.startswith(f"44{prefix}")


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
        socket.close()


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
