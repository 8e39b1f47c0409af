"""The rules of messages."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import NetworkTimeout

from chatapp.auth.entities import User
from chatapp.chat.entities import Message
from chatapp.chat.errors import MessageEmpty, MessageNotFound, MessageTooLong
from chatapp.chat.events import MessageChanged, MessagePosted
from chatapp.chat.service import MAX_CHANGED
from chatapp.core.errors import BadText, ChatError
from chatapp.core.events import Event
from chatapp.rooms.errors import RoomNotFound
from chatapp.services import Services
from tests.cast import PASSWORD, Cast, Clock, Listening, at_once

COMPOSED = "\u00e9"
DECOMPOSED = "e\u0301"
GROWS = "\U0001d15e"  # one character that NFC makes two


def _texts(services: Services, cast: Cast) -> list[str]:
    """What was said; quiet lines say nothing."""
    said = services.messages.history(cast.ana, cast.garden.id).messages
    return [message.text for message in said if not message.is_quiet]


def _said(told: Listening) -> list[MessagePosted]:
    return [event for event in told.of(MessagePosted) if not event.message.is_quiet]


class TestPosting:
    def test_keeps_the_message_and_says_so(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        message = services.messages.post(cast.ben, cast.garden.id, "hello", "c-1")

        assert (message.seq, message.text, message.sender) == (1, "hello", "ben")
        assert (message.room_id, message.client_id) == (cast.garden.id, "c-1")
        assert services.messages.history(cast.ana, cast.garden.id).messages == [message]
        assert told == [MessagePosted(message=message, names={"ben": "Ben Okafor"})]

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("a", "a"),
            ("a" * 4000, "a" * 4000),
            ("🌱" * 4000, "🌱" * 4000),
            ("  two\n\n lines\t", "  two\n\n lines\t"),
            ("one\r\ntwo\rthree", "one\ntwo\nthree"),
            (DECOMPOSED, COMPOSED),
            ("<b>&amp;</b>", "<b>&amp;</b>"),
            ("$where {}", "$where {}"),
        ],
    )
    def test_keeps_it_as_typed_in_nfc(
        self, services: Services, cast: Cast, typed: str, kept: str
    ) -> None:
        services.messages.post(cast.ben, cast.garden.id, typed)

        assert _texts(services, cast) == [kept]

    @pytest.mark.parametrize(
        ("text", "refusal"),
        [
            ("", MessageEmpty),
            (" \n\t ", MessageEmpty),
            ("\u3000\u00a0", MessageEmpty),
            ("a" * 4001, MessageTooLong),
            ("a" * 1_000_000, MessageTooLong),
            (" " * 4001, MessageTooLong),
            (GROWS * 2001, MessageTooLong),
            ("bell\x07", BadText),
            ("nul\0", BadText),
            ("\x1b[31m", BadText),
            ("\ud800", BadText),
            ("ok \udfff", BadText),
        ],
    )
    def test_is_refused_outside_the_rules(
        self, services: Services, cast: Cast, told: Listening, text: str, refusal: type[ChatError]
    ) -> None:
        with pytest.raises(refusal):
            services.messages.post(cast.ben, cast.garden.id, text)

        assert _texts(services, cast) == []
        assert told == []

    def test_too_long_names_the_limit(self, services: Services, cast: Cast) -> None:
        with pytest.raises(MessageTooLong) as refused:
            services.messages.post(cast.ben, cast.garden.id, "a" * 4001)

        assert refused.value.details == {"limit": 4000}

    def test_is_for_members(self, services: Services, cast: Cast, told: Listening) -> None:
        for room_id in (cast.garden.id, "no id", "0" * 24, ""):
            with pytest.raises(RoomNotFound):
                services.messages.post(cast.cleo, room_id, "let me in")
        assert told == []

        services.rooms.add_members(cast.ana, cast.garden.id, ["cleo"])
        services.messages.post(cast.cleo, cast.garden.id, "let me in")
        assert _texts(services, cast) == ["let me in"]

    def test_ends_with_membership(self, services: Services, cast: Cast, told: Listening) -> None:
        services.messages.post(cast.ben, cast.garden.id, "before", "c-1")
        services.rooms.remove_member(cast.ana, cast.garden.id, "ben")

        for client_id in ("c-1", "c-2"):  # a repeat is no way back in
            with pytest.raises(RoomNotFound):
                services.messages.post(cast.ben, cast.garden.id, "after", client_id)

        assert [event.message.text for event in _said(told)] == ["before"]


class TestARepeat:
    def test_is_answered_with_the_first_and_told_to_nobody(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        first = services.messages.post(cast.ben, cast.garden.id, "hello", "c-1")

        again = services.messages.post(cast.ben, cast.garden.id, "other words", "c-1")

        assert again == first
        assert _texts(services, cast) == ["hello"]
        assert len(told) == 1

    def test_from_eight_tabs_at_once_is_one_message_told_once(self, harbour: Services) -> None:
        ana = harbour.accounts.set_up("Harbour", "ana", PASSWORD)
        room_id = harbour.rooms.list_for(ana)[0].room_id
        heard = Listening()
        harbour.bus.subscribe(Event, heard.append)

        said = at_once(*[lambda: harbour.messages.post(ana, room_id, "hello", "c-1")] * 8)

        assert len({message.id for message in said}) == 1
        assert len(heard) == 1
        assert harbour.messages.history(ana, room_id).head == 1

    def test_after_an_unknown_outcome_is_told_the_first_time_it_is_known(
        self, services: Services, cast: Cast, told: Listening, lost: list[int]
    ) -> None:
        lost.append(1)
        with pytest.raises(NetworkTimeout):
            services.messages.post(cast.ben, cast.garden.id, "hello", "c-1")
        assert told == []

        message = services.messages.post(cast.ben, cast.garden.id, "hello", "c-1")
        services.messages.post(cast.ben, cast.garden.id, "hello", "c-1")

        assert message.seq == 1
        assert [event.message for event in told] == [message]

    @pytest.fixture
    def lost(self, services: Services, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """A network that loses an answer, after the work was done, for each item in the list."""
        answers: list[int] = []
        collection = type(services.database["messages"])
        insert_many = collection.insert_many

        def losing(self: Any, *args: Any, **kwargs: Any) -> Any:
            done = insert_many(self, *args, **kwargs)
            if self.name == "messages" and answers:
                answers.pop()
                raise NetworkTimeout("timed out")
            return done

        monkeypatch.setattr(collection, "insert_many", losing)
        return answers


class TestEightAtOnce:
    def test_make_one_gapless_order_and_are_told_in_it(self, harbour: Services) -> None:
        ana = harbour.accounts.set_up("Harbour", "ana", PASSWORD)
        room_id = harbour.rooms.list_for(ana)[0].room_id
        heard = Listening()
        harbour.bus.subscribe(MessagePosted, heard.append)

        def talk() -> None:
            for _ in range(10):
                harbour.messages.post(ana, room_id, "hello")

        at_once(*[talk] * 8)

        history = harbour.messages.history(ana, room_id, limit=200)
        assert [message.seq for message in history.messages] == list(range(1, 81))
        assert [event.message for event in heard.of(MessagePosted)] == history.messages


class TestWhatHangsOnAMessage:
    @pytest.fixture
    def asked(
        self, services: Services, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> list[tuple[str, list[str]]]:
        """Let two features hang something on messages that begin with "!"; note who asks."""
        asked = []

        def count(actor: User, messages: Sequence[Message]) -> dict[str, object]:
            asked.append((actor.username, [message.text for message in messages]))
            return {m.id: {"letters": len(m.text)} for m in messages if m.text[0] == "!"}

        extras = {"count": count, "nothing": lambda actor, messages: {}}
        monkeypatch.setattr(services.messages._log, "_extras", extras)
        return asked

    def test_is_asked_for_once_a_page(
        self, services: Services, cast: Cast, asked: list[tuple[str, list[str]]]
    ) -> None:
        for text in ("!a", "b", "!cd"):
            services.messages.post(cast.ben, cast.garden.id, text)
        asked.clear()

        history = services.messages.history(cast.ana, cast.garden.id)

        assert asked == [("ana", ["!a", "b", "!cd"])]
        hanging = [history.hanging_on(message) for message in history.messages]
        assert hanging == [{"count": {"letters": 2}}, {}, {"count": {"letters": 3}}]
        public = history.public()["messages"]
        assert [message.get("count") for message in public] == [  # type: ignore[attr-defined]
            *({"letters": 2}, None, {"letters": 3})
        ]

    def test_is_told_with_it(
        self,
        services: Services,
        cast: Cast,
        told: Listening,
        asked: list[tuple[str, list[str]]],
    ) -> None:
        services.messages.post(cast.ben, cast.garden.id, "!a")

        (event,) = told.of(MessagePosted)
        assert event.extras == {"count": {"letters": 2}}
        assert event.payload()["message"]["count"] == {"letters": 2}

    def test_that_cannot_be_found_leaves_the_outcome_unknown_and_is_told_later(
        self, services: Services, cast: Cast, told: Listening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        away = iter([NetworkTimeout("timed out")])

        def extra(actor: User, messages: Sequence[Message]) -> dict[str, object]:
            for error in away:
                raise error
            return {}

        monkeypatch.setattr(services.messages._log, "_extras", {"away": extra})
        with pytest.raises(NetworkTimeout):
            services.messages.post(cast.ben, cast.garden.id, "hello", "c-1")
        assert told == []

        again = services.messages.post(cast.ben, cast.garden.id, "hello", "c-1")

        assert [event.message for event in told.of(MessagePosted)] == [again]

    def test_is_told_again_when_it_changes(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        message = services.messages.post(cast.ben, cast.garden.id, "hello")

        again = services.messages.retell(cast.ana, cast.garden.id, message.id)

        (event,) = told.of(MessageChanged)
        assert again.changes == 1
        assert (event.message, event.names) == (again, {"ben": "Ben Okafor"})
        assert event.audience == (f"room:{cast.garden.id}",)

    def test_is_told_again_to_members_of_a_message_that_is_there(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        shed = services.rooms.create(cast.ana, "Shed")
        there = services.messages.post(cast.ben, cast.garden.id, "hello").id
        elsewhere = services.messages.post(cast.ana, shed.id, "hello").id
        line = services.quiet_lines.note(cast.garden.id, "renamed", {"name": "Pier"}, "ana").id

        with pytest.raises(RoomNotFound):
            services.messages.retell(cast.cleo, cast.garden.id, there)
        for message_id in (elsewhere, line, "no id", "0" * 24):
            with pytest.raises(MessageNotFound):
                services.messages.retell(cast.ana, cast.garden.id, message_id)
        assert told.of(MessageChanged) == []


class TestHistory:
    @pytest.fixture(autouse=True)
    def _talk(self, services: Services, cast: Cast) -> None:
        for number in range(1, 46):
            services.messages.post(cast.ben, cast.garden.id, f"no. {number}")

    def test_is_the_newest_forty_and_the_head(self, services: Services, cast: Cast) -> None:
        history = services.messages.history(cast.ana, cast.garden.id)

        assert [message.seq for message in history.messages] == list(range(6, 46))
        assert history.head == 45

    def test_has_the_head_on_every_page(self, services: Services, cast: Cast) -> None:
        older = services.messages.history(cast.ana, cast.garden.id, before=6)
        newer = services.messages.history(cast.ana, cast.garden.id, after=44)

        assert ([m.seq for m in older.messages], older.head) == ([1, 2, 3, 4, 5], 45)
        assert ([m.seq for m in newer.messages], newer.head) == ([45], 45)

    def test_is_closed_to_outsiders_and_open_to_who_is_added(
        self, services: Services, cast: Cast
    ) -> None:
        with pytest.raises(RoomNotFound):
            services.messages.history(cast.cleo, cast.garden.id)

        services.rooms.add_members(cast.ana, cast.garden.id, ["cleo"])
        assert services.messages.history(cast.cleo, cast.garden.id).messages[-2].seq == 45

    def test_of_a_silent_room_is_empty(self, services: Services, cast: Cast) -> None:
        shed = services.rooms.create(cast.ana, "Shed")

        history = services.messages.history(cast.ana, shed.id)

        assert (history.messages, history.head) == ([], 0)


class TestCatchingUp:
    def test_finds_what_changed_since_the_page_was_read(
        self, harbour: Services, clock: Clock
    ) -> None:
        ana, room_id = _talk(harbour, 6)
        first = harbour.messages.history(ana, room_id, after=0).messages
        for seq in (1, 2):
            clock.forward(timedelta(minutes=5))
            harbour.messages.retell(ana, room_id, first[seq - 1].id)
        clock.forward(timedelta(minutes=5))
        page = harbour.messages.history(ana, room_id)
        clock.forward(timedelta(minutes=5))
        for seq in (3, 5):
            harbour.messages.retell(ana, room_id, first[seq - 1].id)

        missed = harbour.messages.history(ana, room_id, after=4, changed_since=page.mark)
        clock.forward(timedelta(minutes=5))
        nothing = harbour.messages.history(ana, room_id, after=6, changed_since=missed.mark)

        assert [m.seq for m in missed.messages] == [3, 5, 6]
        assert nothing.mark > missed.mark > page.mark > 0
        assert [m.seq for m in nothing.messages] == [3, 5]  # of the last half minute, again

    def test_goes_back_by_more_than_a_write_takes(self, harbour: Services, clock: Clock) -> None:
        ana, room_id = _talk(harbour, 2)
        one, other = harbour.messages.history(ana, room_id).messages
        harbour.messages.retell(ana, room_id, one.id)
        clock.forward(timedelta(minutes=5))
        harbour.messages.retell(ana, room_id, other.id)
        clock.forward(timedelta(seconds=10))  # a write takes 2.5 seconds at most

        mark = harbour.messages.history(ana, room_id).mark
        missed = harbour.messages.history(ana, room_id, after=2, changed_since=mark)

        assert [m.seq for m in missed.messages] == [2]

    def test_is_bounded(
        self, services: Services, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(MAX_CHANGED + 5):
            services.messages.post(cast.ben, cast.garden.id, f"no. {number}")
        services.database["messages"].update_many({}, {"$set": {"changed_at": cast.ana.created_at}})

        missed = services.messages.history(cast.ana, cast.garden.id, after=999, changed_since=0)

        assert len(missed.messages) == MAX_CHANGED


def _talk(services: Services, count: int) -> tuple[User, str]:
    ana = services.accounts.set_up("Harbour", "ana", PASSWORD)
    room_id = services.rooms.list_for(ana)[0].room_id
    for number in range(1, count + 1):
        services.messages.post(ana, room_id, f"no. {number}")
    return ana, room_id
