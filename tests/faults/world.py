"""A workspace in a database of its own, made straight in the store, and its server processes."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, session
from flask_wtf.csrf import generate_csrf

from chatapp import create_app
from chatapp.auth import login
from chatapp.auth.entities import User
from chatapp.rooms.service import MAX_ADDED_AT_ONCE
from chatapp.services import Services
from config import config_for
from migrations_seed.runner import migrate
from tests.cast import PASSWORD
from tests.server import EVENTLET, Server, free_port
from tests.wire import LIMIT_SECONDS, until

SECRET_KEY = "for the fault tests only " * 2

GUNICORN_CONF = Path(__file__).with_name("gunicorn_conf.py")

# Whatever bounds what one person may do in a second is not what these tests are about.
SETTINGS = {"SECRET_KEY": SECRET_KEY, "CHATAPP_ENV": "development"}


@dataclass(frozen=True)
class Somebody:
    """A signed-in person, wherever they go: what their browser would keep."""

    user: User
    cookie: str
    csrf: str

    def headers(self, port: int) -> str:
        return f"chatapp_{port}={self.cookie}"


@dataclass
class World:
    """The store is read and written here directly; servers may reach it through proxies."""

    app: Flask
    services: Services
    folder: Path
    name: str
    servers: list[Server] = field(default_factory=list)
    people: dict[str, Somebody] = field(default_factory=dict)

    def add_person(self, username: str) -> Somebody:
        accounts = self.services.accounts
        if not accounts.is_set_up():
            user = accounts.set_up("Harbour", username, PASSWORD)
        else:
            founder = next(iter(self.people.values()))
            invite = accounts.invite(founder.user)
            user = accounts.sign_up(username, username.title(), PASSWORD, invite)
        self.people[username] = self._sign_in(user)
        return self.people[username]

    def _sign_in(self, user: User) -> Somebody:
        with self.app.test_request_context():
            login.enter(self.services.accounts.start_session(user))
            csrf = generate_csrf()
            serializer = self.app.session_interface.get_signing_serializer(self.app)
            return Somebody(user, serializer.dumps(dict(session)), csrf)

    def add_room(self, name: str, *usernames: str) -> str:
        founder = next(iter(self.people.values())).user
        room = self.services.rooms.create(founder, name, usernames[:MAX_ADDED_AT_ONCE])
        if rest := usernames[MAX_ADDED_AT_ONCE:]:
            self.services.rooms.add_members(founder, room.id, rest)
        return room.id

    def serve(self, uri: str, command: tuple[str, ...] = EVENTLET, **settings: str) -> Server:
        """Start a process of this chat on the store at `uri`."""
        (server,) = self.serve_each(uri, command, settings)
        return server

    def serve_each(
        self, uri: str, command: tuple[str, ...], *settings: dict[str, str]
    ) -> list[Server]:
        """Start a process with each of the settings, all at once."""
        servers = [self._server(uri, command, given) for given in settings]
        together(*(server.start for server in servers))
        return servers

    def _server(self, uri: str, command: tuple[str, ...], settings: dict[str, str]) -> Server:
        folder = self.folder / f"server{len(self.servers)}"
        folder.mkdir()
        if command[0] == "gunicorn":
            command = (command[0], "-c", str(GUNICORN_CONF), *command[1:])
        server = Server(folder, command, MONGO_URI=uri, **{**SETTINGS, **settings})
        self.servers.append(server)
        return server

    def stop(self) -> None:
        for server in self.servers:
            server.kill()  # what it would say at the end nobody waits for
        self.services.database.client.drop_database(self.services.database.name)
        self.services.database.client.close()

    def stored(self, room_id: str) -> list[dict[str, Any]]:
        """Return the messages of a room straight from the store, in the order of `seq`."""
        found, page = [], None
        while page is None or page:
            after = found[-1].seq if found else 0
            founder = next(iter(self.people.values())).user
            page = self.services.messages.history(founder, room_id, after=after, limit=200).messages
            found += page
        return [message.public() for message in found]


def build_world(folder: Path, uri: str, name: str) -> World:
    """Make an empty world in the database `name` of the server at `uri`."""
    environ = {
        "CHATAPP_ENV": "testing",
        "CHATAPP_DATA_DIR": str(folder),
        "MONGO_URI": database_of(uri, name),
        "SECRET_KEY": SECRET_KEY,
    }
    app = create_app(config_for(environ))
    services: Services = app.extensions["chatapp"]
    migrate(services.database)
    return World(app=app, services=services, folder=folder, name=name)


def database_of(uri: str, name: str) -> str:
    return uri.replace("/?", f"/{name}?", 1)


def http(
    server_port: int, url: str, path: str, somebody: Somebody, **form: str
) -> tuple[int, bytes]:
    """Ask as `somebody`; with a form it is a POST. Redirects are not followed."""
    data = urllib.parse.urlencode({**form, "csrf_token": somebody.csrf}).encode() if form else None
    headers = {"Accept": "application/json", "Cookie": somebody.headers(server_port)}
    asked = urllib.request.Request(url + path, data, headers)
    try:
        with _opener.open(asked, timeout=LIMIT_SECONDS) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


_opener = urllib.request.build_opener(_Stay)


class Redis:
    """A private redis-server, without persistence, on a free port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            stdout=subprocess.DEVNULL,
            cwd="/tmp",
        )
        until(self._answers)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)


@contextlib.contextmanager
def redis_server() -> Iterator[Redis]:
    server = Redis()
    try:
        yield server
    finally:
        server.kill()


def new_name(label: str) -> str:
    return f"{label}_{secrets.token_hex(4)}"


def together(*works: Any) -> None:
    """Run every work in a thread of its own; raise what the first of them raised."""
    failures: list[BaseException] = []

    def run(work: Any) -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - raised again in the test's own thread
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
