"""S9: guessing gets slower and slower, and whoever knows the password gets in."""

import itertools
import shutil
from collections.abc import Callable

import pytest
from limits.errors import StorageError

from chatapp.auth import guard as guarding
from chatapp.auth.errors import InviteInvalid, WrongPassword
from chatapp.auth.guard import Allowed, Guard
from chatapp.core import limits
from chatapp.core.errors import TooMany
from chatapp.core.limits import WINDOW_SECONDS, Tries, by_address
from tests.faults.world import redis_server


class Clock:
    """What `limits` and we take for the time."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr("time.time", moved.time)
    return moved


@pytest.fixture
def guard(clock: Clock) -> Guard:
    return Guard(Tries(), Allowed())


def guess(guard: Guard, account: str, address: str) -> int:
    """Try a wrong password; return the seconds to wait, 0 where it was looked at."""
    try:
        with guard.one_try(account, address):
            raise WrongPassword()
    except WrongPassword:
        return 0
    except TooMany as refused:
        seconds = refused.details["seconds"]
        assert isinstance(seconds, int)
        return seconds


def is_let_in(guard: Guard, account: str, address: str) -> bool:
    try:
        with guard.one_try(account, address):
            return True
    except TooMany:
        return False


class TestAnAccount:
    def test_S9_may_be_failed_five_times_before_anybody_waits(self, guard: Guard) -> None:
        assert [guess(guard, "ana", "10.0.0.1") for _ in range(5)] == [0] * 5
        assert guess(guard, "ana", "10.0.0.1") > 0
        assert guess(guard, "ben", "10.0.0.1") == 0

    def test_S9_waits_longer_each_time_and_is_never_locked(
        self, guard: Guard, clock: Clock
    ) -> None:
        for _ in range(5):
            guess(guard, "ana", "10.0.0.1")
        waits = []
        for _ in range(4):
            waits.append(guess(guard, "ana", "10.0.0.1"))
            clock.now += waits[-1] + 1
            assert guess(guard, "ana", "10.0.0.1") == 0

        assert waits == sorted(set(waits))
        assert max(waits) <= 2**guarding.MAX_DOUBLINGS
        clock.now += guess(guard, "ana", "10.0.0.1") + 1
        assert is_let_in(guard, "ana", "10.0.0.1")

    def test_S9_is_open_to_its_owner_while_others_guess(self, guard: Guard) -> None:
        for number in range(1_000):
            guess(guard, "ana", f"10.0.{number % 50}.1")

        assert is_let_in(guard, "ana", "192.0.2.7")

    @pytest.mark.parametrize("addresses", [1, 50])
    def test_S9_of_a_thousand_guesses_few_are_looked_at(
        self, guard: Guard, clock: Clock, addresses: int
    ) -> None:
        looked_at = 0
        for number in range(1_000):
            looked_at += guess(guard, "ana", f"10.0.{number % addresses}.1") == 0
            clock.now += 0.5  # 500 seconds in all

        assert looked_at <= 5 + 10 * addresses

    def test_is_forgiven_what_was_failed_before_one_got_in(self, guard: Guard) -> None:
        for _ in range(4):
            guess(guard, "ana", "10.0.0.1")
        assert is_let_in(guard, "ana", "10.0.0.1")

    def test_is_free_again_after_the_window(self, guard: Guard, clock: Clock) -> None:
        for _ in range(6):
            guess(guard, "ana", "10.0.0.1")
        clock.now += WINDOW_SECONDS + 1

        assert [guess(guard, "ana", "10.0.0.1") for _ in range(5)] == [0] * 5


class TestAnAddress:
    def test_S9_may_fail_twenty_times_on_any_accounts(self, guard: Guard) -> None:
        waits = [guess(guard, f"person{number}", "10.0.0.1") for number in range(21)]

        assert waits[:20] == [0] * 20
        assert waits[20] > 0
        assert guess(guard, "person0", "10.0.0.2") == 0

    def test_S9_of_one_household_is_one(self, guard: Guard) -> None:
        assert by_address("2001:db8::1") == by_address("2001:db8::ffff:1")
        assert by_address("2001:db8::1") != by_address("2001:db8:0:1::1")
        assert by_address("::ffff:192.0.2.1") == by_address("192.0.2.1")
        assert by_address("no address") == "no address"

    def test_may_guess_twenty_invites(self, guard: Guard) -> None:
        for _ in range(20):
            with pytest.raises(InviteInvalid), guard.one_invite("10.0.0.1"):
                raise InviteInvalid()

        with pytest.raises(TooMany), guard.one_invite("10.0.0.1"):
            pytest.fail("it was looked at")

    def test_may_make_fifty_accounts(self, guard: Guard) -> None:
        for _ in range(50):
            guard.one_sign_up("10.0.0.1")

        with pytest.raises(TooMany):
            guard.one_sign_up("10.0.0.1")
        guard.one_sign_up("")  # a command


class TestTries:
    def test_of_keys_that_read_the_same_together_are_apart(self) -> None:
        tries = Tries()
        tries.count("a/1", "b")

        assert tries.counted("a", "1/b") == 0
        assert tries.counted("a/1", "b") == 1

    def test_S9_are_counted_for_all_processes_where_redis_is_named(self) -> None:
        if shutil.which("redis-server") is None:
            pytest.skip("there is no redis-server")
        with redis_server() as redis:
            one, other = Tries(redis.url), Tries(redis.url)
            assert [tries.count("a") for tries in (one, other, one)] == [1, 2, 3]
            one.hold(30, "a")
            assert 0 < other.wait_left("a") <= 30

            redis.kill()

            assert other.count("a") == 1  # it counts for itself meanwhile

    def test_are_counted_here_while_redis_is_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = itertools.count()

        class Away:
            def __getattr__(self, name: str) -> Callable[..., int]:
                def fail(*_: object) -> int:
                    next(asked)
                    raise StorageError(OSError())

                return fail

        monkeypatch.setattr(limits, "_redis", lambda url: Away())
        tries = Tries("redis://nowhere")

        assert [tries.count("a") for _ in range(3)] == [1, 2, 3]
        assert next(asked) == 1  # then it was left alone for a while
