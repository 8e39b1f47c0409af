"""The log of changes, and how far each process has read it."""

from collections.abc import Iterable

from pymongo.errors import DuplicateKeyError

from chatapp.core.database import Documents
from chatapp.memory.entities import Change

KEPT_CHANGES = 1_000


class ChangeRepository:
    """Collections `changes` `{_id: number, about}` and `processes` `{_id, noted}`."""

    def __init__(self, database: Documents) -> None:
        self._changes = database["changes"]
        self._processes = database["processes"]

    def save_change(self, about: Iterable[str]) -> int:
        """Add a change and return its number. Inserted as last + 1, as messages are."""
        about = list(about)
        while True:
            number = self.get_head() + 1
            try:
                self._changes.insert_one({"_id": number, "about": about})
            except DuplicateKeyError:
                continue
            self._changes.delete_many({"_id": {"$lte": number - KEPT_CHANGES}})
            return number

    def get_head(self) -> int:
        last = self._changes.find_one({}, {"_id": 1}, sort=[("_id", -1)])
        return int(last["_id"]) if last else 0

    def get_changes(self, after: int) -> list[Change]:
        """Return what is kept of the changes with higher numbers, in order."""
        found = self._changes.find({"_id": {"$gt": after}}).sort("_id", 1)
        return [Change(change["_id"], tuple(change["about"])) for change in found]

    def save_process(self, process_id: str, noted: int) -> None:
        self._processes.update_one({"_id": process_id}, {"$set": {"noted": noted}}, upsert=True)

    def update_process(self, process_id: str, noted: int) -> bool:
        """Return False for a process that was removed meanwhile."""
        updated = self._processes.update_one({"_id": process_id}, {"$set": {"noted": noted}})
        return bool(updated.matched_count)

    def has_behind(self, number: int, process_id: str) -> bool:
        """Return whether another process than this one has not noted change `number`."""
        return self._processes.find_one(_behind(number, process_id), {"_id": 1}) is not None

    def remove_behind(self, number: int, process_id: str) -> None:
        self._processes.delete_many(_behind(number, process_id))

    def remove_process(self, process_id: str) -> None:
        self._processes.delete_one({"_id": process_id})


def _behind(number: int, process_id: str) -> dict[str, object]:
    return {"_id": {"$ne": process_id}, "noted": {"$lt": number}}
