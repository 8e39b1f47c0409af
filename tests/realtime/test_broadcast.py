"""From the bus to sockets: to the audience an event names, and to nobody else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from flask import Flask

from chatapp.core.events import Event, room_channel, user_channel
from chatapp.realtime.broadcast import Broadcaster
from chatapp.realtime.channels import NAMESPACE
from chatapp.realtime.handlers import SocketHandlers
from chatapp.services import Services
from tests.cast import Browser, Cast, Socket

SignIn = Callable[[str], Browser]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waved(Event):
    """An event of a feature that does not exist."""

    name: ClassVar[str] = "waved"
    to: tuple[str, ...]

    @property
    def audience(self) -> tuple[str, ...]:
        return self.to

    def payload(self) -> dict[str, Any]:
        return {"hand": "right"}


@pytest.fixture
def sockets(sign_in: SignIn, cast: Cast) -> dict[str, Socket]:
    return {username: sign_in(username).socket() for username in ("ana", "ben", "cleo")}


class TestTelling:
    def test_an_event_of_a_new_feature_needs_nothing_more(
        self, sockets: dict[str, Socket], services: Services, cast: Cast
    ) -> None:
        services.bus.publish(Waved(to=(room_channel(cast.garden.id),)))

        assert sockets["ana"].heard() == sockets["ben"].heard() == [("waved", {"hand": "right"})]
        assert sockets["cleo"].heard() == []

    def test_is_once_to_a_socket_in_several_channels(
        self, sockets: dict[str, Socket], services: Services, cast: Cast
    ) -> None:
        services.bus.publish(Waved(to=(room_channel(cast.garden.id), user_channel("ben"))))

        assert len(sockets["ben"].heard("waved")) == 1

    @pytest.mark.parametrize("to", [(), ("",), ("room:",), ("user:nobody",)])
    def test_is_to_nobody_where_nobody_is_named(
        self, sockets: dict[str, Socket], services: Services, to: tuple[str, ...]
    ) -> None:
        services.bus.publish(Waved(to=to))

        assert [socket.heard() for socket in sockets.values()] == [[], [], []]

    def test_is_what_the_feature_makes_of_it(
        self, app: Flask, sockets: dict[str, Socket], cast: Cast
    ) -> None:
        handlers = SocketHandlers()
        handlers.tells(Waved)(lambda event: {**event.payload(), "row": "<li>"})
        broadcaster = Broadcaster(app, app.extensions["socketio"], [handlers])

        broadcaster.tell(Waved(to=(user_channel("ben"),)))

        assert sockets["ben"].heard("waved") == [{"hand": "right", "row": "<li>"}]

    def test_never_reaches_another_namespace(
        self, app: Flask, sockets: dict[str, Socket], services: Services
    ) -> None:
        manager = app.extensions["socketio"].server.manager

        assert set(manager.get_namespaces()) == {NAMESPACE}
