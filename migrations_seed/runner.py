"""Which versions wait, and running them: in order, once, one process at a time."""

import importlib
import pkgutil
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from migrations_seed import versions

LEASE = timedelta(minutes=1)  # for one version; they are idempotent, so a late one does no harm
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
    _take_lock(database, time.monotonic() + wait_seconds)
    try:
        return [_run(database, name) for name in pending(database)]
    finally:
        database["schema_versions_lock"].delete_one({"_id": _LOCK})


def _run(database: Database[Any], name: str) -> str:
    _renew_lock(database)
    importlib.import_module(f"{versions.__name__}.{name}").up(database)
    database["schema_versions"].update_one(
        {"_id": name}, {"$setOnInsert": {"applied_at": datetime.now(UTC)}}, upsert=True
    )
    return name


def _all_versions() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(versions.__path__))


def _take_lock(database: Database[Any], deadline: float) -> None:
    while not _renew_lock(database, only_after=datetime.now(UTC)):
        if time.monotonic() > deadline:
            raise MigrationsBusy("another process is migrating this database; try again later")
        time.sleep(0.1)


def _renew_lock(database: Database[Any], only_after: datetime | None = None) -> bool:
    """Hold the lock for another lease; `only_after` leaves one that is still held alone."""
    wanted: dict[str, Any] = {"_id": _LOCK}
    if only_after is not None:
        wanted["until"] = {"$lt": only_after}
    try:
        database["schema_versions_lock"].update_one(
            wanted, {"$set": {"until": datetime.now(UTC) + LEASE}}, upsert=True
        )
    except DuplicateKeyError:
        return False
    return True
