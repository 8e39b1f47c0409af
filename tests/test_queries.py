"""What each page and each event asks of MongoDB: by an index, and no more in a large workspace.

A new route or event without a row fails here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from chatapp import SOCKET_HANDLERS, create_app
from chatapp.auth.entities import User
from chatapp.auth.repository import UserRepository
from chatapp.core import clock
from chatapp.core.database import OPTIONS
from chatapp.services import Services
from config import config_for
from migrations_seed.runner import migrate
from tests.cast import PASSWORD, Browser, Socket
from tests.corpora.pictures import packed
from tests.watched import Command, Commands, stages

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
SMALL, LARGE = 3, 30  # rooms of a person, members of a room, messages in it, people

# How many commands one view takes of somebody who has been here before: who has a session,
# who is in a room and what it is called are remembered (docs/decisions/0032, 0035).
VIEWS = {
    "GET /": 0,
    "GET /account": 1,  # the sessions
    "GET /admin/people": 1,
    "GET /directs/new": 0,
    "GET /health": 0,
    "GET /invite": 0,
    "GET /login": 0,
    "GET /people": 2,  # by username, by name
    "GET /people/<username>": 1,
    "GET /pictures/<name>/<size>": 1,
    "GET /preferences": 0,
    "GET /profile": 0,
    "GET /ready": 1,
    "GET /rooms": 3,  # the rooms, how many are in them, when something was last said
    "GET /rooms/<room_id>": 4,  # messages, answers, pins if any, reactions to changed ones
    "GET /rooms/<room_id>/edit": 0,
    "GET /rooms/<room_id>/messages": 4,  # and the head
    "GET /rooms/<room_id>/messages/<int:seq>": 6,  # the messages before it and those after
    "GET /rooms/<room_id>/messages/<int:seq>/versions": 3,  # by seq, the words, is it still there?
    "GET /rooms/<room_id>/messages/<message_id>/reactions": 2,  # is it still there? who reacted?
    "GET /rooms/<room_id>/pins": 1,
    "GET /rooms/<room_id>/reactions/mine": 1,
    "GET /rooms/new": 0,
    "GET /saved": 4,  # what is saved, the messages, those that they answer, reactions
    "GET /setup": 0,
    "GET /signup": 0,
    "GET /static/<version>/<path:filename>": 0,
}
EVENTS = {
    "add_reaction": 4,  # the message, its reactions, the change, what is told
    "delete_message": 3,  # the message, the change, the audit log
    "edit_message": 3,  # the message, the change, its reactions
    "pin_message": 4,  # the message, the places that are taken, the change, its reactions
    "post_message": 1,  # the insert
    "present": 0,
    "remove_reaction": 4,  # as for adding, where others have reacted likewise
    "save_message": 7,  # the message, what is saved, the save; and that it is another now
    "typing": 0,
    "unpin_message": 4,  # the message, the change, what it quotes, its reactions
    "unsave_message": 5,  # the save; and that it is another now
}
UNASKED = {
    "a room without pins": 1,  # the messages
    "connecting": 0,  # the rooms are remembered
    "a direct message": 1,  # the insert
    "a reply": 3,  # what it answers is there, the insert, what it quotes
    "what was missed": 5,  # the head, what is new, what changed, what they answer, reactions
    "the first heartbeat": 5,  # and the versions and members of all rooms that were entered
    "a heartbeat": 3,  # versions, heads and changes of all rooms that somebody here listens to
    "presence without news": 1,  # how far is each process?
    "presence with news": 4,  # who is here; how far; who is elsewhere; in which rooms are they?
    "a lease": 2,  # I am here; what has changed?
    "the audit log": 1,
    "rendering again": 1,  # all is done
}

# What a form needs so that it is not refused; `<…>` is filled in.
FORMS: dict[str, dict[str, str]] = {
    "POST /rooms/new": {"name": "Another", "members": "p0, p1"},
    "POST /directs": {"members": "p1, p2"},
    "POST /rooms/<room_id>/notify": {"level": "mentions"},
    "POST /rooms/<room_id>/edit": {"name": "Another name"},
    "POST /rooms/<room_id>/topic": {"topic": "Another topic"},
    "POST /rooms/<room_id>/archive": {},
    "POST /rooms/<room_id>/restore": {},
    "POST /rooms/<room_id>/open": {},
    "POST /rooms/<room_id>/close": {},
    "POST /rooms/<room_id>/join": {},
    "POST /rooms/<room_id>/members": {"members": "newcomer"},
    "POST /rooms/<room_id>/members/<username>/admin": {},
    "POST /rooms/<room_id>/members/<username>/unmake-admin": {},
    "POST /rooms/<room_id>/members/<username>/remove": {},
    "POST /rooms/<room_id>/leave": {},
    "POST /admin/people/<username>/make-site-admin": {},
    "POST /admin/people/<username>/unmake-site-admin": {},
    "POST /admin/people/<username>/deactivate": {},
    "POST /admin/people/<username>/activate": {},
    "POST /invite/renew": {},
    "POST /preferences": {"theme": "dark"},
    "POST /profile": {"display_name": "Ana Lima", "emoji": "🌴"},
    "POST /profile/picture": {},
    "POST /profile/picture/remove": {},
    "POST /profile/zone": {"zone": "Europe/Berlin"},
    "POST /signup": {
        "username": "new",
        "display_name": "New",
        "password": PASSWORD,
        "invite": "<invite>",
    },
    "POST /account/sessions/<handle>/end": {},
    "POST /account/sessions/end-others": {},
    "POST /account": {"current": PASSWORD, "password": "another-gate-8"},
    "POST /login": {"username": "p2", "password": "another-gate-8"},
    "POST /logout": {},
    "POST /setup": {},
}
ADDRESSES = {
    "GET /people": "/people?q=p",
    "GET /rooms": "/rooms?q=e",
    "GET /rooms/<room_id>/messages": "/rooms/<room_id>/messages?before=16",
    "GET /rooms/<room_id>/messages/<int:seq>": "/rooms/<room_id>/messages/3",
    "GET /rooms/<room_id>/messages/<int:seq>/versions": "/rooms/<room_id>/messages/3/versions",
    "GET /rooms/<room_id>/messages/<message_id>/reactions": (
        "/rooms/<room_id>/messages/<answered_id>/reactions"
    ),
    "GET /rooms/<room_id>/reactions/mine": "/rooms/<room_id>/reactions/mine?message=<answered_id>",
    "GET /pictures/<name>/<size>": "/pictures/<picture>/small",
    "GET /signup": "/signup?invite=<invite>",
    "GET /static/<version>/<path:filename>": "/static/0/css/all.css",
    "POST /rooms/<room_id>/join": "/rooms/<open_room_id>/join",
    "POST /rooms/<room_id>/leave": "/rooms/<left_room_id>/leave",
}
SOMEBODY_ELSE = {
    "POST /account/sessions/<handle>/end": "p1",
    "POST /account/sessions/end-others": "p1",
    "POST /account": "p2",
    "POST /logout": "p2",
}
NOBODY = ("POST /login", "POST /signup", "GET /signup")
REFUSED = ("GET /setup", "POST /setup")  # it is set up
ASKED: dict[str, dict[str, str | int]] = {
    "add_reaction": {"room_id": "<room_id>", "message_id": "<message_id>", "emoji": "👍"},
    "delete_message": {"room_id": "<room_id>", "message_id": "<message_id>"},
    "edit_message": {"room_id": "<room_id>", "message_id": "<message_id>", "text": "hello again"},
    "pin_message": {"room_id": "<room_id>", "message_id": "<message_id>"},
    "post_message": {"room_id": "<room_id>", "text": "hello"},
    "present": {"idle_seconds": 0},
    "remove_reaction": {"room_id": "<room_id>", "message_id": "<message_id>", "emoji": "🎉"},
    "save_message": {"room_id": "<room_id>", "message_id": "<message_id>"},
    "typing": {"room_id": "<room_id>"},
    "unpin_message": {"room_id": "<room_id>", "message_id": "<pinned_id>"},
    "unsave_message": {"room_id": "<room_id>", "message_id": "<saved_id>"},
}

EXPLAINED = ("aggregate", "count", "delete", "distinct", "find", "findAndModify", "update")
UNJUDGED = ("insert", "getMore")  # the latter goes on with a command that was
SCANNED = {
    "attendance": "a row for each process, and all of them are asked for",
    "schema_versions": "a row for each migration, and all of them are asked for",
}


@dataclass
class World:
    """A workspace on a real mongod, where everything there is of one thing is `size` many."""

    app: Flask
    size: int
    commands: Commands
    filled: dict[str, str] = field(default_factory=dict)
    untouched: list[str] = field(default_factory=list)
    """The ids of messages that no event was about yet, of Ana's in her room."""
    saved: list[str] = field(default_factory=list)
    pinned: list[str] = field(default_factory=list)
    cold: dict[str, list[Command]] = field(default_factory=dict)
    """The commands of each thing when nothing is remembered."""
    warm: dict[str, list[Command]] = field(default_factory=dict)
    """The same once more, right after."""

    @property
    def services(self) -> Services:
        found: Services = self.app.extensions["chatapp"]
        return found

    def build(self) -> None:
        ana = self.services.accounts.set_up("Harbour", "ana", PASSWORD)
        people = [f"p{number}" for number in range(self.size)]
        for username in (*people, "newcomer"):
            self._save_user(ana, username)
        rooms = self.services.rooms
        room = rooms.create(ana, "Garden", people)
        left = rooms.create(ana, "Left", ["p0"])
        rooms.make_admin(ana, left.id, "p0")
        founder = self.services.accounts.find("p2")
        assert founder is not None
        meadow = rooms.create_open(founder, "Meadow")
        messages = self.services.messages
        self.untouched = [messages.post(ana, room.id, "hello").id for _ in range(12)]
        for message_id in self.untouched[2:4]:  # asked about by remove_reaction, the last but one
            for who in (ana, founder):
                self.services.reactions.add(who, room.id, message_id, "🎉")
        said = messages.post(ana, room.id, "no. 0")
        for number in range(self.size):
            rooms.create(ana, f"Room {number}", ["p2"])
            rooms.create_open(ana, f"Open {number}")
            rooms.open_direct(ana, [f"p{number}", "newcomer"])
            said = messages.post(ana, room.id, f"no. {number + 1}", reply_to=said.id)
            messages.edit(ana, room.id, said.id, f"number {number + 1}")
            self.saved.append(self.services.saves.save(ana, room.id, said.id).id)
            self.pinned.append(self.services.pins.pin(ana, room.id, said.id).id)
            self.services.reactions.add(founder, room.id, said.id, "👍")
        self.filled = {
            "room_id": room.id,
            "left_room_id": left.id,
            "open_room_id": meadow.id,
            "direct_id": rooms.open_direct(ana, ["p1"]).id,
            "username": "p1",
            "answered_id": said.id,
            "picture": self.services.people.show_picture(ana, packed("PNG")).public()["picture"],
        }

    def _save_user(self, like: User, username: str) -> None:
        user = User(
            username=username,
            display_name=username.title(),
            password_hash=like.password_hash,
            created_at=clock.now(),
        )
        UserRepository(self.services.database).save_user(user)

    def visit(self, routes: Iterable[str]) -> None:
        ana = Browser(self.app).sign_in("ana")
        for route in routes:
            self.filled["invite"] = self._invite()
            browser = self._browser(route, ana)
            token = browser.csrf()
            self._forget()
            with self.commands.heard() as self.cold[route]:
                answers = [self._ask(browser, route, token)]
            if route in VIEWS:
                with self.commands.heard() as self.warm[route]:
                    answers += [self._ask(browser, route, token)]
            for answer in answers:
                assert (answer.status_code < 400) is (route not in REFUSED), (route, answer.text)

    def _forget(self) -> None:
        """Ask for everything anew, and remember it from then on."""
        self.services.memory.beat()
        self.services.memory.forget_all()

    def _invite(self) -> str:
        ana = self.services.accounts.find("ana")
        assert ana is not None
        return self.services.accounts.invite(ana)

    def _browser(self, route: str, ana: Browser) -> Browser:
        if route in NOBODY:
            return Browser(self.app)
        if username := SOMEBODY_ELSE.get(route):
            password = "another-gate-8" if route == "POST /logout" else PASSWORD
            browsers = [Browser(self.app).sign_in(username, password) for _ in range(2)]
            user = self.services.accounts.find(username)
            assert user is not None
            self.filled["handle"] = self.services.accounts.sessions(user)[1].handle
            return browsers[0]
        return ana

    def _ask(self, browser: Browser, route: str, token: str) -> Any:
        method, rule = route.split(" ")
        address = self._fill(ADDRESSES.get(route, rule))
        if method == "GET":
            return browser.get(address)
        if route == "POST /profile/picture":
            headers = {"X-CSRFToken": token}
            return browser.client.post(address, data=packed("PNG"), headers=headers)
        form = {name: self._fill(value) for name, value in FORMS.get(route, {}).items()}
        return browser.client.post(address, data={**form, "csrf_token": token})

    def _fill(self, text: str) -> str:
        for name, value in self.filled.items():
            text = text.replace(f"<{name}>", value)
        return text

    def listen(self) -> None:
        """Connect, ask every event, and let happen what nobody asks for."""
        browser = Browser(self.app).sign_in("ana")
        token = browser.csrf()
        socket = Socket(browser, {"csrf": token})
        for event, form in ASKED.items():
            self._record(event, lambda event=event, form=form: self._does(socket, event, form))
        reply = {"room_id": "<room_id>", "text": "hello", "reply_to": "<answered_id>"}
        self._record("a reply", lambda: self._does(socket, "post_message", reply))
        direct = {"room_id": "<direct_id>", "text": "hello"}
        self._does(socket, "post_message", direct)  # it is shown to the other
        self._record("a direct message", lambda: self._does(socket, "post_message", direct))
        conversation = self._fill("/rooms/<direct_id>")
        self._record("a room without pins", lambda: browser.get(conversation))
        missed = self._fill("/rooms/<room_id>/messages?after=1000&changed_since=0")
        self._record("what was missed", lambda: browser.get(missed))
        self._record("rendering again", lambda: self.services.renewal.run(0))
        beat = self.app.extensions["heartbeat"].beat
        self._record("the first heartbeat", lambda: (self._follow_nobody(), beat()))
        self._record("a heartbeat", beat)
        call_the_roll = self.app.extensions["presence"].beat
        comers = iter(("p0", "p2"))
        self._record(
            "presence with news",
            lambda: (self.services.roll.sign(next(comers), 0), call_the_roll()),
        )
        self._record("presence without news", call_the_roll)
        self._record("a lease", self.services.memory.beat)
        self._record(
            "the audit log", lambda: list(self.services.audit.get_entries(BEGINNING, "ana", 10))
        )
        self._record("connecting", lambda: Socket(browser, {"csrf": token}))

    def _does(self, socket: Socket, event: str, form: Mapping[str, str | int]) -> bool:
        for name, left in (
            ("message_id", self.untouched),
            ("pinned_id", self.pinned),
            ("saved_id", self.saved),
        ):
            if f"<{name}>" in form.values():
                self.filled[name] = left.pop()
        asked = {
            name: self._fill(value) if isinstance(value, str) else value
            for name, value in form.items()
        }
        return bool(socket.ask(event, asked)["ok"])

    def _follow_nobody(self) -> None:
        """Be as after a start: it is not known who belongs into the rooms that are entered."""
        self.app.extensions["socketio"].server.manager._followed.clear()

    def _record(self, name: str, happens: Callable[[], object]) -> None:
        self._forget()
        for heard in (self.cold, self.warm):
            with self.commands.heard() as heard[name]:
                assert happens() is not False


