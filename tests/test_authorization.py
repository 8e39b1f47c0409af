"""Z rows of THREATS.md: who may do what, for every route and every socket event.

A new route or event without a row fails here. Not yours is not there.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from chatapp import SOCKET_HANDLERS
from chatapp.core.events import Event
from chatapp.realtime.handlers import schema_of
from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Socket, knock

ROOT = Path(__file__).parents[1] / "chatapp"
ROLES = ("anonymous", "deactivated", "outsider", "former", "member", "room_admin", "site_admin")
# The founder is site admin and in none of the rooms here: running the workspace opens no room.

PUBLIC = (200, 200, 200, 200, 200, 200, 200)
SIGNED_IN = (401, 401, 200, 200, 200, 200, 200)
ACTS = (401, 401, 303, 303, 303, 303, 303)
IN_THE_ROOM = (401, 401, 404, 404, 200, 200, 404)
RUNS_THE_ROOM = (401, 401, 404, 404, 403, 200, 404)
CHANGES_THE_ROOM = (401, 401, 404, 404, 403, 303, 404)
RUNS_THE_SITE = (401, 401, 403, 403, 403, 403, 200)
CHANGES_THE_SITE = (401, 401, 403, 403, 403, 403, 303)

HTTP: dict[str, tuple[int, ...]] = {
    "GET /": SIGNED_IN,
    "GET /account": SIGNED_IN,
    "POST /account": (401, 401, 400, 400, 400, 400, 400),  # the form is empty
    "POST /account/sessions/<handle>/end": (401, 401, 404, 404, 404, 404, 404),  # nobody's
    "POST /account/sessions/end-others": ACTS,
    "GET /admin/people": RUNS_THE_SITE,
    "POST /admin/people/<username>/activate": CHANGES_THE_SITE,
    "POST /admin/people/<username>/deactivate": CHANGES_THE_SITE,
    "POST /admin/people/<username>/make-site-admin": CHANGES_THE_SITE,
    "POST /admin/people/<username>/unmake-site-admin": CHANGES_THE_SITE,
    "GET /directs/new": SIGNED_IN,
    "POST /directs": ACTS,
    "GET /health": PUBLIC,
    "GET /invite": RUNS_THE_SITE,
    "POST /invite/renew": CHANGES_THE_SITE,
    "GET /login": (200, 200, 302, 302, 302, 302, 302),
    "POST /login": (400, 400, 303, 303, 303, 303, 303),
    "POST /logout": (303, 303, 303, 303, 303, 303, 303),
    "GET /people": SIGNED_IN,
    "GET /people/<username>": SIGNED_IN,
    "GET /pictures/<name>/<size>": (401, 401, 404, 404, 404, 404, 404),  # no such picture
    "GET /preferences": SIGNED_IN,
    "POST /preferences": (401, 401, 204, 204, 204, 204, 204),
    "GET /profile": SIGNED_IN,
    "POST /profile": (401, 401, 204, 204, 204, 204, 204),
    "POST /profile/picture": (401, 401, 400, 400, 400, 400, 400),  # a form is no picture
    "POST /profile/picture/remove": (401, 401, 204, 204, 204, 204, 204),
    "POST /profile/zone": (401, 401, 204, 204, 204, 204, 204),
    "GET /ready": PUBLIC,
    "GET /rooms": SIGNED_IN,
    "GET /rooms/<room_id>": IN_THE_ROOM,
    "GET /rooms/<room_id>/edit": RUNS_THE_ROOM,
    "POST /rooms/<room_id>/edit": CHANGES_THE_ROOM,
    "POST /rooms/<room_id>/leave": (401, 401, 404, 404, 303, 409, 404),  # the only admin
    "POST /rooms/<room_id>/members": CHANGES_THE_ROOM,
    "POST /rooms/<room_id>/members/<username>/admin": CHANGES_THE_ROOM,
    "POST /rooms/<room_id>/members/<username>/remove": CHANGES_THE_ROOM,
    "POST /rooms/<room_id>/members/<username>/unmake-admin": CHANGES_THE_ROOM,
    "GET /rooms/<room_id>/messages": IN_THE_ROOM,
    "GET /rooms/<room_id>/messages/<int:seq>": IN_THE_ROOM,
    "GET /rooms/<room_id>/messages/<int:seq>/versions": IN_THE_ROOM,
    "GET /rooms/<room_id>/pins": IN_THE_ROOM,
    "GET /rooms/<room_id>/messages/<message_id>/reactions": IN_THE_ROOM,
    "GET /rooms/<room_id>/reactions/mine": (401, 401, *[400] * 5),  # about no message
    "POST /rooms/<room_id>/join": (401, 401, 404, 404, 303, 303, 404),  # it is closed
    "POST /rooms/<room_id>/archive": CHANGES_THE_ROOM,
    "POST /rooms/<room_id>/restore": CHANGES_THE_ROOM,
    "POST /rooms/<room_id>/notify": (401, 401, 404, 404, 303, 303, 404),
    "POST /rooms/<room_id>/open": CHANGES_THE_ROOM,
    "POST /rooms/<room_id>/close": CHANGES_THE_ROOM,
    "POST /rooms/<room_id>/topic": CHANGES_THE_ROOM,
    "GET /rooms/new": SIGNED_IN,
    "POST /rooms/new": ACTS,
    "GET /saved": SIGNED_IN,
    "GET /setup": (409,) * 7,
    "POST /setup": (409,) * 7,
    "GET /signup": (403,) * 7,  # without the invite
    "POST /signup": (403,) * 7,
    "GET /static/<version>/<path:filename>": (404,) * 7,  # no such file
}
FORMS = {
    "POST /rooms/<room_id>/edit": {"name": "Another name"},
    "POST /rooms/<room_id>/members": {"members": "outsider"},
    "POST /preferences": {"theme": "dark"},
    "POST /profile": {"display_name": "Somebody"},
    "POST /profile/zone": {"zone": "Europe/Berlin"},
    "POST /rooms/<room_id>/topic": {"topic": "Another topic"},
    "POST /rooms/new": {"name": "Mine"},
    "POST /rooms/<room_id>/notify": {"level": "nothing"},
    "POST /directs": {"members": "member, room_admin, outsider"},
}
GONE = "no socket"
SOCKETS: dict[str, tuple[str, ...]] = {
    "post_message": (GONE, GONE, *["room_not_found"] * 2, "ok", "ok", "room_not_found"),
    "edit_message": (
        *(GONE, GONE, *["room_not_found"] * 2, "ok", "message_not_yours", "room_not_found"),
    ),
    "delete_message": (GONE, GONE, *["room_not_found"] * 2, "ok", "ok", "room_not_found"),
    "pin_message": (GONE, GONE, *["room_not_found"] * 2, "room_admin_only", "ok", "room_not_found"),
    "unpin_message": (
        *(GONE, GONE, *["room_not_found"] * 2, "room_admin_only", "ok", "room_not_found"),
    ),
    "add_reaction": (GONE, GONE, *["room_not_found"] * 2, "ok", "ok", "room_not_found"),
    "remove_reaction": (GONE, GONE, *["room_not_found"] * 2, "ok", "ok", "room_not_found"),
    "save_message": (GONE, GONE, *["room_not_found"] * 2, "ok", "ok", "room_not_found"),
    "unsave_message": (GONE, GONE, *["room_not_found"] * 2, "ok", "ok", "room_not_found"),
    "present": (GONE, GONE, *["ok"] * 5),  # of oneself, to whoever one shares a room with
    "typing": (GONE, GONE, *["room_not_found"] * 2, "ok", "ok", "room_not_found"),
}


@dataclass
class Scene:
    app: Flask
    services: Services
    room_id: str
    message_id: str
    """Of the member's message, which is the first of the room."""
    browsers: dict[str, Browser]

    def ask(self, route: str, role: str, room_id: str | None = None) -> Any:
        method, rule = route.split(" ")
        path = rule.replace("<room_id>", room_id or self.room_id).replace("<username>", "member")
        path = path.replace("<int:seq>", "1").replace("<message_id>", self.message_id)
        browser, form = self.browsers[role], dict(FORMS.get(route, {}))
        if route == "POST /login":
            form = {"username": role, "password": PASSWORD}
        headers = {"Accept": "application/json"}
        path = re.sub("<[^>]+>", "nothing", path)
        if method == "POST":
            return browser.post(path, form, headers=headers)
        return browser.get(path, headers=headers)


