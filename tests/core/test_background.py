"""Turns, and work beside the request, in the mode that tests run in."""

import threading

from chatapp.core import background


class TestTurns:
    def test_of_one_key_are_one_lock(self) -> None:
        turns = background.Turns()

        assert turns.of("garden") is turns.of("garden")

    def test_of_many_keys_are_a_fixed_number_of_locks(self) -> None:
        turns = background.Turns(locks=4)

        assert len({id(turns.of(str(key))) for key in range(1000)}) == 4


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
