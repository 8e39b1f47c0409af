"""Who is where, one small document a process."""

from collections.abc import Iterable

from chatapp.core.database import Documents
from chatapp.presence.entities import Attendance


class AttendanceRepository:
    """Collection `attendance` `{_id: process id, beat, online: [usernames], away: [usernames]}`."""

    def __init__(self, database: Documents) -> None:
        self._attendance = database["attendance"]

    def save_attendance(self, process_id: str, online: Iterable[str], away: Iterable[str]) -> None:
        self._attendance.update_one(
            {"_id": process_id},
            {"$set": {"online": sorted(online), "away": sorted(away)}, "$inc": {"beat": 1}},
            upsert=True,
        )

    def get_beats(self) -> dict[str, int]:
        """Return the last beat of every process; of some that have ended, too."""
        return {found["_id"]: found["beat"] for found in self._attendance.find({}, {"beat": 1})}

    def get_attendances(self, process_ids: Iterable[str]) -> list[Attendance]:
        return [
            Attendance(
                process_id=document["_id"],
                beat=document["beat"],
                online=frozenset(document["online"]),
                away=frozenset(document["away"]),
            )
            for document in self._attendance.find({"_id": {"$in": list(process_ids)}})
        ]

    def remove_attendance(self, process_id: str, beat: int) -> None:
        """Remove what a process left behind, if it has not said anything since `beat`."""
        self._attendance.delete_one({"_id": process_id, "beat": beat})