@pytest.fixture
def scene(app: Flask) -> Scene:
    services: Services = app.extensions["chatapp"]
    accounts = services.accounts
    founder = accounts.set_up("Harbour", "site_admin", PASSWORD)
    invite = accounts.invite(founder)
    people = {
        role: accounts.sign_up(role, f"A {role}", PASSWORD, invite)
        for role in ROLES
        if role not in ("anonymous", "site_admin")
    }
    room = services.rooms.create(
        people["room_admin"], "Secret", ["member", "former", "deactivated"]
    )
    said = services.messages.post(people["member"], room.id, "nobody else shall read this")
    browsers = {role: Browser(app) for role in ROLES}
    for role in ROLES[1:]:
        browsers[role].sign_in(role)
    services.rooms.remove_member(people["room_admin"], room.id, "former")
    accounts.deactivate(founder, "deactivated")
    return Scene(app, services, room.id, said.id, browsers)


def test_Z1_every_route_and_every_event_has_a_row(app: Flask) -> None:
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == set(HTTP)
    assert {name for feature in SOCKET_HANDLERS for name in feature.requests} == set(SOCKETS)


@pytest.mark.parametrize("route", HTTP)
def test_Z1_a_route_answers_each_as_it_should(scene: Scene, route: str) -> None:
    answers = {role: scene.ask(route, role).status_code for role in ROLES}

    assert answers == dict(zip(ROLES, HTTP[route], strict=True))


