"""Who is online, away and offline: over tabs, processes, crashes; and who may know."""

from collections.abc import Callable

import pytest

from chatapp.core.database import Documents
from chatapp.presence.repository import AttendanceRepository
from chatapp.presence.service import (
    AWAY_SECONDS,
    GONE_SECONDS,
    LOOK_SECONDS,
    MOST_LOOKS,
    SAVE_SECONDS,
    SETTLE_SECONDS,
    PresenceService,
    Roll,
)
from chatapp.rooms.errors import RoomNotFound
from chatapp.services import Services
from tests.cast import Cast


class Seconds:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Process:
    """A process of the chat, without sockets: `here` is who has one."""

    def __init__(self, database: Documents, seconds: Seconds) -> None:
        self.here: set[str] = set()
        self.roll = Roll(AttendanceRepository(database), seconds)

    def states(self) -> dict[str, str]:
        return dict(self.roll.call(self.here))


MakeProcess = Callable[[], Process]


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def make_process(services: Services, seconds: Seconds) -> MakeProcess:
    return lambda: Process(services.database, seconds)


@pytest.fixture
def process(make_process: MakeProcess) -> Process:
    return make_process()


class TestAPerson:
    def test_is_online_who_has_a_socket_and_gives_a_sign(self, process: Process) -> None:
        process.here = {"ana"}
        process.roll.sign("ana", 0)

        assert process.states() == {"ana": "online"}

    def test_is_away_after_five_minutes_without_a_sign(
        self, process: Process, seconds: Seconds
    ) -> None:
        process.here = {"ana"}
        process.roll.sign("ana", 0)

        seconds.now += AWAY_SECONDS - 1
        assert process.states() == {"ana": "online"}
        seconds.now += 1
        assert process.states() == {"ana": "away"}

        process.roll.sign("ana", 0)
        assert process.states() == {"ana": "online"}

    def test_is_judged_by_when_the_sign_was_given(self, process: Process, seconds: Seconds) -> None:
        process.here = {"ana", "ben"}
        process.roll.sign("ana", AWAY_SECONDS - 60)
        process.roll.sign("ben", AWAY_SECONDS + 60)
        process.roll.sign("ben", AWAY_SECONDS + 90)  # an older one changes nothing

        seconds.now += SETTLE_SECONDS
        assert process.states() == {"ana": "online", "ben": "away"}
        seconds.now += 60
        assert process.states() == {"ana": "away", "ben": "away"}

    def test_who_has_only_just_come_is_neither_until_the_first_sign_had_its_time(
        self, process: Process, seconds: Seconds
    ) -> None:
        process.here = {"ana"}
        assert process.states() == {}

        seconds.now += SETTLE_SECONDS

        assert process.states() == {"ana": "away"}

    def test_is_offline_a_while_after_the_last_socket_has_gone(
        self, process: Process, seconds: Seconds
    ) -> None:
        process.here = {"ana"}
        process.roll.sign("ana", 0)
        process.states()
        process.here = set()

        seconds.now += GONE_SECONDS - 1
        assert process.states() == {"ana": "online"}  # a page is being loaded anew
        seconds.now += 1
        assert process.states() == {}

    def test_who_comes_back_in_time_was_never_gone(
        self, process: Process, seconds: Seconds
    ) -> None:
        process.here = {"ana"}
        process.roll.sign("ana", 0)
        seen = []
        for here in ({"ana"}, set(), {"ana"}) * 4:
            process.here = here
            seconds.now += GONE_SECONDS / 2
            seen.append(process.states())

        assert seen == [{"ana": "online"}] * len(seen)


