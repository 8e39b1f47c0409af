"""Pins have places: no two of a room the same. What is not pinned has neither, and no entry."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def up(database: Database[Any]) -> None:
    database["messages"].create_index(
        [("pin.room_id", ASCENDING), ("pin.place", ASCENDING)], unique=True, sparse=True
    )