def handler_of(event: str) -> Any:
    (handler,) = [f.requests[event] for f in SOCKET_HANDLERS if event in f.requests]
    return handler


@pytest.mark.parametrize("event", SOCKETS)
def test_Z1_an_event_answers_each_as_it_should(scene: Scene, event: str) -> None:
    def outcome(role: str) -> str:
        browser = scene.browsers[role]
        if knock(browser).status_code == 401:
            return GONE
        asked = {
            "room_id": scene.room_id,
            "message_id": scene.message_id,
            "text": f"from {role}",
            "emoji": "👍",
            "idle_seconds": 0,
        }
        fields = schema_of(handler_of(event)).model_fields
        ack = Socket(browser).ask(event, {name: asked[name] for name in fields if name in asked})
        return "ok" if ack["ok"] else str(ack["error"]["code"])

    assert {role: outcome(role) for role in ROLES} == dict(zip(ROLES, SOCKETS[event], strict=True))


@pytest.mark.parametrize("route", [route for route in HTTP if "<room_id>" in route])
@pytest.mark.parametrize("role", ["outsider", "former", "site_admin"])
def test_Z1_what_is_not_yours_is_not_there(scene: Scene, route: str, role: str) -> None:
    theirs = scene.ask(route, role)
    nobodys = scene.ask(route, role, room_id="0" * 24)

    assert (theirs.status_code, theirs.data) == (nobodys.status_code, nobodys.data)


def test_Z1_an_open_room_is_joined_by_whoever_is_signed_in(scene: Scene) -> None:
    admin = scene.services.accounts.find("room_admin")
    assert admin is not None
    room = scene.services.rooms.create_open(admin, "Meadow")

    answers = {
        role: scene.ask("POST /rooms/<room_id>/join", role, room.id).status_code for role in ROLES
    }

    assert list(answers.values()) == [401, 401, 303, 303, 303, 303, 303]


WITH_THE_TWO = {
    "POST /rooms/<room_id>/join": 303,  # one is in it already
    "POST /rooms/<room_id>/leave": 303,  # hidden, until the next message
    "POST /rooms/<room_id>/notify": 303,
}


@pytest.mark.parametrize("route", [r for r in HTTP if "<room_id>" in r and r.startswith("POST")])
def test_Z12_a_direct_conversation_has_no_third_and_nobody_runs_it(
    scene: Scene, route: str
) -> None:
    admin = scene.services.accounts.find("room_admin")
    assert admin is not None
    room = scene.services.rooms.open_direct(admin, ["member"])

    for role in ("room_admin", "member"):
        assert scene.ask(route, role, room.id).status_code == WITH_THE_TWO.get(route, 403)
    for role in ("outsider", "former", "site_admin"):
        assert scene.ask(route, role, room.id).status_code == 404

    people = scene.services.rooms.members(admin, room.id)
    assert [(who.username, who.is_room_admin) for who in people] == [
        ("member", False),
        ("room_admin", False),
    ]


# What an archived room still answers its admin with.
STILL = {
    "POST /rooms/<room_id>/archive": 303,
    "POST /rooms/<room_id>/restore": 303,
    "POST /rooms/<room_id>/notify": 303,  # one's own matter
}


@pytest.mark.parametrize("route", [r for r in HTTP if "<room_id>" in r and r.startswith("POST")])
def test_Z1_nothing_is_written_in_an_archived_room(scene: Scene, route: str) -> None:
    admin = scene.services.accounts.find("room_admin")
    assert admin is not None
    scene.services.rooms.archive(admin, scene.room_id)

    answer = scene.ask(route, "room_admin")

    assert answer.status_code == STILL.get(route, 409)
    if route not in STILL:
        assert answer.get_json()["error"]["code"] == "room_archived"
    assert scene.ask(route, "outsider").status_code == 404


ONES_OWN = ("present", "save_message", "unsave_message")


@pytest.mark.parametrize("event", [event for event in SOCKETS if event not in ONES_OWN])
def test_Z1_nothing_is_asked_of_an_archived_room(scene: Scene, event: str) -> None:
    admin = scene.services.accounts.find("room_admin")
    assert admin is not None
    scene.services.rooms.archive(admin, scene.room_id)
    asked = {
        "room_id": scene.room_id,
        "message_id": scene.message_id,
        "text": "more",
        "emoji": "👍",
    }
    fields = schema_of(handler_of(event)).model_fields

    ack = Socket(scene.browsers["member"]).ask(
        event, {name: asked[name] for name in fields if name in asked}
    )

    assert ack["error"]["code"] == "room_archived"


