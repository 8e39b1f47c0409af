"""The people and rooms that every test talks about.

Ana runs Garden, Ben is a member, Cleo is outside.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient

from chatapp.auth.entities import User
from chatapp.core import clock
from chatapp.core.events import Event
from chatapp.rooms.entities import Room
from chatapp.services import Services

PASSWORD = "garden-gate-7"
ORIGIN = "http://localhost"
HANDSHAKE = "/socket.io/?EIO=4&transport=websocket"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@dataclass
class Cast:
    ana: User
    ben: User
    cleo: User
    garden: Room


def gather(services: Services) -> Cast:
    """Fill an empty database with the cast."""
    accounts = services.accounts
    ana = accounts.set_up("Harbour", "ana", PASSWORD)
    invite = accounts.invite(ana)
    ben = accounts.sign_up("ben", "Ben Okafor", PASSWORD, invite)
    cleo = accounts.sign_up("cleo", "Cleo Marin", PASSWORD, invite)
    garden = services.rooms.create(ana, "Garden", ["ben"])
    return Cast(ana=ana, ben=ben, cleo=cleo, garden=garden)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self._now = clock.now()

    def __call__(self) -> datetime:
        return self._now

    def forward(self, span: timedelta) -> None:
        self._now += span


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run every work in a thread of its own, all together; return what each gave or raised."""
    together = threading.Barrier(len(works))
    outcomes: list[Any] = [None] * len(works)

    def run(number: int, work: Callable[[], Any]) -> None:
        together.wait()
        try:
            outcomes[number] = work()
        except Exception as error:  # noqa: BLE001 - the outcome is the test's to judge
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=numbered) for numbered in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


class Listening(list[Event]):
    """What the bus told since the test began to listen."""

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]


@dataclass
class Browser:
    """One person's browser, without the browser: a cookie jar, a CSRF token, sockets."""

    app: Flask
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        self.client.environ_base["HTTP_ACCEPT"] = "text/html,*/*;q=0.8"

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
        """Send a form as a page of ours would, with its CSRF token."""
        return self.client.post(path, data={**(data or {}), "csrf_token": self.csrf()}, **options)

    def csrf(self) -> str:
        """Return the token that any page of this browser's session carries."""
        page = self.client.get("/login?next=/", follow_redirects=True).get_data(as_text=True)
        return page.split('name="csrf-token" content="')[1].split('"')[0]

    def sign_in(self, username: str, password: str = PASSWORD) -> "Browser":
        answer = self.post("/login", {"username": username, "password": password})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return self

    def socket(self) -> "Socket":
        return Socket(self)


class Socket:
    """A socket on /chat, opened as the page opens it."""

    def __init__(self, browser: Browser, auth: object = None) -> None:
        app = browser.app
        self._client: SocketIOTestClient = app.extensions["socketio"].test_client(
            app,
            namespace="/chat",
            flask_test_client=browser.client,
            auth={"csrf": browser.csrf()} if auth is None else auth,
        )

    @property
    def is_connected(self) -> bool:
        return bool(self._client.is_connected("/chat"))

    def ask(self, event: str, *args: object) -> Any:
        """Send a request and return its ack."""
        return self._client.emit(event, *args, namespace="/chat", callback=True)

    def heard(self, name: str | None = None) -> list[Any]:
        """Return, and forget, what the server told: payloads of `name`, or all with names."""
        told = [(t["name"], t["args"][0]) for t in self._client.get_received("/chat")]
        return (
            told if name is None else [payload for told_name, payload in told if told_name == name]
        )


def knock(
    browser: Browser, path: str = HANDSHAKE, *, origin: str | None = ORIGIN, **headers: str | None
) -> Any:
    """Ask for a socket over plain HTTP, as a browser does; a header that is None is left out."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = {**UPGRADE, "Origin": origin, **named}
    return browser.get(path, headers={name: it for name, it in asked.items() if it is not None})
