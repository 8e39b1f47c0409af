"""Time, as MongoDB keeps it and as browsers read it."""

from datetime import UTC, datetime, timedelta, timezone

from chatapp.core.clock import iso, now


class TestNow:
    def test_is_in_utc_and_in_whole_milliseconds(self) -> None:
        moment = now()

        assert moment.tzinfo is UTC
        assert moment.microsecond % 1000 == 0

    def test_does_not_run_ahead(self) -> None:
        assert now() <= datetime.now(UTC) < now() + timedelta(seconds=10)


class TestIso:
    def test_has_milliseconds_and_a_z_in_any_time_zone(self) -> None:
        moment = datetime(2026, 11, 23, 11, 58, 0, 7000, timezone(timedelta(hours=2)))

        assert iso(moment) == "2026-11-23T09:58:00.007Z"