@pytest.mark.parametrize("name", ["join", "enter_room", "subscribe", "leave", "join_room"])
@pytest.mark.parametrize("room", ["room:", "", None, 1, [], {}])
def test_Z2_nobody_names_the_channels_they_hear(scene: Scene, name: str, room: object) -> None:
    outsider = Socket(scene.browsers["outsider"])
    member = Socket(scene.browsers["member"])
    named = f"room:{scene.room_id}" if room == "room:" else room

    assert outsider.ask(name, named)["error"]["code"] == "bad_event"
    assert member.ask("post_message", {"room_id": scene.room_id, "text": "hush"})["ok"]
    assert outsider.heard("message_posted") == []


def test_Z3_only_realtime_emits() -> None:
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            is_emit = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_emit and node.func.attr in ("emit", "send_message"):  # type: ignore[attr-defined]
                assert path.parent.name == "realtime", f"{path}:{node.lineno}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("audience", [(), ("",)])
def test_Z3_an_event_for_nobody_is_told_to_nobody(scene: Scene, audience: tuple[str, ...]) -> None:
    class Told(Event):
        name = "told"

        @property
        def audience(self) -> tuple[str, ...]:
            return audience

    socket = Socket(scene.browsers["member"])
    scene.services.bus.publish(Told())

    assert socket.heard() == []


def test_Z5_members_read_all_history_and_nothing_after_they_left(scene: Scene) -> None:
    accounts, rooms = scene.services.accounts, scene.services.rooms
    admin = accounts.find("room_admin")
    assert admin is not None
    route = "GET /rooms/<room_id>/messages"

    rooms.add_members(admin, scene.room_id, ["outsider"])
    read = scene.ask(route, "outsider").get_json()
    said = [message["text"] for message in read["messages"] if "kind" not in message]
    assert said == ["nobody else shall read this"]

    rooms.remove_member(admin, scene.room_id, "outsider")
    scene.services.messages.post(admin, scene.room_id, "and this neither")
    assert scene.ask(route, "outsider").status_code == 404


def test_Z7_no_secret_is_in_anything_that_is_told_or_shown(scene: Scene) -> None:
    database = scene.services.database
    sockets = [Socket(scene.browsers[role]) for role in ("member", "room_admin", "outsider")]
    for route in HTTP:
        if route not in ("POST /logout", "POST /login"):
            scene.ask(route, "site_admin")
            scene.ask(route, "room_admin")
    sockets[0].ask("post_message", {"room_id": scene.room_id, "text": "hello"})
    secrets = {
        *(user["password_hash"] for user in database["users"].find()),
        *(session["_id"] for session in database["sessions"].find()),
        *(found["invite_nonce"] for found in database["workspace"].find()),
        scene.app.config["SECRET_KEY"],
    }

    shown = repr([socket.heard() for socket in sockets])
    for route in HTTP:
        if route.startswith("GET"):
            shown += scene.ask(route, "site_admin").text + scene.ask(route, "room_admin").text

    assert not [secret for secret in secrets if secret in shown]


@pytest.mark.parametrize("field", ["sender", "seq", "created_at", "_id", "id", "is_admin", "role"])
def test_Z8_what_the_server_sets_cannot_be_sent(scene: Scene, field: str) -> None:
    socket = Socket(scene.browsers["member"])
    before = scene.services.database["messages"].count_documents({})

    ack = socket.ask("post_message", {"room_id": scene.room_id, "text": "x", field: "ana"})

    assert ack["error"]["code"] == "bad_request"
    assert scene.services.database["messages"].count_documents({}) == before


def test_Z8_every_schema_forbids_what_it_does_not_name() -> None:
    for feature in SOCKET_HANDLERS:
        for name, handler in feature.requests.items():
            assert schema_of(handler).model_config.get("extra") == "forbid", name


def test_Z8_a_form_makes_nobody_more_than_they_are(scene: Scene) -> None:
    more = {"is_site_admin": "true", "is_room_admin": "true", "created_by": "site_admin"}

    made = scene.browsers["outsider"].post("/rooms/new", {"name": "Mine", **more})
    scene.browsers["member"].post("/account", {"current": "x", "password": "y", **more})

    room = scene.services.database["rooms"].find_one({"name": "Mine"})
    assert made.status_code == 303
    assert room is not None
    assert room["created_by"] == "outsider"
    for role in ("outsider", "member"):
        user = scene.services.accounts.find(role)
        assert user is not None
        assert not user.is_site_admin


def test_Z10_memberships_are_read_in_one_place() -> None:
    touching = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if '"room_members"' in path.read_text()
    }
    assert touching == {"rooms/repository.py"}
