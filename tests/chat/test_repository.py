"""Messages keep their word on every store."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from pymongo.errors import NetworkTimeout, WriteError

from chatapp.auth.repository import SessionRepository
from chatapp.chat.entities import Draft, Message, Saved
from chatapp.chat.repository import MessageRepository
from chatapp.core.database import Documents
from chatapp.rooms.repository import RoomRepository
from tests.cast import Clock, at_once
from tests.watched import operations

GARDEN, SHED = str(ObjectId()), str(ObjectId())
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def messages(database: Documents, clock: Clock) -> MessageRepository:
    return MessageRepository(database, clock)


def _say(messages: MessageRepository, count: int, room_id: str = GARDEN) -> None:
    for number in range(1, count + 1):
        messages.save_message(room_id, f"no. {number}", "ana")


def _seqs(found: list[Message]) -> list[int]:
    return [message.seq for message in found]


class TestSaving:
    def test_is_read_as_it_was_said(self, messages: MessageRepository, clock: Clock) -> None:
        message, is_new = messages.save_message(GARDEN, "hello 🌱\n", "ana", "c-1")

        assert is_new
        assert message == Message(
            id=message.id,
            room_id=GARDEN,
            seq=1,
            text="hello 🌱\n",
            sender="ana",
            created_at=clock(),
            client_id="c-1",
        )
        assert messages.get_message(message.id) == message
        assert messages.get_messages(GARDEN) == [message]

    def test_counts_from_one_in_each_room(self, messages: MessageRepository) -> None:
        _say(messages, 3)
        _say(messages, 2, SHED)

        assert _seqs(messages.get_messages(GARDEN)) == [1, 2, 3]
        assert _seqs(messages.get_messages(SHED)) == [1, 2]
        assert (messages.get_head(GARDEN), messages.get_head(SHED)) == (3, 2)

    def test_without_a_client_id_is_new_each_time(self, messages: MessageRepository) -> None:
        saved = [messages.save_message(GARDEN, "same", "ana") for _ in range(2)]

        assert [is_new for _, is_new in saved] == [True, True]
        assert saved[0][0].client_id != saved[1][0].client_id

    def test_goes_on_counting_after_a_restart(
        self, messages: MessageRepository, database: Documents, clock: Clock
    ) -> None:
        _say(messages, 3)

        message, _ = MessageRepository(database, clock).save_message(GARDEN, "back", "ana")

        assert message.seq == 4

    def test_goes_on_counting_after_another_process_wrote(
        self, messages: MessageRepository, database: Documents, clock: Clock
    ) -> None:
        _say(messages, 1)
        _say(MessageRepository(database, clock), 5)

        message, is_new = messages.save_message(GARDEN, "mine", "ana")

        assert (message.seq, is_new) == (7, True)


class TestAClientId:
    def test_again_gives_the_first_message(self, messages: MessageRepository) -> None:
        first, _ = messages.save_message(GARDEN, "one", "ana", "c-1")
        _say(messages, 2)

        again, is_new = messages.save_message(GARDEN, "other words", "ana", "c-1")

        assert (again, is_new) == (first, False)
        assert messages.get_head(GARDEN) == 3

    def test_is_ones_own_in_each_room(self, messages: MessageRepository) -> None:
        saved = [
            messages.save_message(room_id, "hello", sender, "c-1")
            for room_id, sender in [(GARDEN, "ana"), (GARDEN, "ben"), (SHED, "ana")]
        ]

        assert [is_new for _, is_new in saved] == [True, True, True]

    def test_again_after_a_restart_still_gives_the_first(
        self, messages: MessageRepository, database: Documents, clock: Clock
    ) -> None:
        first, _ = messages.save_message(GARDEN, "one", "ana", "c-1")

        again = MessageRepository(database, clock).save_message(GARDEN, "one", "ana", "c-1")

        assert again == (first, False)


def _drafts(*client_ids: str) -> list[Draft]:
    return [Draft(text=client_id, sender="ana", client_id=client_id) for client_id in client_ids]


def _outcomes(saved: list[Saved | Exception]) -> list[tuple[str, int, bool]]:
    assert not [outcome for outcome in saved if isinstance(outcome, Exception)]
    return [(s.message.client_id, s.message.seq, s.is_new) for s in saved]  # type: ignore[union-attr]


class TestManyTogether:
    def test_have_their_order_and_their_own_outcome(self, messages: MessageRepository) -> None:
        messages.save_message(GARDEN, "b", "ana", "b")

        saved = messages.save_messages(GARDEN, _drafts("a", "b", "c", "c", "d"))

        assert _outcomes(saved) == [
            ("a", 2, True),
            ("b", 1, False),
            ("c", 3, True),
            ("c", 3, False),
            ("d", 4, True),
        ]
        assert _seqs(messages.get_messages(GARDEN)) == [1, 2, 3, 4]

    def test_go_on_after_what_another_process_wrote(
        self, messages: MessageRepository, database: Documents, clock: Clock
    ) -> None:
        messages.save_messages(GARDEN, _drafts("a"))
        MessageRepository(database, clock).save_messages(GARDEN, _drafts("x", "y"))

        saved = messages.save_messages(GARDEN, _drafts("b", "c"))

        assert _outcomes(saved) == [("b", 4, True), ("c", 5, True)]

    def test_are_nobodys_loss_when_one_is_refused(self, mongodb: Documents, clock: Clock) -> None:
        mongodb.command("collMod", "messages", validator={"text": {"$ne": "bad"}})
        try:
            saved = MessageRepository(mongodb, clock).save_messages(
                GARDEN, _drafts("a", "bad", "b")
            )
        finally:
            mongodb.command("collMod", "messages", validator={})

        assert isinstance(saved.pop(1), WriteError)
        assert _outcomes(saved) == [("a", 1, True), ("b", 2, True)]

    def test_are_each_unknown_where_the_answer_is_lost(
        self, messages: MessageRepository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        messages.save_messages(GARDEN, _drafts("a"))
        with monkeypatch.context() as patched:
            patched.setattr(messages._messages, "insert_many", _lost)
            saved = messages.save_messages(GARDEN, _drafts("b", "c"))

        assert [type(outcome) for outcome in saved] == [NetworkTimeout] * 2
        assert _outcomes(messages.save_messages(GARDEN, _drafts("c"))) == [("c", 2, True)]

    def test_are_one_command(self, mongodb: Documents, clock: Clock) -> None:
        messages = MessageRepository(mongodb, clock)
        _say(messages, 1)

        drafts = _drafts(*map(str, range(50)))
        done = operations(mongodb, lambda: messages.save_messages(GARDEN, drafts))

        assert [(entry["op"], entry["ninserted"]) for entry in done] == [("insert", 50)]


def _lost(documents: object) -> None:
    raise NetworkTimeout("timed out")


class TestManyWriters:
    def test_leave_no_gap_and_no_double(self, mongodb: Documents, clock: Clock) -> None:
        # Two repositories: threads of one process, and another process beside it.
        writers = [MessageRepository(mongodb, clock), MessageRepository(mongodb, clock)] * 4

        at_once(*[lambda writer=writer: _say(writer, 10) for writer in writers])

        assert _seqs(writers[0].get_messages(GARDEN, limit=500)) == list(range(1, 81))

    def test_of_one_client_id_save_one_message(self, mongodb: Documents, clock: Clock) -> None:
        messages = MessageRepository(mongodb, clock)

        saved = at_once(*[lambda: messages.save_message(GARDEN, "hello", "ana", "c-1")] * 8)

        assert sorted(is_new for _, is_new in saved) == [False] * 7 + [True]
        assert len({message.id for message, _ in saved}) == 1
        assert messages.get_head(GARDEN) == 1


class TestAPage:
    @pytest.mark.parametrize(
        ("asked", "given"),
        [
            ({}, range(1, 11)),
            ({"limit": 3}, [8, 9, 10]),
            ({"before": 8, "limit": 3}, [5, 6, 7]),
            ({"before": 2, "limit": 3}, [1]),
            ({"before": 1}, []),
            ({"before": 0}, []),
            ({"before": 1000, "limit": 2}, [9, 10]),
            ({"after": 0, "limit": 3}, [1, 2, 3]),
            ({"after": 8}, [9, 10]),
            ({"after": 10}, []),
            ({"after": 1000}, []),
            ({"after": 3, "before": 6}, [4, 5]),
        ],
    )
    def test_is_cut_by_seq_oldest_first(
        self, messages: MessageRepository, asked: dict[str, int], given: list[int]
    ) -> None:
        _say(messages, 10)
        _say(messages, 10, SHED)

        assert _seqs(messages.get_messages(GARDEN, **asked)) == list(given)

    def test_after_page_is_the_whole_history(self, messages: MessageRepository) -> None:
        _say(messages, 10)
        seen: list[int] = []

        while page := messages.get_messages(GARDEN, after=seen[-1] if seen else 0, limit=3):
            seen += _seqs(page)

        assert seen == list(range(1, 11))

    @pytest.mark.parametrize("room_id", [SHED, "no id", "", "\ud800"])
    def test_of_nothing_is_empty(self, messages: MessageRepository, room_id: str) -> None:
        _say(messages, 1)

        assert messages.get_messages(room_id) == []
        assert messages.get_head(room_id) == 0

    @pytest.mark.parametrize("message_id", [str(ObjectId()), "no id", ""])
    def test_has_no_message_of_an_unknown_id(
        self, messages: MessageRepository, message_id: str
    ) -> None:
        assert messages.get_message(message_id) is None


class TestAChange:
    def test_is_counted_and_dated(self, messages: MessageRepository, clock: Clock) -> None:
        message, _ = messages.save_message(GARDEN, "hello", "ana")
        clock.forward(timedelta(seconds=1))

        messages.touch(message.id)
        touched = messages.touch(message.id)

        assert touched == replace(message, changes=2, changed_at=clock())
        assert messages.get_message(message.id) == touched
        assert messages.touch(str(ObjectId())) is None

    def test_is_found_by_when_it_was(self, messages: MessageRepository, clock: Clock) -> None:
        began = clock()
        _say(messages, 5)
        _say(messages, 1, SHED)
        said = messages.get_messages(GARDEN)
        for seq in (2, 5, 1):
            clock.forward(timedelta(seconds=1))
            messages.touch(said[seq - 1].id)

        second = clock() - timedelta(seconds=1)
        assert _seqs(messages.get_changed(GARDEN, began, up_to=5, limit=9)) == [1, 5, 2]
        assert _seqs(messages.get_changed(GARDEN, second, up_to=5, limit=9)) == [1, 5]
        assert _seqs(messages.get_changed(GARDEN, began, up_to=4, limit=9)) == [1, 2]
        assert _seqs(messages.get_changed(GARDEN, began, up_to=5, limit=1)) == [1]
        assert messages.get_changed(SHED, began, up_to=5, limit=9) == []
        assert messages.get_changes([GARDEN, SHED], second) == {
            GARDEN: {said[0].id: 1, said[4].id: 1}
        }

    def test_at_once_is_counted_once_each(self, mongodb: Documents, clock: Clock) -> None:
        messages = MessageRepository(mongodb, clock)
        message, _ = messages.save_message(GARDEN, "hello", "ana")

        touched = at_once(*[lambda: messages.touch(message.id)] * 8)

        assert sorted(message.changes for message in touched) == list(range(1, 9))


class TestMongoDB:
    @pytest.fixture
    def filled(self, mongodb: Documents, clock: Clock) -> Documents:
        rooms = RoomRepository(mongodb, clock)
        for number in range(20):
            rooms.save_room(f"Room {number}", f"user{number}")
        messages = MessageRepository(mongodb, clock)
        _say(messages, 20)
        _say(messages, 20, SHED)
        for message in messages.get_messages(GARDEN, limit=10):
            messages.touch(message.id)
        return mongodb

    @pytest.mark.parametrize(
        "ask",
        [
            lambda db, now: MessageRepository(db, now).get_messages(GARDEN, before=15, limit=5),
            lambda db, now: MessageRepository(db, now).get_messages(GARDEN, after=15, limit=5),
            lambda db, now: MessageRepository(db, now).get_messages(GARDEN, limit=5),
            lambda db, now: MessageRepository(db, now).get_head(GARDEN),
            lambda db, now: MessageRepository(db, now).get_changed(GARDEN, LONG_AGO, 99, 5),
            lambda db, now: MessageRepository(db, now).get_changes([GARDEN, SHED], LONG_AGO),
            lambda db, now: RoomRepository(db, now).get_rooms_for_user("user7"),
            lambda db, now: RoomRepository(db, now).get_room_members(GARDEN),
            lambda db, now: RoomRepository(db, now).get_room_member(GARDEN, "user7"),
            lambda db, now: RoomRepository(db, now).get_welcoming_rooms(),
            lambda db, now: SessionRepository(db, now).get_session("key"),
        ],
        ids=[
            "history before",
            "history after",
            "the newest",
            "the head",
            "what has changed",
            "how often it changed",
            "the rooms of a user",
            "the members of a room",
            "the gate",
            "open rooms",
            "the session look-up",
        ],
    )
    def test_serves_it_from_an_index(
        self, filled: Documents, clock: Clock, ask: Callable[..., object]
    ) -> None:
        done = operations(filled, lambda: ask(filled, clock))
        served = [entry for entry in done if entry["op"] == "query"]

        assert served
        for query in served:
            assert "COLLSCAN" not in query["planSummary"], query
            assert not query.get("hasSortStage"), query
            assert query["docsExamined"] <= max(query["nreturned"], 1), query
