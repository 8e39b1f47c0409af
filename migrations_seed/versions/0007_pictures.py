"""Pictures are found by their person, when another one takes their place."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def up(database: Database[Any]) -> None:
    database["pictures"].create_index([("username", ASCENDING)])
