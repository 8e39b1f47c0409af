"""The audit log is read from the newest entry on, also that of one person."""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database


def up(database: Database[Any]) -> None:
    database["audit"].create_index([("at", DESCENDING)])
    database["audit"].create_index([("who", ASCENDING), ("at", DESCENDING)])
