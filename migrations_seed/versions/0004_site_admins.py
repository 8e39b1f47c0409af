"""The workspace lists its site admins, so that the last one stays."""

from typing import Any

from pymongo.database import Database


def up(database: Database[Any]) -> None:
    running = database["users"].find({"is_site_admin": True, "is_active": True}, {"_id": 1})
    names = sorted(user["_id"] for user in running)
    if names:
        database["workspace"].update_one(
            {"_id": "workspace"}, {"$addToSet": {"site_admins": {"$each": names}}}, upsert=True
        )
