"""What a room keeps in sight: who pins, how much, and what becomes of it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from chatapp.chat.entities import Message
from chatapp.chat.errors import MessageGone, MessageNotFound
from chatapp.chat.events import MessageChanged, MessageDeleted
from chatapp.chat.repository import MessageRepository
from chatapp.pins import service
from chatapp.pins.errors import TooManyPins
from chatapp.pins.service import MOST
from chatapp.rooms.errors import ArchivedRoom, RoomAdminOnly, RoomNotFound
from chatapp.services import Services
from tests.cast import Cast, Listening, at_once, gather
from tests.wire import LIMIT_SECONDS


def ids(services: Services, cast: Cast) -> list[str]:
    return [message.id for message in services.pins.pinned(cast.ben, cast.garden.id)]


class TestPinning:
    def test_is_told_to_the_room_and_listed_the_newest_first(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        first, second = (services.messages.post(cast.ben, cast.garden.id, t) for t in ("1", "2"))

        services.pins.pin(cast.ana, cast.garden.id, second.id)
        pinned = services.pins.pin(cast.ana, cast.garden.id, first.id)

        changed = told.of(MessageChanged)
        assert [event.message.id for event in changed] == [second.id, first.id]
        assert changed[-1].message == pinned
        assert changed[-1].names == {"ana": "ana", "ben": "Ben Okafor"}
        assert pinned.public()["pinned_by"] == "ana"
        assert pinned.changes == 1
        assert ids(services, cast) == [first.id, second.id]

    def test_twice_is_once_and_tells_nobody(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        said = services.messages.post(cast.ben, cast.garden.id, "hello")
        once = services.pins.pin(cast.ana, cast.garden.id, said.id)

        assert services.pins.pin(cast.ana, cast.garden.id, said.id) == once

        assert len(told.of(MessageChanged)) == 1
        assert ids(services, cast) == [said.id]

    def test_is_for_those_who_run_the_room(self, services: Services, cast: Cast) -> None:
        said = services.messages.post(cast.ben, cast.garden.id, "hello")
        for act in (services.pins.pin, services.pins.unpin):
            with pytest.raises(RoomAdminOnly):
                act(cast.ben, cast.garden.id, said.id)
            with pytest.raises(RoomNotFound):
                act(cast.cleo, cast.garden.id, said.id)
            act(cast.ana, cast.garden.id, said.id)
        with pytest.raises(RoomNotFound):
            services.pins.pinned(cast.cleo, cast.garden.id)

    def test_is_for_everybody_of_a_direct_conversation(
        self, services: Services, cast: Cast
    ) -> None:
        direct = services.rooms.open_direct(cast.ana, ["ben"])
        said = services.messages.post(cast.ana, direct.id, "hello")

        services.pins.pin(cast.ben, direct.id, said.id)

        assert services.pins.pinned(cast.ana, direct.id) != []
        with pytest.raises(RoomNotFound):
            services.pins.pin(cast.cleo, direct.id, said.id)

    def test_is_refused_where_there_is_nothing_to_pin(self, services: Services, cast: Cast) -> None:
        room = cast.garden.id
        gone = services.messages.post(cast.ben, room, "hello")
        services.messages.delete(cast.ben, room, gone.id)
        line = services.quiet_lines.note(room, "opened", {}, "ana")
        shed = services.rooms.create(cast.ana, "Shed")
        elsewhere = services.messages.post(cast.ana, shed.id, "hello")

        for message, refusal in (
            (gone, MessageGone),
            (line, MessageNotFound),
            (elsewhere, MessageNotFound),
        ):
            with pytest.raises(refusal):
                services.pins.pin(cast.ana, room, message.id)

    def test_ends_with_the_room(self, services: Services, cast: Cast) -> None:
        said, other = (services.messages.post(cast.ana, cast.garden.id, t) for t in ("1", "2"))
        services.pins.pin(cast.ana, cast.garden.id, said.id)
        services.rooms.archive(cast.ana, cast.garden.id)

        with pytest.raises(ArchivedRoom):
            services.pins.pin(cast.ana, cast.garden.id, other.id)
        with pytest.raises(ArchivedRoom):
            services.pins.unpin(cast.ana, cast.garden.id, said.id)
        assert ids(services, cast) == [said.id]

    def test_is_seen_by_whoever_was_away(self, services: Services, cast: Cast) -> None:
        said = services.messages.post(cast.ben, cast.garden.id, "hello")
        page = services.messages.history(cast.ben, cast.garden.id)

        services.pins.pin(cast.ana, cast.garden.id, said.id)

        missed = services.messages.history(
            cast.ben, cast.garden.id, after=page.head, changed_since=page.mark
        )
        assert [message.pin is not None for message in missed.messages] == [True]


class TestUnpinning:
    def test_is_told_and_can_be_taken_back(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        said = services.messages.post(cast.ben, cast.garden.id, "hello")
        services.pins.pin(cast.ana, cast.garden.id, said.id)

        services.pins.unpin(cast.ana, cast.garden.id, said.id)
        services.pins.unpin(cast.ana, cast.garden.id, said.id)  # tells nobody

        assert [event.message.pin is None for event in told.of(MessageChanged)] == [False, True]
        assert ids(services, cast) == []
        services.pins.pin(cast.ana, cast.garden.id, said.id)
        assert ids(services, cast) == [said.id]

    def test_comes_with_a_deletion(self, services: Services, cast: Cast, told: Listening) -> None:
        said = services.messages.post(cast.ben, cast.garden.id, "hello")
        services.pins.pin(cast.ana, cast.garden.id, said.id)

        services.messages.delete(cast.ben, cast.garden.id, said.id)

        (deleted,) = told.of(MessageDeleted)
        assert deleted.message.pin is None
        assert ids(services, cast) == []

    def test_is_not_what_an_edit_does(self, services: Services, cast: Cast) -> None:
        said = services.messages.post(cast.ben, cast.garden.id, "hello")
        services.pins.pin(cast.ana, cast.garden.id, said.id)

        services.messages.edit(cast.ben, cast.garden.id, said.id, "hello, all")

        (pinned,) = services.pins.pinned(cast.ben, cast.garden.id)
        assert (pinned.text, pinned.id) == ("hello, all", said.id)


class TestTheLimit:
    """On a real mongod: its index is what holds."""

    @pytest.fixture
    def cast(self, harbour: Services) -> Cast:
        return gather(harbour)

    def test_is_not_passed_by_many_at_once(
        self, harbour: Services, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said = [
            harbour.messages.post(cast.ana, cast.garden.id, f"no. {number}").id
            for number in range(MOST + 6)
        ]
        for message_id in said[: MOST - 2]:
            harbour.pins.pin(cast.ana, cast.garden.id, message_id)

        all_look_before_one_pins(monkeypatch, 8)
        outcomes = at_once(*(pinning(harbour, cast, one) for one in said[MOST - 2 :]))

        refused = [each for each in outcomes if isinstance(each, TooManyPins)]
        assert (len(refused), len(outcomes)) == (6, 8), outcomes
        assert len(harbour.pins.pinned(cast.ana, cast.garden.id)) == MOST
        assert refused[0].details == {"limit": MOST}

    def test_leaves_room_for_another_after_one_is_unpinned(
        self, harbour: Services, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "MOST", 2)
        first, second, third = (
            harbour.messages.post(cast.ana, cast.garden.id, "hello").id for _ in range(3)
        )
        for one in (first, second):
            harbour.pins.pin(cast.ana, cast.garden.id, one)
        with pytest.raises(TooManyPins):
            harbour.pins.pin(cast.ana, cast.garden.id, third)

        harbour.pins.unpin(cast.ana, cast.garden.id, first)
        harbour.pins.pin(cast.ana, cast.garden.id, third)

        pinned = {message.id for message in harbour.pins.pinned(cast.ana, cast.garden.id)}
        assert pinned == {second, third}

    def test_the_same_by_many_at_once_is_one_pin(
        self, harbour: Services, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said = harbour.messages.post(cast.ana, cast.garden.id, "hello").id

        all_look_before_one_pins(monkeypatch, 5)
        outcomes = at_once(*[pinning(harbour, cast, said)] * 5)

        assert {outcome.changes for outcome in outcomes} == {1}


def all_look_before_one_pins(monkeypatch: pytest.MonkeyPatch, people: int) -> None:
    """Let the first look of each at what is pinned end when all have looked."""
    look, together, done = MessageRepository.get_pinned, threading.Barrier(people), set[int]()

    def get_pinned(self: MessageRepository, room_id: str) -> list[Message]:
        found = look(self, room_id)
        if threading.get_ident() not in done and len(done) < people:
            done.add(threading.get_ident())
            together.wait(LIMIT_SECONDS)
        return found

    monkeypatch.setattr(MessageRepository, "get_pinned", get_pinned)


def pinning(harbour: Services, cast: Cast, message_id: str) -> Callable[[], Any]:
    return lambda: harbour.pins.pin(cast.ana, cast.garden.id, message_id)
