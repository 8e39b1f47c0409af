"""What could not be told is found, and told to those who have missed it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from chatapp.core import clock
from chatapp.realtime.heartbeat import WINDOW, Heartbeat
from chatapp.services import Services
from tests.cast import Browser, Cast, Socket

SignIn = Callable[[str], Browser]


@pytest.fixture
def heartbeat(app: Flask) -> Heartbeat:
    heartbeat: Heartbeat = app.extensions["heartbeat"]
    heartbeat.start()
    return heartbeat


@pytest.fixture
def ben(heartbeat: Heartbeat, sign_in: SignIn, cast: Cast) -> Socket:
    return sign_in("ben").socket()


class TestHeads:
    def test_are_told_where_a_message_was_not(
        self, heartbeat: Heartbeat, ben: Socket, services: Services, cast: Cast
    ) -> None:
        services.messages.post(cast.ana, cast.garden.id, "told")
        services.messages._messages.save_message(cast.garden.id, "not told", "ana")
        ben.heard()

        heartbeat.beat()
        heartbeat.beat()

        assert ben.heard() == [("heads", {cast.garden.id: 2})]


class TestChanges:
    def test_are_told_where_they_were_not(
        self, heartbeat: Heartbeat, ben: Socket, services: Services, cast: Cast
    ) -> None:
        message = services.messages.post(cast.ana, cast.garden.id, "hello")
        services.messages.retell(cast.ana, cast.garden.id, message.id)
        heartbeat.beat()
        ben.heard()

        services.messages._messages.touch(message.id)
        heartbeat.beat()
        heartbeat.beat()

        assert ben.heard() == [("changes", {cast.garden.id: {message.id: 2}})]

    def test_that_were_told_are_not_told_again(
        self, heartbeat: Heartbeat, ben: Socket, services: Services, cast: Cast
    ) -> None:
        message = services.messages.post(cast.ana, cast.garden.id, "hello")
        heartbeat.beat()
        services.messages.retell(cast.ana, cast.garden.id, message.id)
        services.messages.delete(cast.ana, cast.garden.id, message.id)
        ben.heard()

        heartbeat.beat()

        assert ben.heard() == []

    def test_of_rooms_that_one_is_not_in_are_not_heard(
        self, heartbeat: Heartbeat, sign_in: SignIn, ben: Socket, services: Services, cast: Cast
    ) -> None:
        cleo = sign_in("cleo").socket()
        message = services.messages.post(cast.ana, cast.garden.id, "hello")
        services.messages._messages.touch(message.id)

        heartbeat.beat()

        assert "changes" in [name for name, _ in ben.heard()]
        assert cleo.heard() == []

    def test_are_looked_for_in_the_near_past(
        self,
        heartbeat: Heartbeat,
        ben: Socket,
        services: Services,
        cast: Cast,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        message = services.messages.post(cast.ana, cast.garden.id, "hello")
        services.messages._messages.touch(message.id)
        later = clock.now() + WINDOW + timedelta(seconds=1)
        monkeypatch.setattr(clock, "now", lambda: later)

        heartbeat.beat()

        assert "changes" not in [name for name, _ in ben.heard()]
