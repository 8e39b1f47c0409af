"""What is remembered is never older than what was acknowledged, in any process."""

import threading
from collections.abc import Callable

import pytest
from pymongo.errors import NetworkTimeout

from chatapp.core import background
from chatapp.core.database import Documents
from chatapp.memory.memory import LEASE_SECONDS, MOST_SECONDS, Memory
from chatapp.memory.repository import KEPT_CHANGES, ChangeRepository
from tests.cast import at_once
from tests.wire import until


class Seconds:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Truth:
    """What is asked, and how often it was."""

    def __init__(self) -> None:
        self.answer: str | None = "first"
        self.asked = 0

    def __call__(self) -> str | None:
        self.asked += 1
        return self.answer


class Asked:
    """What was asked about; the answer is how often anything was."""

    def __init__(self) -> None:
        self.about: list[list[str]] = []

    def __call__(self, about: list[str]) -> dict[str, int]:
        self.about.append(about)
        return dict.fromkeys(about, len(self.about))


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def changes(database: Documents) -> ChangeRepository:
    return ChangeRepository(database)


@pytest.fixture
def process(changes: ChangeRepository, seconds: Seconds) -> Callable[[], Memory]:
    return lambda: Memory(changes, seconds)


class TestOneProcess:
    def test_remembers_nothing_without_a_lease(self, process: Callable[[], Memory]) -> None:
        memory, truth = process(), Truth()

        assert [memory.recall("a", "?", truth) for _ in range(3)] == ["first"] * 3
        assert truth.asked == 3

    def test_asks_once_under_a_lease(self, process: Callable[[], Memory]) -> None:
        memory, truth = process(), Truth()
        memory.beat()

        assert [memory.recall("a", "?", truth) for _ in range(3)] == ["first"] * 3
        assert truth.asked == 1

    def test_tells_questions_and_subjects_apart(self, process: Callable[[], Memory]) -> None:
        memory = process()
        memory.beat()

        for about in ("a", "b"):
            for question in ("x", "y"):
                memory.recall(about, question, lambda: (about, question))  # noqa: B023
        assert memory.recall("b", "x", lambda: ("?", "?")) == ("b", "x")
        assert memory.recall("a", "y", lambda: ("?", "?")) == ("a", "y")

    def test_asks_again_when_the_lease_has_run_out(
        self, process: Callable[[], Memory], seconds: Seconds
    ) -> None:
        memory, truth = process(), Truth()
        memory.beat()
        memory.recall("a", "?", truth)
        truth.answer = "second"

        seconds.now += LEASE_SECONDS * 0.9
        assert memory.recall("a", "?", truth) == "first"
        seconds.now += LEASE_SECONDS * 0.1
        assert memory.recall("a", "?", truth) == "second"

    def test_forgets_what_has_changed_and_nothing_else(self, process: Callable[[], Memory]) -> None:
        memory, truth, other = process(), Truth(), Truth()
        memory.beat()
        memory.recall("a", "?", truth)
        memory.recall("b", "?", other)
        truth.answer = other.answer = "second"

        memory.changed("a")

        assert memory.recall("a", "?", truth) == "second"
        assert memory.recall("b", "?", other) == "first"

    def test_does_not_keep_what_was_read_before_a_change(
        self, process: Callable[[], Memory]
    ) -> None:
        memory = process()
        memory.beat()

        def read_and_be_overtaken() -> str:
            memory.changed("a")
            return "old"

        memory.recall("a", "?", read_and_be_overtaken)
        assert memory.recall("a", "?", lambda: "new") == "new"

    def test_does_not_keep_what_is_not_there(self, process: Callable[[], Memory]) -> None:
        memory, truth = process(), Truth()
        memory.beat()
        truth.answer = None
        memory.recall("a", "?", truth)
        truth.answer = "here now"

        assert memory.recall("a", "?", truth) == "here now"

    def test_forgets_everything_now_and_then(
        self, process: Callable[[], Memory], seconds: Seconds
    ) -> None:
        memory, truth = process(), Truth()
        memory.beat()
        memory.recall("a", "?", truth)
        truth.answer = "second"

        seconds.now += MOST_SECONDS + 1
        memory.beat()
        assert memory.recall("a", "?", truth) == "second"

    def test_forgets_even_where_the_change_cannot_be_announced(
        self, process: Callable[[], Memory], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        memory, truth = process(), Truth()
        memory.beat()
        memory.recall("a", "?", truth)
        truth.answer = "second"

        def lost(self: object, about: object) -> int:
            raise NetworkTimeout("timed out")

        monkeypatch.setattr(ChangeRepository, "save_change", lost)
        with pytest.raises(NetworkTimeout):
            memory.changed("a")
        assert memory.recall("a", "?", truth) == "second"


class TestMany:
    def test_are_asked_for_once_and_only_those_not_remembered(
        self, process: Callable[[], Memory]
    ) -> None:
        memory, asked = process(), Asked()
        memory.beat()

        assert memory.recall_each("ab", "?", asked) == {"a": 1, "b": 1}
        assert memory.recall_each("bca", "?", asked) == {"a": 1, "b": 1, "c": 2}
        assert memory.recall_each("abc", "?", asked) == {"a": 1, "b": 1, "c": 2}

        assert asked.about == [["a", "b"], ["c"]]

    def test_that_are_not_there_are_left_out_and_asked_for_again(
        self, process: Callable[[], Memory]
    ) -> None:
        memory = process()
        memory.beat()

        assert memory.recall_each("ab", "?", lambda about: {"a": 1}) == {"a": 1}
        assert memory.recall_each("ab", "?", lambda about: {"b": 2}) == {"a": 1, "b": 2}

    def test_are_forgotten_each_for_itself(self, process: Callable[[], Memory]) -> None:
        memory, asked = process(), Asked()
        memory.beat()
        memory.recall_each("ab", "?", asked)

        memory.changed("a")

        assert memory.recall_each("ab", "?", asked) == {"a": 2, "b": 1}

    def test_share_what_was_asked_for_one(self, process: Callable[[], Memory]) -> None:
        memory, asked = process(), Asked()
        memory.beat()
        memory.recall("a", "?", lambda: 7)

        assert memory.recall_each("ab", "?", asked) == {"a": 7, "b": 1}
        assert memory.recall("b", "?", lambda: 8) == 1

    def test_are_not_kept_when_a_change_came_between(self, process: Callable[[], Memory]) -> None:
        memory = process()
        memory.beat()

        def read_and_be_overtaken(about: list[str]) -> dict[str, str]:
            memory.changed("a")
            return dict.fromkeys(about, "old")

        memory.recall_each("ab", "?", read_and_be_overtaken)
        assert memory.recall_each("ab", "?", lambda about: dict.fromkeys(about, "new")) == {
            "a": "new",
            "b": "new",
        }

    def test_are_remembered_under_a_lease_alone(
        self, process: Callable[[], Memory], seconds: Seconds
    ) -> None:
        memory, asked = process(), Asked()
        memory.beat()
        memory.recall_each("ab", "?", asked)

        seconds.now += LEASE_SECONDS

        assert memory.recall_each("ab", "?", asked) == {"a": 2, "b": 2}


class TestTwoProcesses:
    def test_a_change_is_done_when_the_other_has_noted_it(
        self, process: Callable[[], Memory]
    ) -> None:
        one, other, truth = process(), process(), Truth()
        other.beat()
        other.recall("a", "?", truth)
        truth.answer = "second"
        one.hint = other.beat

        one.changed("a")

        assert other.recall("a", "?", truth) == "second"

    def test_a_change_waits_for_one_that_does_not_answer_until_its_lease_has_run_out(
        self, process: Callable[[], Memory], seconds: Seconds, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, other, truth = process(), process(), Truth()
        other.beat()
        other.recall("a", "?", truth)
        truth.answer = "second"
        recalled = []

        def wait(_: float) -> None:
            recalled.append(other.recall("a", "?", truth))
            seconds.now += LEASE_SECONDS / 10

        monkeypatch.setattr(background, "sleep", wait)
        one.changed("a")

        assert other.recall("a", "?", truth) == "second"
        assert len(recalled) >= 10
        one.changed("a")  # and does not wait for it again
        assert len(recalled) <= 12

    def test_one_that_was_given_up_is_told_when_it_is_back(
        self, process: Callable[[], Memory], changes: ChangeRepository, seconds: Seconds
    ) -> None:
        one, other, truth = process(), process(), Truth()
        other.beat()
        other.recall("a", "?", truth)
        truth.answer = "second"
        number = changes.save_change(["a"])
        changes.remove_behind(number, "nobody")

        other.beat()
        assert other.recall("a", "?", truth) == "second"
        other.beat()
        one.hint = other.beat
        truth.answer = "third"
        one.changed("a")
        assert other.recall("a", "?", truth) == "third"

    def test_one_that_is_removed_while_it_notes_gets_no_lease(
        self,
        process: Callable[[], Memory],
        changes: ChangeRepository,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        other, truth = process(), Truth()
        changes.save_change(["a"])
        read = ChangeRepository.get_changes

        def and_be_removed(self: ChangeRepository, after: int) -> object:
            found = read(self, after)
            self.remove_behind(10, "nobody")
            return found

        monkeypatch.setattr(ChangeRepository, "get_changes", and_be_removed)
        other.beat()
        other.recall("a", "?", truth)
        other.recall("a", "?", truth)
        assert truth.asked == 2

    def test_one_that_missed_more_than_is_kept_forgets_everything(
        self, process: Callable[[], Memory], changes: ChangeRepository, database: Documents
    ) -> None:
        other, truth = process(), Truth()
        other.beat()
        changes.save_change(["z"])
        other.beat()
        other.recall("a", "?", truth)
        truth.answer = "second"
        head = 5 + KEPT_CHANGES
        database["changes"].insert_one({"_id": head, "about": ["a"]})
        changes.save_change(["z"])
        database["changes"].delete_one({"_id": head})

        other.beat()
        assert other.recall("a", "?", truth) == "second"

    def test_one_that_stops_keeps_nobody_waiting(
        self, process: Callable[[], Memory], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, other = process(), process()
        other.beat()
        other.stop()
        other.beat()  # a hint that came meanwhile
        monkeypatch.setattr(background, "sleep", lambda _: pytest.fail("waited"))

        one.changed("a")


class TestTheLog:
    def test_counts_without_gaps_whoever_writes(self, mongodb: Documents) -> None:
        logs = [ChangeRepository(mongodb), ChangeRepository(mongodb)] * 4

        numbers = at_once(*[lambda log=log: log.save_change(["a"]) for log in logs])

        assert sorted(numbers) == list(range(1, 9))
        assert [change.number for change in logs[0].get_changes(3)] == [4, 5, 6, 7, 8]

    def test_keeps_the_last(self, changes: ChangeRepository, database: Documents) -> None:
        database["changes"].insert_one({"_id": KEPT_CHANGES + 10, "about": []})
        database["changes"].insert_many([{"_id": n, "about": []} for n in range(1, 30)])

        changes.save_change(["a"])

        assert min(change.number for change in changes.get_changes(0)) == 12


@pytest.mark.parametrize("run", range(3))
def test_nobody_recalls_what_an_acknowledged_change_has_replaced(
    mongodb: Documents, run: int
) -> None:
    """Four processes that remember and one value that changes, for real."""
    truth = {"value": 0}
    acknowledged = 0
    stop = threading.Event()
    stale: list[tuple[int, int]] = []

    def remember() -> None:
        memory = Memory(ChangeRepository(mongodb))
        while not stop.is_set():
            memory.beat()
            for _ in range(3_000):
                least = acknowledged
                found = memory.recall("a", "?", lambda: truth["value"])
                if found < least:
                    stale.append((found, least))
        memory.stop()

    readers = [threading.Thread(target=remember) for _ in range(4)]
    for reader in readers:
        reader.start()
    writer = Memory(ChangeRepository(mongodb))
    until(lambda: len(list(mongodb["processes"].find())) == 4)
    for value in range(1, 40):
        truth["value"] = value
        writer.changed("a")
        acknowledged = value
    stop.set()
    for reader in readers:
        reader.join()
    assert stale == []
