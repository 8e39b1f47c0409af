"""Counts first and inserts then: 6 may be seen before 5. R4 has to catch it."""

import random
import time
from typing import Any
from uuid import uuid4

from bson import ObjectId
from pymongo import ReturnDocument

from chatapp.chat import repository
from chatapp.chat.entities import Message


def save_message(
    self: Any, room_id: str, text: str, sender: str, client_id: str | None = None
) -> tuple[Message, bool]:
    counted = self._messages.database["counters"].find_one_and_update(
        {"_id": room_id}, {"$inc": {"seq": 1}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    time.sleep(random.random() * 0.02)
    document = {
        "_id": ObjectId(),
        "room_id": ObjectId(room_id),
        "text": text,
        "sender": sender,
        "client_id": client_id or str(uuid4()),
        "seq": counted["seq"],
        "created_at": self._now(),
    }
    self._messages.insert_one(document)
    return repository._to_message(document), True


repository.MessageRepository.save_message = save_message  # type: ignore[method-assign]

from wsgi import app  # noqa: E402, F401 - after the change above
