"""How the rows of a new page look before any script has run.

What depends on the reader is decided by js/dress.js, and goes on being decided there. This is
what it will find for the rows that a page is sent with, so that nothing moves when it comes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from flask import request

from chatapp.chat.entities import Message
from chatapp.core.clock import now

ZONE_COOKIES = ("__Host-zone", "zone")  # set by js/zone.js, over https and without
GROUP = timedelta(minutes=5)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Look:
    clock: str
    day: str
    """The name of the day that begins with this row, else empty."""
    continues: bool
    """Whether it belongs to the row above, by the same sender."""


def looks(messages: Iterable[Message]) -> dict[str, Look]:
    """Return for each message, by id, how its row looks to whoever is asking."""
    return looks_in(_zone(), now(), messages)


def looks_in(zone: tzinfo, moment: datetime, messages: Iterable[Message]) -> dict[str, Look]:
    found: dict[str, Look] = {}
    today = moment.astimezone(zone).date()
    before: Message | None = None
    for message in messages:
        sent = message.created_at.astimezone(zone)
        is_new_day = before is None or before.created_at.astimezone(zone).date() != sent.date()
        found[message.id] = Look(
            clock=f"{sent:%H:%M}",
            day=day_name(sent.date(), today) if is_new_day else "",
            continues=not is_new_day and before is not None and _continues(message, before),
        )
        before = message
    return found


def _continues(message: Message, before: Message) -> bool:
    is_plain = not (message.is_quiet or before.is_quiet or message.reply_to)
    is_soon = abs(message.created_at - before.created_at) < GROUP
    return is_plain and is_soon and message.sender == before.sender


def day_name(day: date, today: date) -> str:
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    if timedelta() < today - day < WEEK:
        return f"{day:%A}, {day:%B} {day.day}"
    return f"{day:%B} {day.day}, {day.year}"


def when(moment: datetime) -> str:
    """Say when something was: the time of today, else the day."""
    zone = _zone()
    there, today = moment.astimezone(zone), now().astimezone(zone).date()
    return f"{there:%H:%M}" if there.date() == today else day_name(there.date(), today)


def _zone() -> tzinfo:
    """Return the time zone that the browser has told, or UTC."""
    told = (request.cookies.get(name) for name in ZONE_COOKIES)
    try:
        return ZoneInfo(next(filter(None, told), "UTC"))
    except (LookupError, ValueError, OSError):
        return UTC
