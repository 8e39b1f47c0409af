"""What has changed in a room since a moment: few messages ever do, so only those are indexed."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def up(database: Database[Any]) -> None:
    database["messages"].create_index(
        [("room_id", ASCENDING), ("changed_at", ASCENDING)],
        partialFilterExpression={"changed_at": {"$exists": True}},
    )
