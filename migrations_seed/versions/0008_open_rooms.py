"""Open rooms stand in the directory, by name; of old ones each welcomes new accounts."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def up(database: Database[Any]) -> None:
    rooms, members = database["rooms"], database["room_members"]
    for room in rooms.find({"is_open": True, "listed_as": {"$exists": False}}):
        listed_as = f"{room['name']}\n{room.get('topic', '')}".casefold()
        members.update_many({"_id.room_id": room["_id"]}, {"$set": {"is_open": True}})
        rooms.update_one({"_id": room["_id"]}, {"$set": {"listed_as": listed_as, "welcomes": True}})
    rooms.create_index([("listed_as", ASCENDING)], sparse=True)
    rooms.create_index([("welcomes", ASCENDING)], sparse=True)
