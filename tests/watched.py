"""What reached MongoDB, told by MongoDB itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pymongo.monitoring import CommandListener, CommandStartedEvent

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


class Commands(CommandListener):
    """What an application asks its MongoDB, while somebody listens."""

    def __init__(self) -> None:
        self._heard: list[Command] | None = None

    def started(self, event: CommandStartedEvent) -> None:
        if self._heard is not None:
            self._heard.append(Command(event.command_name, deepcopy(dict(event.command))))

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: object) -> None: ...

    @contextmanager
    def heard(self) -> Iterator[list["Command"]]:
        """Give the commands that are sent inside, in order."""
        self._heard = heard = []
        try:
            yield heard
        finally:
            self._heard = None


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    body: dict[str, Any]

    @property
    def collection(self) -> str:
        return str(self.body[self.name])

    def __str__(self) -> str:
        said = {key: value for key, value in self.body.items() if key in EXPLAINED_PARTS}
        return f"{self.name} {self.collection}: {said}"

    def explained(self, database: Documents) -> dict[str, Any]:
        """Return what MongoDB says of how it serves this; nothing is changed by asking."""
        asked = {key: value for key, value in self.body.items() if key in EXPLAINED_PARTS}
        body = {self.name: self.collection, **asked}
        if self.name == "aggregate":
            body["cursor"] = {}
        return database.command("explain", body, verbosity="executionStats")


# Of a command; the rest is about the connection.
EXPLAINED_PARTS = (
    *("filter", "projection", "sort", "limit", "skip", "singleBatch", "batchSize"),
    *("pipeline", "query", "key", "fields", "update", "new", "upsert", "remove"),
    *("updates", "deletes"),
)


def stages(plan: Any) -> Iterator[str]:
    """Return the names of all stages of a plan that was chosen."""
    if isinstance(plan, list):
        for part in plan:
            yield from stages(part)
    if isinstance(plan, dict):
        if "stage" in plan:
            yield plan["stage"]
        for name, part in plan.items():
            if name not in ("rejectedPlans", "command"):
                yield from stages(part)
