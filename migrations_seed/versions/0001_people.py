"""One founder a workspace, people found by name, sessions swept when they expire."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def up(database: Database[Any]) -> None:
    database["users"].create_index([("founder", ASCENDING)], unique=True, sparse=True)
    database["users"].create_index([("folded_name", ASCENDING)])
    database["sessions"].create_index([("expires_at", ASCENDING)], expireAfterSeconds=0)
    database["sessions"].create_index([("username", ASCENDING)])
