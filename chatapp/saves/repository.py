"""What people saved, as MongoDB keeps it."""

from collections.abc import Callable, Collection
from datetime import datetime

from chatapp.chat.entities import Message, moment_of
from chatapp.core.database import Document, Documents, object_id
from chatapp.saves.entities import Save


class SaveRepository:
    """Collection `saves` `{username, message_id, room_id, seq, saved_at}`.

    One a person and message, by a unique index.
    """

    def __init__(self, database: Documents, now: Callable[[], datetime]) -> None:
        self._saves = database["saves"]
        self._now = now

    def add_save(self, username: str, message: Message) -> bool:
        """Save a message for somebody; return False where it is saved already."""
        save = {
            "room_id": object_id(message.room_id),
            "seq": message.seq,
            "saved_at": self._now(),
        }
        added = self._saves.update_one(
            {"username": username, "message_id": object_id(message.id)},
            {"$setOnInsert": save},
            upsert=True,
        )
        return added.upserted_id is not None

    def remove_save(self, username: str, room_id: str, message_id: str) -> Save | None:
        """Remove what somebody saved in a room; return it, or None where it was not saved."""
        removed = self._saves.find_one_and_delete(
            {
                "username": username,
                "message_id": object_id(message_id),
                "room_id": object_id(room_id),
            }
        )
        return _to_save(removed) if removed else None

    def get_seqs(self, username: str) -> dict[str, tuple[int, ...]]:
        """Return the `seq` of all that somebody saved, by room."""
        seqs: dict[str, list[int]] = {}
        for found in self._saves.find({"username": username}, {"room_id": 1, "seq": 1}):
            seqs.setdefault(str(found["room_id"]), []).append(found["seq"])
        return {room_id: tuple(sorted(those)) for room_id, those in seqs.items()}

    def get_saves(
        self, username: str, room_ids: Collection[str], after: str | None, limit: int
    ) -> list[Save]:
        """Return what somebody saved in these rooms, the newest first, after a `place`."""
        wanted: Document = {
            "username": username,
            "room_id": {"$in": [object_id(room_id) for room_id in room_ids]},
        }
        if after is not None:
            mark, _, message_id = after.partition(".")
            saved_at = moment_of(int(mark))
            wanted["saved_at"] = {"$lte": saved_at}
            wanted["$or"] = [
                {"saved_at": {"$lt": saved_at}},
                {"message_id": {"$lt": object_id(message_id)}},
            ]
        found = self._saves.find(wanted).sort([("saved_at", -1), ("message_id", -1)])
        return [_to_save(document) for document in found.limit(limit)]


def _to_save(document: Document) -> Save:
    return Save(
        username=document["username"],
        message_id=str(document["message_id"]),
        room_id=str(document["room_id"]),
        seq=document["seq"],
        saved_at=document["saved_at"],
    )
