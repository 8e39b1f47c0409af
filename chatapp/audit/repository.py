"""Audit entries, as MongoDB keeps them. There is no way here to change or remove one."""

from dataclasses import asdict
from datetime import datetime

from pymongo import DESCENDING

from chatapp.audit.entities import Entry
from chatapp.core.database import Document, Documents


class AuditRepository:
    """Collection `audit`."""

    def __init__(self, database: Documents) -> None:
        self._entries = database["audit"]

    def save_entry(self, entry: Entry) -> None:
        self._entries.insert_one(asdict(entry))

    def get_entries(self, since: datetime, who: str | None, limit: int) -> list[Entry]:
        """Return the newest entries that are not older than `since`, newest first."""
        wanted: Document = {"at": {"$gte": since}, **({"who": who} if who else {})}
        found = self._entries.find(wanted, {"_id": 0}).sort("at", DESCENDING).limit(limit)
        return [Entry(**document) for document in found]
