"""I rows of THREATS.md: whatever comes in is taken as text, refused with a code, or not there."""

import ast
import contextlib
import inspect
import io
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatapp import SOCKET_HANDLERS
from chatapp.auth.repository import SessionRepository, UserRepository, WorkspaceRepository
from chatapp.chat.repository import MessageRepository
from chatapp.core.errors import BadText
from chatapp.core.text import clean, clean_line
from chatapp.people.repository import PersonRepository, PictureRepository
from chatapp.realtime.handlers import schema_of
from chatapp.rooms.repository import RoomRepository
from chatapp.services import Services
from tests.cast import Browser, Cast, Socket, gather
from tests.corpora.markup import X
from tests.corpora.operators import OPERATORS
from tests.corpora.unicode_texts import U_REFUSED, U_TAKEN

ROOT = Path(__file__).parents[1] / "chatapp"
SignIn = Callable[[str], Browser]

# Every form and query parameter of every route; one that is missing here fails a test below.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "GET /login": ("next",),
    "POST /login": ("username", "password", "next"),
    "GET /signup": ("invite",),
    "POST /signup": ("username", "display_name", "password", "invite"),
    "POST /account": ("current", "password"),
    "POST /preferences": ("theme", "density", "enter", "announces"),
    "POST /profile": ("display_name", "emoji", "text", "lasts"),
    "POST /profile/zone": ("zone",),
    "GET /admin/people": ("after",),
    "GET /people": ("q",),
    "GET /": ("first",),
    "GET /invite": ("welcome",),
    "POST /directs": ("members",),
    "POST /rooms/ROOM/notify": ("level",),
    "GET /rooms": ("q",),
    "POST /rooms/new": ("name", "members", "is_open"),
    "POST /rooms/ROOM/edit": ("name",),
    "POST /rooms/ROOM/topic": ("topic",),
    "POST /rooms/ROOM/members": ("members",),
    "GET /rooms/ROOM/messages": (*("before", "after", "limit", "changed_since", "around"),),
}
TEXTS = {
    **{f"O {name}": str(value) for name, value in OPERATORS.items()},
    **{f"U {name}": text for name, text in (U_REFUSED | U_TAKEN).items()},
    **{f"X {name}": text for name, text in X.items()},
    "long": "x" * 60_000,
}
REPOSITORIES = (
    *(UserRepository, SessionRepository, WorkspaceRepository),
    *(RoomRepository, MessageRepository, PersonRepository, PictureRepository),
)
SCALAR = (str, int, float, bool, bytes, datetime, type(None))


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every value that any repository was asked with."""
    seen: list[object] = []

    def spied(method: Callable[..., Any]) -> Callable[..., Any]:
        def ask(self: object, *args: Any, **options: Any) -> Any:
            seen.extend((*args, *options.values()))
            return method(self, *args, **options)

        return ask

    for repository in REPOSITORIES:
        for name, method in vars(repository).items():
            if inspect.isfunction(method) and not name.startswith("_"):
                monkeypatch.setattr(repository, name, spied(method))
    return seen


def containers(values: list[object]) -> Iterator[object]:
    """Yield what no client may bring as far as a repository: objects, and lists of such."""
    for value in values:
        if isinstance(value, dict):
            yield value
        elif isinstance(value, list | tuple | set):
            yield from containers([part for part in value if not isinstance(part, SCALAR)])


def ask(browser: Browser, cast: Cast, route: str, values: dict[str, str]) -> Any:
    method, path = route.split(" ")
    path = path.replace("ROOM", cast.garden.id)
    accept = {"Accept": "application/json"}
    if method == "GET":
        return browser.get(path, query_string=values, headers=accept)
    return browser.post(path, values, headers=accept)


def test_every_parameter_is_named_here(app: Flask) -> None:
    named = {name for names in PARAMETERS.values() for name in names}
    asked = set()
    for path in ROOT.rglob("*.py"):
        text = path.read_text()
        asked |= set(re.findall(r"request\.args\.get\(\"(\w+)\"", text))
    for path in ROOT.rglob("*.html"):
        asked |= set(re.findall(r"request\.args\.get\(\"(\w+)\"", path.read_text()))
    for path in ROOT.rglob("forms.py"):
        asked |= set(
            re.findall(r"^    (\w+) = (?:text|password|hidden)_field", path.read_text(), re.M)
        )
    asked -= {"workspace"}  # of set-up, which answers once: see tests/auth/test_views.py
    assert asked <= named


@pytest.mark.parametrize("route", PARAMETERS)
def test_I1_I3_a_route_takes_any_text_as_text(
    make_app: Callable[..., Flask], route: str, stored: list[object]
) -> None:
    generous = dict.fromkeys(
        ("CHATAPP_SIGN_IN_ACCOUNT", "CHATAPP_SIGN_IN_ADDRESS", "CHATAPP_SIGN_UP_ADDRESS"), "100000"
    )
    app = make_app(**generous)
    cast = gather(app.extensions["chatapp"])
    signed_in = Browser(app).sign_in("ana")
    is_open = route.rpartition(" ")[2] in ("/login", "/signup")
    for name in PARAMETERS[route]:
        for label, text in TEXTS.items():
            browser = Browser(app) if is_open else signed_in
            answer = ask(browser, cast, route, {name: text.encode("utf-8", "replace").decode()})
            assert answer.status_code < 500, f"{name}: {label}"
            if answer.status_code >= 400 and answer.is_json:
                assert re.fullmatch(r"[a-z_]+", answer.get_json()["error"]["code"])
            brackets = ask(browser, cast, route, {f"{name}[$gt]": "", f"{name}[]": "x"})
            assert brackets.status_code < 500, name
    assert list(containers(stored)) == []


@pytest.mark.parametrize("place", ["room", "username", "endpoint"])
def test_I1_a_path_takes_any_text_as_a_name_of_nothing(
    sign_in: SignIn, cast: Cast, place: str, stored: list[object]
) -> None:
    ana = sign_in("ana")
    for label, text in TEXTS.items():
        part = quote(text.encode("utf-8", "replace")[:500], safe="")
        path = {
            "room": f"/rooms/{part or 'x'}",
            "username": f"/admin/people/{part or 'x'}/activate",
            "endpoint": f"/{part}",
        }[place]
        answer = ana.post(path) if place == "username" else ana.get(path)
        assert answer.status_code in (200, 302, 303, 308, 404), label
    assert list(containers(stored)) == []


@pytest.mark.parametrize("label", OPERATORS)
def test_I1_I4_an_event_takes_scalars_only(
    sign_in: SignIn, cast: Cast, label: str, stored: list[object]
) -> None:
    socket = sign_in("ben").socket()
    for feature in SOCKET_HANDLERS:
        for name, handler in feature.requests.items():
            fields = schema_of(handler).model_fields
            usual = {"room_id": cast.garden.id, "text": "hello", "idle_seconds": 0}
            good = {field: value for field, value in usual.items() if field in fields}
            for field in fields:
                ack = socket.ask(name, {**good, field: OPERATORS[label]})
                assert ack["ok"] or re.fullmatch(r"[a-z_]+", ack["error"]["code"])
            assert not socket.ask(name, OPERATORS[label])["ok"]
    assert list(containers(stored)) == []


@pytest.mark.parametrize("label", U_REFUSED)
def test_I3_what_cannot_be_kept_is_refused(
    sign_in: SignIn, cast: Cast, services: Services, label: str
) -> None:
    text = U_REFUSED[label]
    socket = sign_in("ben").socket()

    ack = socket.ask("post_message", {"room_id": cast.garden.id, "text": text})

    assert ack["error"]["code"] == "bad_text"
    with pytest.raises(BadText):
        clean_line(text)
    assert services.database["messages"].count_documents({}) == 0


@pytest.mark.parametrize("label", U_TAKEN)
def test_I3_what_is_merely_odd_is_kept(sign_in: SignIn, cast: Cast, label: str) -> None:
    socket = sign_in("ben").socket()

    ack = socket.ask("post_message", {"room_id": cast.garden.id, "text": U_TAKEN[label]})

    assert ack["ok"]
    assert ack["message"]["text"] == clean(U_TAKEN[label])


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(field=st.sampled_from(["room_id", "text", "client_id", "seq", "$where"]), value=JUNK)
@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
def test_I5_F2_a_request_with_one_field_changed_is_answered_with_a_code(
    talker: tuple[Socket, Cast], field: str, value: object
) -> None:
    socket, cast = talker

    ack = socket.ask("post_message", {"room_id": cast.garden.id, "text": "hello", field: value})

    assert ack["ok"] or ack["error"]["code"] in {
        *("bad_request", "bad_text", "room_not_found", "message_empty", "message_too_long"),
    }


@pytest.fixture
def talker(make_app: Callable[..., Flask]) -> tuple[Socket, Cast]:
    app = make_app(CHATAPP_MESSAGES_BURST="100000")
    cast = gather(app.extensions["chatapp"])
    return Browser(app).sign_in("ben").socket(), cast


SLOW: dict[str, Callable[[int], str]] = {
    "marks": lambda n: "a\u0301" * (n // 2),
    "marks out of order": lambda n: "a" + "\u0315\u0300" * (n // 2),
    "marks alternating": lambda n: "".join("\u0323\u0307"[i % 2] for i in range(n)),
    "Hangul": lambda n: "\u1100\u1161\u11a8" * (n // 3),
    "ligatures": lambda n: "\ufdfa" * n,
    "spaces": lambda n: " " * n,
    "spaces and a letter": lambda n: " " * (n - 1) + "a",
    "newlines": lambda n: "\r\n" * (n // 2),
    "invisible": lambda n: "\u200b" * n,
    "joiners": lambda n: "\u200d" * n,
    "addresses": lambda n: "http://a.b " * (n // 11),
    "slashes": lambda n: "http://" + "/" * n,
    "dots": lambda n: "a." * (n // 2),
    "at signs": lambda n: "a@" * (n // 2),
    "brackets": lambda n: "[a](" * (n // 4),
    "angles": lambda n: "<" * n,
    "ampersands": lambda n: "&" * n,
    "digits": lambda n: "1" * n,
    "www": lambda n: "www." * (n // 4),
}


@pytest.mark.parametrize("name", SLOW)
@pytest.mark.parametrize("work", [clean, clean_line])
def test_I6_work_grows_with_the_text_and_no_faster(
    work: Callable[[str], object], name: str
) -> None:
    def seconds(size: int) -> float:
        text = SLOW[name](size)
        best = 1.0
        for _ in range(3):
            began = time.perf_counter()
            with contextlib.suppress(BadText):
                work(text)
            best = min(best, time.perf_counter() - began)
        return best

    small, large = seconds(400), seconds(4_000)  # as long as a message may be

    assert large < max(24 * small, 0.002)  # ten times as long; a square would be a hundred


def test_I10_secrets_are_compared_in_constant_time_or_looked_up_by_hash() -> None:
    secret = re.compile(r"token|secret|password_hash|nonce|signature|csrf", re.I)
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                assert not secret.search(ast.unparse(node)), f"{path}:{node.lineno}"


@pytest.mark.parametrize(
    "query",
    [
        *(
            "limit=0",
            "limit=-1",
            "limit=201",
            "limit=1e3",
            "limit=",
            "limit=x",
            "limit=1.5",
            "limit=1_0",
        ),
        *("after=-1", f"after={2**70}", "after=NaN", "after=%00", "before=-5"),
        *("after[$gt]=0", "after=1&before=2", "sort=1", "%24where=1"),
    ],
)
def test_I11_a_page_is_asked_for_in_bounds(sign_in: SignIn, cast: Cast, query: str) -> None:
    answer = sign_in("ben").get(
        f"/rooms/{cast.garden.id}/messages?{query}", headers={"Accept": "application/json"}
    )

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize("typed", [".*", "^b", "b.n", "(", "[a-z", "\\", "b|c", "%", "*"])
def test_I11_what_is_looked_for_is_no_pattern(sign_in: SignIn, cast: Cast, typed: str) -> None:
    answer = sign_in("ana").get("/people", query_string={"q": typed})

    assert answer.get_json() == {"people": []}


@pytest.mark.parametrize("route", [route for route in PARAMETERS if route.startswith("POST")])
@pytest.mark.parametrize(
    "body",
    [
        {"json": {"name": {"$gt": ""}, "username": {"$gt": ""}, "current": ["x"]}},
        {"json": [[1]]},
        {"data": b"name=x", "content_type": "text/plain"},
        {"files": b"x"},
    ],
    ids=["an object", "a list", "a text", "a file"],
)
def test_I1_a_form_is_a_form(
    sign_in: SignIn, cast: Cast, route: str, body: dict[str, Any], stored: list[object]
) -> None:
    ana = sign_in("ana")
    path = route.removeprefix("POST ").replace("ROOM", cast.garden.id)

    if "files" in body:
        body = {"data": {"name": (io.BytesIO(body["files"]), "file.txt")}}

    answer = ana.client.post(path, headers={"X-CSRFToken": ana.csrf()}, **body)

    assert answer.status_code in (400, 403)
    assert list(containers(stored)) == []
