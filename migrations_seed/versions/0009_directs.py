"""One direct conversation for the same people."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def up(database: Database[Any]) -> None:
    database["rooms"].create_index([("direct", ASCENDING)], unique=True, sparse=True)
