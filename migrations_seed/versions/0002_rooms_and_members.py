"""The rooms of a person, the members of a room, the rooms that new people join."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def up(database: Database[Any]) -> None:
    database["room_members"].create_index([("_id.username", ASCENDING)])
    database["room_members"].create_index([("_id.room_id", ASCENDING)])
    database["rooms"].create_index([("is_open", ASCENDING)])
