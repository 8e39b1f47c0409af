"""Turns, and work beside the request, in the mode that tests run in."""

import threading

import pytest

from chatapp.core import background
from chatapp.core.errors import Unavailable


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