class TestSeveralProcesses:
    def test_agree(self, make_process: MakeProcess) -> None:
        one, other = make_process(), make_process()
        one.here, other.here = {"ana"}, {"ben"}
        one.roll.sign("ana", 0)
        other.roll.sign("ben", 0)
        one.states()

        assert other.states() == {"ana": "online", "ben": "online"}
        assert one.states() == {"ana": "online", "ben": "online"}

    def test_online_in_one_is_online_whatever_the_other_tab_says(
        self, make_process: MakeProcess, seconds: Seconds
    ) -> None:
        one, other = make_process(), make_process()
        one.here = other.here = {"ana"}
        one.roll.sign("ana", 0)
        seconds.now += SETTLE_SECONDS
        one.states()
        assert other.states() == {"ana": "online"}

        one.here = set()
        seconds.now += GONE_SECONDS
        one.states()

        assert other.states() == {"ana": "away"}

    def test_one_that_has_ended_is_believed_for_a_while_and_then_forgotten(
        self, make_process: MakeProcess, services: Services, seconds: Seconds
    ) -> None:
        killed, other = make_process(), make_process()
        killed.here = {"ana"}
        killed.roll.sign("ana", 0)
        killed.states()
        assert other.states() == {"ana": "online"}

        for _ in range(MOST_LOOKS - 1):
            seconds.now += LOOK_SECONDS
            assert other.states() == {"ana": "online"}
        seconds.now += LOOK_SECONDS

        assert other.states() == {}
        (left,) = services.database["attendance"].find()
        assert left["online"] == []

    def test_of_one_that_is_restarted_nobody_goes_who_comes_to_another(
        self, make_process: MakeProcess, seconds: Seconds
    ) -> None:
        old, other = make_process(), make_process()
        old.here = {"ana", "ben"}
        old.roll.sign("ana", 0)
        old.roll.sign("ben", AWAY_SECONDS)
        seconds.now += SETTLE_SECONDS
        old.states()
        before = {"ana": "online", "ben": "away"}
        assert other.states() == before

        for look in range(2 * MOST_LOOKS):
            seconds.now += LOOK_SECONDS
            if look == SETTLE_SECONDS:
                other.here = {"ana", "ben"}
                other.roll.sign("ana", SETTLE_SECONDS)
            assert other.states() == before

    def test_one_that_only_stood_still_is_back_with_the_next_beat(
        self, make_process: MakeProcess, seconds: Seconds
    ) -> None:
        stopped, other = make_process(), make_process()
        stopped.here = {"ana"}
        stopped.roll.sign("ana", 0)
        stopped.states()
        for _ in range(MOST_LOOKS + 1):
            seconds.now += LOOK_SECONDS
            other.states()
        assert other.states() == {}

        stopped.states()

        assert other.states() == {"ana": "online"}

    def test_one_where_nothing_happens_says_so_often_enough(
        self, make_process: MakeProcess, seconds: Seconds
    ) -> None:
        quiet, other = make_process(), make_process()
        quiet.here = {"ana"}
        quiet.roll.sign("ana", 0)
        for _ in range(5 * MOST_LOOKS):
            seconds.now += LOOK_SECONDS
            quiet.states()

            assert other.states() == {"ana": "online"}

    def test_write_only_news_and_a_sign_of_life(
        self, process: Process, services: Services, seconds: Seconds
    ) -> None:
        process.here = {"ana"}
        for _ in range(60):
            seconds.now += LOOK_SECONDS
            process.roll.sign("ana", 0)
            process.states()

        (stored,) = services.database["attendance"].find()
        assert stored["beat"] <= 60 / SAVE_SECONDS + 1

    def test_one_without_sockets_knows_as_well(
        self, make_process: MakeProcess, seconds: Seconds
    ) -> None:
        busy, pages_only = make_process(), make_process()
        assert pages_only.roll.states() == {}
        busy.here = {"ana"}
        busy.roll.sign("ana", 0)
        busy.states()

        seconds.now += 3 * LOOK_SECONDS

        assert pages_only.roll.states() == {"ana": "online"}


class TestASlowStore:
    def test_holds_up_nobody_who_gives_a_sign_or_opens_a_page(
        self, process: Process, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        process.here = {"ana"}
        process.roll.sign("ana", 0)
        process.states()
        meanwhile = []

        def slow(*_: object) -> dict[str, int]:
            seconds.now += 60
            process.roll.sign("ben", 0)
            meanwhile.append(dict(process.roll.states()))
            return {}

        for asked in ("save_attendance", "get_beats"):
            monkeypatch.setattr(process.roll._attendances, asked, slow)
        seconds.now += SAVE_SECONDS
        process.states()

        assert meanwhile == [{"ana": "online"}] * 2


class TestWhoMayKnow:
    @pytest.fixture
    def presence(self, services: Services, process: Process) -> PresenceService:
        return PresenceService(services.access, process.roll)

    def test_who_shares_a_room(
        self, presence: PresenceService, process: Process, cast: Cast
    ) -> None:
        process.here = {"ana", "ben"}
        presence.sign(cast.ben)
        presence.sign(cast.ana, int(AWAY_SECONDS))
        process.states()

        assert presence.states(cast.ana, cast.garden.id) == {"ben": "online"}

    def test_and_nobody_else(self, presence: PresenceService, process: Process, cast: Cast) -> None:
        process.here = {"ana", "ben"}
        presence.sign(cast.ben)
        process.states()

        with pytest.raises(RoomNotFound):
            presence.states(cast.cleo, cast.garden.id)
