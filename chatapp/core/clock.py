"""The one source of time."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time in UTC, cut to whole milliseconds.

    BSON keeps no more, so what a save returns equals what a later read returns.
    """
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """Return `moment` as ISO 8601 in UTC with milliseconds, as in 2026-11-23T09:58:00.000Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
