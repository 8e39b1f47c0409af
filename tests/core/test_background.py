"""Turns, and work beside the request, in the mode that tests run in."""

import threading
from collections.abc import Sequence
from functools import partial

import pytest

from chatapp.core import background
from chatapp.core.errors import Unavailable
from tests.cast import at_once
from tests.wire import until


class TestTurns:
    def test_of_one_key_come_one_after_the_other(self) -> None:
        turns = background.Turns()

        with turns.of("garden", 1), pytest.raises(Unavailable), turns.of("garden", 0.01):
            pass

    def test_are_free_again_after_a_failure(self) -> None:
        turns = background.Turns(locks=1)

        with pytest.raises(ZeroDivisionError), turns.of("garden", 1):
            raise ZeroDivisionError

        with turns.of("pier", 1):
            pass


class TestBatches:
    def test_of_what_waits_meanwhile_is_one(self) -> None:
        worked: list[list[int]] = []
        first_is_in, may_go = threading.Event(), threading.Event()

        def work(key: str, items: list[int]) -> list[int]:
            worked.append(items)
            first_is_in.set()
            assert may_go.wait(10)
            return [item * 10 for item in items]

        batches = background.Batches(work)
        results: dict[int, int] = {}

        def ask(item: int) -> threading.Thread:
            def do() -> None:
                results[item] = batches.do("garden", item, 10)

            thread = threading.Thread(target=do)
            thread.start()
            return thread

        threads = [ask(1)]
        assert first_is_in.wait(10)
        threads += [ask(item) for item in (2, 3, 4)]
        until(lambda: len(batches._waiting.get("garden", ())) == 3)
        may_go.set()
        for thread in threads:
            thread.join(10)

        assert [sorted(items) for items in worked] == [[1], [2, 3, 4]]
        assert results == {1: 10, 2: 20, 3: 30, 4: 40}

    def test_raise_for_whoever_brought_what_failed(self) -> None:
        batches = background.Batches[int, int, int](
            lambda key, items: [ValueError(item) if item < 0 else item for item in items]
        )

        assert batches.do("garden", 1, 1) == 1
        with pytest.raises(ValueError, match="-1"):
            batches.do("garden", -1, 1)

    def test_that_fail_as_a_whole_fail_for_each(self) -> None:
        batches = background.Batches[int, int, int](lambda key, items: [1 // 0])

        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                batches.do("garden", 1, 1)

    def test_do_not_do_what_nobody_waits_for(self) -> None:
        worked: list[list[int]] = []
        is_in, may_go = threading.Event(), threading.Event()

        def work(key: str, items: list[int]) -> list[int]:
            worked.append(items)
            is_in.set()
            assert may_go.wait(10)
            return items

        batches = background.Batches(work)
        thread = threading.Thread(target=batches.do, args=("garden", 1, 10))
        thread.start()
        assert is_in.wait(10)
        with pytest.raises(Unavailable):
            batches.do("garden", 2, 0.01)
        may_go.set()
        thread.join(10)
        batches.do("garden", 3, 10)

        assert worked == [[1], [3]]

    def test_go_on_with_who_came_meanwhile_however_many(self) -> None:
        worked: list[int] = []

        def work(key: str, items: list[int]) -> list[int]:
            worked.extend(items)
            return items

        batches = background.Batches(work)
        numbers = range(200)

        results = at_once(*(partial(batches.do, "garden", number, 10) for number in numbers))

        assert results == list(numbers)
        assert sorted(worked) == list(numbers)
        assert batches._waiting == {}

    def test_go_on_with_the_next_while_one_is_looked_after_in_order(self) -> None:
        told: list[str] = []
        is_told, may_go = threading.Event(), threading.Event()
        works, may_work = threading.Event(), threading.Event()

        def work(key: str, items: list[int]) -> list[int]:
            if items == [1]:
                works.set()
                assert may_work.wait(10)
            told.append(f"worked {items}")
            return items

        def then(key: str, items: list[int], worked: Sequence[int | Exception]) -> list[str]:
            if items == [1]:
                is_told.set()
                assert may_go.wait(10)
            told.append(f"told {items}")
            return [f"{item} of {key}" for item in worked]

        batches = background.Batches[int, int, str](work, then)
        results: dict[int, str] = {}

        def ask(item: int) -> threading.Thread:
            def do() -> None:
                results[item] = batches.do("garden", item, 10)

            thread = threading.Thread(target=do)
            thread.start()
            return thread

        first = ask(1)
        assert works.wait(10)
        second = ask(2)
        until(lambda: len(batches._waiting["garden"]) == 1)
        may_work.set()
        assert is_told.wait(10)
        until(lambda: "worked [2]" in told)
        third = ask(3)
        until(lambda: "worked [3]" in told)
        assert results == {}
        may_go.set()
        for thread in (first, second, third):
            thread.join(10)

        assert told == [
            "worked [1]",
            "worked [2]",
            "worked [3]",
            "told [1]",
            "told [2]",
            "told [3]",
        ]
        assert results == {1: "1 of garden", 2: "2 of garden", 3: "3 of garden"}
        assert (batches._waiting, batches._last) == ({}, {})

    def test_fail_for_each_where_looking_after_them_fails(self) -> None:
        def then(key: str, items: list[int], worked: object) -> list[int]:
            raise ZeroDivisionError

        batches = background.Batches[int, int, int](lambda key, items: items, then)

        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                batches.do("garden", 1, 1)

    def test_who_gives_up_stops_nobody(self) -> None:
        is_in, may_go = threading.Event(), threading.Event()

        def work(key: str, items: list[int]) -> list[int]:
            is_in.set()
            assert may_go.wait(10)
            return items

        batches = background.Batches(work)
        results: list[int] = []
        first, last = (
            threading.Thread(target=lambda n=n: results.append(batches.do("garden", n, 10)))  # type: ignore[misc]
            for n in (1, 3)
        )
        first.start()
        assert is_in.wait(10)
        with pytest.raises(Unavailable):
            batches.do("garden", 2, 0.01)
        last.start()
        until(lambda: len(batches._waiting["garden"]) == 1)
        may_go.set()
        first.join(10)
        last.join(10)

        assert sorted(results) == [1, 3]


class TestWork:
    def test_that_is_spawned_runs_beside_us(self) -> None:
        ran = threading.Event()

        background.spawn(ran.set)

        assert ran.wait(10)

    def test_that_is_offloaded_gives_its_result(self) -> None:
        assert background.offload(divmod, 7, 2) == (3, 1)


class TestTheMode:
    def test_is_threads_where_nothing_is_patched(self) -> None:
        assert background.async_mode() == "threading"
