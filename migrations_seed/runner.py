"""Which versions wait, and running them: in order, once, one process at a time."""

import importlib
import pkgutil
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from migrations_seed import versions

LEASE = timedelta(minutes=1)  # for one version; they are idempotent, so a late one does no harm
NO_LIMIT = 0  # None would mean the limit that the client has for every operation
_LOCK = "lock"


class MigrationsBusy(Exception):
    """Another process has been migrating for longer than we wait."""


def pending(database: Database[Any]) -> list[str]:
    """Return the names of the versions that have not run, in order."""
    done = {document["_id"] for document in database["schema_versions"].find({}, {"_id": 1})}
    return [name for name in _all_versions() if name not in done]


def migrate(database: Database[Any], wait_seconds: float = 60) -> list[str]:
    """Run what is pending and return its names.

    Processes that start together wait for each other; one that was killed is waited
    for until its lease has run out.
    """
    if not pending(database):
        return []
    holder = secrets.token_hex(8)
    _take_lock(database, holder, time.monotonic() + wait_seconds)
    try:
        with pymongo.timeout(NO_LIMIT):  # building an index takes the time it takes
            return [_run(database, holder, name) for name in pending(database)]
    finally:
        database["schema_versions_lock"].delete_one({"_id": _LOCK, "holder": holder})


def _run(database: Database[Any], holder: str, name: str) -> str:
    _hold_lock(database, holder)
    importlib.import_module(f"{versions.__name__}.{name}").up(database)
    database["schema_versions"].update_one(
        {"_id": name}, {"$setOnInsert": {"applied_at": datetime.now(UTC)}}, upsert=True
    )
    return name


def _all_versions() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(versions.__path__))


def _take_lock(database: Database[Any], holder: str, deadline: float) -> None:
    while not _hold_lock(database, holder):
        if time.monotonic() > deadline:
            raise MigrationsBusy("Another process is migrating this database; try again later.")
        time.sleep(0.1)


def _hold_lock(database: Database[Any], holder: str) -> bool:
    """Hold the lock for another lease; return False while somebody else does."""
    now = datetime.now(UTC)
    free = {"_id": _LOCK, "$or": [{"holder": holder}, {"until": {"$lt": now}}]}
    try:
        database["schema_versions_lock"].update_one(
            free, {"$set": {"holder": holder, "until": now + LEASE}}, upsert=True
        )
    except DuplicateKeyError:
        return False
    return True
