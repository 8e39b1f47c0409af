"""Counts first and inserts then: 6 may be seen before 5. R4 has to catch it."""

import random
import time
from typing import Any
from uuid import uuid4

from bson import ObjectId
from pymongo import ReturnDocument

from chatapp.chat import repository
from chatapp.chat.entities import Draft, Saved


def save_messages(self: Any, room_id: str, drafts: list[Draft]) -> list[Saved]:
    return [_save(self, room_id, draft) for draft in drafts]


def _save(self: Any, room_id: str, draft: Draft) -> Saved:
    counted = self._messages.database["counters"].find_one_and_update(
        {"_id": room_id}, {"$inc": {"seq": 1}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    time.sleep(random.random() * 0.02)
    document = {
        "_id": ObjectId(),
        "room_id": ObjectId(room_id),
        "text": draft.text,
        "sender": draft.sender,
        "client_id": draft.client_id or str(uuid4()),
        "seq": counted["seq"],
        "created_at": self._now(),
    }
    self._messages.insert_one(document)
    return Saved(message=repository._to_message(document), is_new=True)


repository.MessageRepository.save_messages = save_messages  # type: ignore[method-assign]

from wsgi import app  # noqa: E402, F401 - after the change above