def routes_of(app: Flask) -> list[str]:
    return [
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def events() -> list[str]:
    return [name for feature in SOCKET_HANDLERS for name in feature.requests]


@pytest.fixture(scope="module")
def worlds(mongod_uri: str) -> Iterator[dict[int, World]]:
    with pytest.MonkeyPatch.context() as patch:
        made = {}
        for size in (SMALL, LARGE):
            patch.setitem(OPTIONS, "event_listeners", [commands := Commands()])
            made[size] = world = World(_make_app(mongod_uri, size), size, commands)
            patch.setattr(world.services.memory, "_monotonic", lambda: 0.0)  # no lease runs out
            patch.setattr(world.services.roll, "_monotonic", lambda: 0.0)  # nor is it time to look
            with commands.heard() as world.cold["setting up"]:
                world.build()
            world.visit([*VIEWS, *FORMS])
            world.listen()
        yield made
        for world in made.values():
            database = world.services.database
            database.client.drop_database(database)
            database.client.close()


def _make_app(mongod_uri: str, size: int) -> Flask:
    uri = mongod_uri.replace("/?", f"/chatapp_queries_{size}?")
    settings = {"CHATAPP_ENV": "testing", "MONGO_URI": uri, "CHATAPP_MESSAGES_BURST": "1000"}
    app = create_app(config_for(settings))
    migrate(app.extensions["chatapp"].database)
    return app


def test_every_route_and_every_event_has_a_row(app: Flask) -> None:
    assert set(routes_of(app)) == {*VIEWS, *FORMS}
    assert set(events()) == set(EVENTS) == set(ASKED)


@pytest.mark.parametrize("name", ["setting up", *VIEWS, *FORMS, *EVENTS, *UNASKED])
def test_is_served_by_an_index(worlds: dict[int, World], name: str) -> None:
    world = worlds[LARGE]

    for command in [*world.cold[name], *world.warm.get(name, ())]:
        assert command.name in (*UNJUDGED, *EXPLAINED), f"{command}: say how it is judged"
        if command.name in UNJUDGED or command.collection in SCANNED:
            continue
        plan = command.explained(world.services.database)
        assert "COLLSCAN" not in stages(plan), command
        assert "SORT" not in stages(plan), f"{command}: sorted without an index"
        assert "EOF" not in stages(plan), f"{command}: there is nothing to judge it by"
        if command.name == "find":
            read, given = (plan["executionStats"][n] for n in ("totalDocsExamined", "nReturned"))
            assert read <= max(given, 1), f"{command}: reads {read} to find {given}"


@pytest.mark.parametrize("name", [*VIEWS, *FORMS, *EVENTS, *UNASKED])
def test_asks_no_more_in_a_large_workspace(worlds: dict[int, World], name: str) -> None:
    small, large = worlds[SMALL], worlds[LARGE]

    assert _kinds(small.cold[name]) == _kinds(large.cold[name])
    assert _kinds(small.warm.get(name, [])) == _kinds(large.warm.get(name, []))


def _kinds(commands: list[Command]) -> list[tuple[str, str]]:
    return [(each.name, each.collection) for each in commands if each.name != "getMore"]


@pytest.mark.parametrize(("name", "count"), {**VIEWS, **EVENTS, **UNASKED}.items())
def test_takes_so_many_commands(worlds: dict[int, World], name: str, count: int) -> None:
    assert len(worlds[SMALL].warm[name]) == count, list(map(str, worlds[SMALL].warm[name]))
