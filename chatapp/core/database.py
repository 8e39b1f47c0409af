"""Where the data is. Write concern, timeouts and pool are set here and nowhere else."""

import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

import pymongo
from bson import ObjectId
from bson.errors import InvalidId
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, ExecutionTimeout, PyMongoError

from chatapp.core.background import Batches

Key = TypeVar("Key")
Found = TypeVar("Found")

Documents = Database[dict[str, Any]]
Document = dict[str, Any]

StorageError = PyMongoError
"""What any repository call may raise: the outcome is unknown, ask again."""

StorageAway = (ConnectionFailure, ExecutionTimeout)
"""The kinds of it that say nothing more than that the server did not answer in time."""

MEMORY_URI = "mongomock://"
DEFAULT_NAME = "chatapp"
# PyMongo looks at the time every half second: at 2.5 it would sometimes see it at 3.0 only.
PATIENCE_SECONDS = 2.4

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
    "timeoutMS": int(PATIENCE_SECONDS * 1_000),
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


_patience_ends: ContextVar[float | None] = ContextVar("patience_ends", default=None)


class patience:  # noqa: N801 - used as a function, and entered by every request of a socket
    """Let all operations inside take `seconds` together, after which they are `StorageError`.

    Without it the limit holds for each alone, and a slow database makes a request of many
    operations very slow. A handshake, connecting, and what is asked over a socket have it. A page
    ends with the first operation that fails, and signing in may have to wait for its turn to hash.
    """

    def __init__(self, seconds: float = PATIENCE_SECONDS) -> None:
        self._seconds = seconds
        self._limit = pymongo.timeout(seconds)

    def __enter__(self) -> None:
        self._token = _patience_ends.set(time.monotonic() + self._seconds)
        self._limit.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._limit.__exit__(*error)
        _patience_ends.reset(self._token)


def patience_left() -> float:
    ends = _patience_ends.get()
    return PATIENCE_SECONDS if ends is None else ends - time.monotonic()


class Lookup(Generic[Key, Found]):
    """Finds by key. What is looked for while a query is under way shares the next one.

    When everybody comes back at once, after a restart, each has to be looked up.
    """

    def __init__(self, find: Callable[[list[Key]], Mapping[Key, Found]]) -> None:
        def work(_: str, keys: list[Key]) -> list[Found | None]:
            found = find(list(set(keys)))
            return [found.get(key) for key in keys]

        self._batches = Batches[Key, Found | None, Found | None](work)

    def find(self, key: Key) -> Found | None:
        limit_seconds = patience_left()
        with patience(limit_seconds):  # who has waited for others does not begin anew
            return self._batches.do("", key, limit_seconds)


def object_id(value: str) -> ObjectId | None:
    """Return the stored form of an id. What is no id gives None, which no document has.

    An id has one spelling: what is remembered of a room under another would not be forgotten.
    """
    try:
        found = ObjectId(value)
    except (InvalidId, TypeError):
        return None
    return found if str(found) == value else None


def _memory() -> Documents:
    import mongomock  # comes with the test extra only

    database: Documents = mongomock.MongoClient(tz_aware=True)[DEFAULT_NAME]
    return database
