"""The bus: in order, to everybody who asked, whatever one of them does."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from chatapp.core.events import Event, EventBus, room_channel, session_channel, user_channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Event):
    name: ClassVar[str] = "opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Event):
    name: ClassVar[str] = "closed"


class TestPublishing:
    def test_reaches_those_who_asked_for_the_kind_in_the_order_they_asked(self) -> None:
        bus, heard = EventBus(), []
        bus.subscribe(Opened, lambda _: heard.append("first"))
        bus.subscribe(Closed, lambda _: heard.append("never"))
        bus.subscribe(Event, lambda _: heard.append("second"))

        bus.publish(Opened())

        assert heard == ["first", "second"]

    def test_goes_on_when_a_subscriber_fails_and_logs_it(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        bus, heard = EventBus(), []
        bus.subscribe(Opened, lambda _: 1 / 0)
        bus.subscribe(Opened, heard.append)

        bus.publish(Opened())

        assert heard == [Opened()]
        assert "a subscriber of opened failed" in caplog.text

    def test_an_event_tells_nobody_unless_it_names_them(self) -> None:
        assert Event().audience == ()


class TestChannels:
    def test_of_different_kinds_never_share_a_name(self) -> None:
        names = {room_channel("x"), user_channel("x"), session_channel("x"), "x"}

        assert len(names) == 4
