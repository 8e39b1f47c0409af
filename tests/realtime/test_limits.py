"""What is let through at once, what a second, and that nothing is kept of who has rested."""

from chatapp.realtime import limits
from chatapp.realtime.limits import Buckets, TokenBucket


class Now:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class TestABucket:
    def test_W6_lets_a_burst_pass_and_then_so_many_a_second(self) -> None:
        now = Now()
        bucket = TokenBucket(5, 20, now)

        assert [bucket.take() for _ in range(20)] == [0] * 20
        assert bucket.take() == 0.2

        now.seconds += 1
        assert [bucket.take() for _ in range(5)] == [0] * 5
        assert bucket.take() > 0

    def test_says_how_long_to_wait(self) -> None:
        now = Now()
        bucket = TokenBucket(0.1, 1, now)
        bucket.take()

        wait = bucket.take()
        now.seconds += wait

        assert wait == 10
        assert bucket.take() == 0

    def test_never_holds_more_than_a_burst(self) -> None:
        now = Now()
        bucket = TokenBucket(5, 2, now)
        now.seconds += 3600

        assert [bucket.take() > 0 for _ in range(3)] == [False, False, True]


class TestBuckets:
    def test_are_one_for_each_key(self) -> None:
        buckets = Buckets(1, 1, Now())

        assert [buckets.take(key) > 0 for key in ("ana", "ben", "ana")] == [False, False, True]

    def test_of_who_has_rested_are_forgotten(self) -> None:
        now = Now()
        buckets = Buckets(1, 2, now)
        for number in range(limits._MANY_KEYS):
            buckets.take(f"guest{number}")
        buckets.take("ana")
        buckets.take("ana")
        now.seconds += 1
        for number in range(limits._MANY_KEYS):
            buckets.take(f"other{number}")
        now.seconds += 1

        buckets.take("ben")

        assert len(buckets._buckets) < limits._MANY_KEYS * 2
