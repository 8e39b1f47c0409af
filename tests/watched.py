"""What reached MongoDB, told by MongoDB itself."""

from collections.abc import Callable
from typing import Any

from chatapp.core.database import Documents

PROFILE = "system.profile"


def operations(database: Documents, work: Callable[[], object]) -> list[dict[str, Any]]:
    """Return the profile of each operation that `work` makes: `op`, `ns`, `planSummary` …"""
    database.command("profile", 2)
    try:
        work()
    finally:
        database.command("profile", 0)
    done = list(database[PROFILE].find().sort("ts", 1))
    database.drop_collection(PROFILE)
    return [entry for entry in done if not entry["ns"].endswith((PROFILE, ".$cmd"))]
