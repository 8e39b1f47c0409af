"""One gapless order a room; one message for each `client_id` of a sender."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def up(database: Database[Any]) -> None:
    messages = database["messages"]
    messages.create_index([("room_id", ASCENDING), ("seq", ASCENDING)], unique=True)
    messages.create_index(
        [("room_id", ASCENDING), ("sender", ASCENDING), ("client_id", ASCENDING)], unique=True
    )
