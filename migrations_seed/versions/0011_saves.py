"""What people save: once each, and found in the order in which it was saved."""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database


def up(database: Database[Any]) -> None:
    saves = database["saves"]
    saves.create_index([("username", ASCENDING), ("message_id", ASCENDING)], unique=True)
    # The room too, so that what one may not see any more is passed over without being read.
    saves.create_index(
        [
            ("username", ASCENDING),
            ("saved_at", DESCENDING),
            ("message_id", DESCENDING),
            ("room_id", ASCENDING),
        ]
    )
