"""What a process says of who is in it, on every store."""

import pytest

from chatapp.core.database import Documents
from chatapp.presence.entities import Attendance
from chatapp.presence.repository import AttendanceRepository


@pytest.fixture
def attendances(database: Documents) -> AttendanceRepository:
    return AttendanceRepository(database)


class TestAttendance:
    def test_is_what_a_process_said_last(self, attendances: AttendanceRepository) -> None:
        attendances.save_attendance("a", {"ana"}, {"ben.o"})
        attendances.save_attendance("b", set(), set())
        attendances.save_attendance("a", {"ben.o", "cleo"}, set())

        assert sorted(
            attendances.get_attendances(["a", "b", "c"]), key=lambda one: one.process_id
        ) == [
            Attendance(
                process_id="a", beat=2, online=frozenset({"ben.o", "cleo"}), away=frozenset()
            ),
            Attendance(process_id="b", beat=1, online=frozenset(), away=frozenset()),
        ]

    def test_is_removed_only_of_one_that_has_said_nothing_since(
        self, attendances: AttendanceRepository
    ) -> None:
        for _ in range(2):
            attendances.save_attendance("a", {"ana"}, set())

        attendances.remove_attendance("a", 1)
        assert attendances.get_beats() == {"a": 2}

        attendances.remove_attendance("a", 2)
        assert attendances.get_beats() == {}
