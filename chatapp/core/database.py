"""Where the data is. Write concern, timeouts and pool are set here and nowhere else."""

from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, PyMongoError

Documents = Database[dict[str, Any]]
Document = dict[str, Any]

StorageError = PyMongoError
"""What any repository call may raise: the outcome is unknown, ask again."""

StorageAway = ConnectionFailure
"""The kind of it that says nothing more than that the server cannot be reached."""

MEMORY_URI = "mongomock://"
DEFAULT_NAME = "chatapp"

# An acknowledged write survives a kill of this program and of the database: a majority
# has it in its journal. Reads see only such writes. The pool is larger than the number
# of requests that wait at once, because PyMongo's queue for it is not fair.
OPTIONS: dict[str, Any] = {
    "tz_aware": True,
    "w": "majority",
    "journal": True,
    "readConcernLevel": "majority",
    "retryWrites": True,
    "maxPoolSize": 200,
    "waitQueueTimeoutMS": 2_000,
    "serverSelectionTimeoutMS": 2_000,
    "connectTimeoutMS": 2_000,
    "timeoutMS": 5_000,
    "appname": "chatapp",
}


def connect(uri: str) -> Documents:
    """Return the database that `uri` names, `chatapp` where it names none.

    `mongomock://` gives an empty one in memory, for tests of rules.
    """
    if uri == MEMORY_URI:
        return _memory()
    client: MongoClient[Document] = MongoClient(uri, **OPTIONS)
    return client.get_default_database(DEFAULT_NAME)


def object_id(value: str) -> ObjectId | None:
    """Return the stored form of an id. What is no id gives None, which no document has."""
    try:
        return ObjectId(value)
    except (InvalidId, TypeError):
        return None


def _memory() -> Documents:
    import mongomock  # comes with the test extra only

    database: Documents = mongomock.MongoClient(tz_aware=True)[DEFAULT_NAME]
    return database
