"""What the rows of a new page look like. That the browser agrees is told in tests/browser."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from chatapp.chat.entities import Message
from chatapp.services import Services
from chatapp.web.dress import Look, looks_in
from tests.cast import Browser, Cast

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def look_of(*said: tuple[str, datetime], zone: tzinfo = UTC) -> list[Look]:
    messages = [
        Message(
            id=str(seq),
            room_id="garden",
            seq=seq,
            text="hello",
            sender=sender,
            created_at=at,
            client_id=None,
        )
        for seq, (sender, at) in enumerate(said, 1)
    ]
    return list(looks_in(zone, NOON, messages).values())


def continues_after(one: dict[str, object], other: dict[str, object]) -> bool:
    """Return whether `other` belongs to `one`, a minute before it and by the same sender."""
    messages = [
        Message(
            id=str(seq),
            room_id="garden",
            seq=seq,
            text="hello",
            sender="ana",
            created_at=NOON + seq * MINUTE,
            client_id=str(seq),
            **change,  # type: ignore[arg-type]
        )
        for seq, change in enumerate((one, other), 1)
    ]
    return looks_in(UTC, NOON, messages)["2"].continues


def days(*said: tuple[str, datetime], zone: tzinfo = UTC) -> list[str]:
    return [look.day for look in look_of(*said, zone=zone)]


class TestGroups:
    def continues(self, *said: tuple[str, datetime]) -> list[bool]:
        return [look.continues for look in look_of(*said)]

    def test_hold_what_one_person_says_within_five_minutes(self) -> None:
        said = [("ana", NOON), ("ana", NOON + 4 * MINUTE), ("ana", NOON + 9 * MINUTE)]
        assert self.continues(*said) == [False, True, False]

    def test_end_where_somebody_else_speaks(self) -> None:
        said = [("ana", NOON), ("ben", NOON), ("ana", NOON)]
        assert self.continues(*said) == [False, False, False]

    def test_end_with_the_day(self) -> None:
        midnight = NOON.replace(hour=0)
        assert self.continues(("ana", midnight - MINUTE), ("ana", midnight)) == [False, False]

    def test_hold_no_quiet_line_and_do_not_go_on_after_one(self) -> None:
        assert not continues_after({}, {"kind": "left"})
        assert not continues_after({"kind": "left"}, {})
        assert not continues_after({"kind": "left"}, {"kind": "renamed"})

    def test_begin_with_a_reply_and_go_on_after_it(self) -> None:
        assert not continues_after({}, {"reply_to": "0"})
        assert continues_after({"reply_to": "0"}, {})

    def test_hold_what_was_deleted_as_any_other(self) -> None:
        gone = {"deleted_at": NOON, "deleted_by": "ana"}
        assert continues_after(gone, {})
        assert continues_after({}, gone)


class TestDays:
    def test_are_named_where_they_begin(self) -> None:
        said = [("ana", NOON - DAY), ("ana", NOON - DAY), ("ben", NOON)]
        assert days(*said) == ["Yesterday", "", "Today"]

    @pytest.mark.parametrize(
        ("ago", "name"),
        [
            (2, "Sunday, November 22"),
            (6, "Wednesday, November 18"),
            (7, "November 17, 2026"),
            (-1, "November 25, 2026"),
        ],
    )
    def test_have_a_date_when_they_are_far(self, ago: int, name: str) -> None:
        assert days(("ana", NOON - ago * DAY)) == [name]

    def test_are_those_of_the_reader(self) -> None:
        said = [("ana", NOON - 14 * timedelta(hours=1)), ("ana", NOON)]
        assert days(*said) == ["Yesterday", "Today"]
        assert days(*said, zone=ZoneInfo("Asia/Kolkata")) == ["Today", ""]


class TestTheZone:
    @pytest.fixture
    def clock_shown(
        self, sign_in: Callable[[str], Browser], services: Services, cast: Cast
    ) -> Callable[[str], str]:
        sent = services.messages.post(cast.ben, cast.garden.id, "hello").created_at
        ana = sign_in("ana")

        def ask(zone: str, name: str = "zone") -> str:
            ana.client.set_cookie(name, zone)
            page = ana.get(f"/rooms/{cast.garden.id}").text
            shown: str = page.split('<time class="message__time"')[1].split(">")[1].split("<")[0]
            hours = int(shown[:2]) - sent.hour
            return f"{hours % 24:+d}:{int(shown[3:]) - sent.minute:02d}"

        return ask

    def test_is_the_one_that_the_browser_has_told(self, clock_shown: Callable[[str], str]) -> None:
        assert clock_shown("Asia/Tokyo") == "+9:00"

    def test_is_told_by_a_cookie_of_this_host_over_https(
        self, clock_shown: Callable[..., str]
    ) -> None:
        assert clock_shown("Asia/Tokyo", "__Host-zone") == "+9:00"

    @pytest.mark.parametrize(
        "zone", ["", "Nowhere/Land", "Europe", "../../etc/passwd", "/etc/passwd", "a" * 3_000]
    )
    def test_is_utc_where_it_has_told_nothing_that_is_known(
        self, clock_shown: Callable[[str], str], zone: str
    ) -> None:
        assert clock_shown(zone) == "+0:00"
