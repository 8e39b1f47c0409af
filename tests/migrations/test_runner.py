"""What is pending runs in order, once, one process at a time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pymongo.database import Database

from chatapp.core.database import OPTIONS, Documents, connect
from migrations_seed import runner, versions
from migrations_seed.runner import MigrationsBusy, migrate, pending
from tests.cast import at_once

VERSIONS = sorted(path.stem for path in Path(versions.__file__).parent.glob("0*.py"))
LOCK = "schema_versions_lock"

COUNTING = '''"""Counts how often it ran."""
def up(database):
    database["runs"].insert_one({"version": __name__.rpartition(".")[2]})
'''

SLOW = '''"""Takes half a second in the database."""
def up(database):
    database["runs"].insert_one({"version": "slow"})
    assert database["runs"].find_one({"$where": "sleep(500) || true"})
'''


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Versions that leave a trace of each run, in place of the real ones."""
    names = ["0001_first", "0002_second", "0003_third"]
    for name in names:
        (tmp_path / f"{name}.py").write_text(COUNTING)
    monkeypatch.setattr(versions, "__path__", [str(tmp_path)])
    for name in names:
        monkeypatch.delitem(runner.importlib.sys.modules, f"{versions.__name__}.{name}", False)
    return names


def _held_until(database: Database, until: datetime) -> None:
    database[LOCK].insert_one({"_id": "lock", "holder": "somebody killed", "until": until})


class TestMigrating:
    def test_runs_what_is_pending_in_order_and_once(self, blank: Documents) -> None:
        assert pending(blank) == VERSIONS
        assert migrate(blank) == VERSIONS
        assert pending(blank) == []
        assert migrate(blank) == []

    def test_runs_only_what_has_not_run(self, blank: Documents) -> None:
        blank["schema_versions"].insert_one({"_id": VERSIONS[0]})

        assert migrate(blank) == VERSIONS[1:]

    def test_records_when(self, blank: Documents) -> None:
        migrate(blank)

        recorded = {document["_id"]: document for document in blank["schema_versions"].find()}
        assert sorted(recorded) == VERSIONS
        assert all("applied_at" in document for document in recorded.values())

    def test_leaves_no_lock_behind(self, blank: Documents) -> None:
        migrate(blank)

        assert blank[LOCK].count_documents({}) == 0

    def test_runs_each_once_when_four_start_together(
        self, mongodb: Documents, counted: list[str]
    ) -> None:
        database = mongodb.client["chatapp_runner"]

        done = at_once(*[lambda: migrate(database)] * 4)
        runs = [run["version"] for run in database["runs"].find().sort("_id")]
        database.client.drop_database(database)

        assert sorted(name for names in done for name in names) == counted
        assert runs == counted

    def test_takes_longer_than_requests_may(
        self, counted: list[str], mongod_uri: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = Path(versions.__path__[0]) / f"{counted[0]}.py"
        path.write_text(SLOW)
        monkeypatch.setitem(OPTIONS, "timeoutMS", 200)
        database = connect(mongod_uri).client["chatapp_runner"]

        assert migrate(database) == counted

        assert database["runs"].count_documents({"version": "slow"}) == 1
        database.client.drop_database(database)
        database.client.close()


class TestTheLock:
    def test_of_a_process_that_works_is_waited_for_and_not_taken(self, blank: Documents) -> None:
        _held_until(blank, datetime.now(UTC) + timedelta(hours=1))

        with pytest.raises(MigrationsBusy):
            migrate(blank, wait_seconds=0)

        assert pending(blank) == VERSIONS
        (lock,) = blank[LOCK].find()
        assert lock["holder"] == "somebody killed"

    def test_of_a_process_that_was_killed_runs_out(self, blank: Documents) -> None:
        _held_until(blank, datetime.now(UTC) - timedelta(seconds=1))

        assert migrate(blank, wait_seconds=0) == VERSIONS

    def test_is_given_back_when_a_version_fails(self, blank: Documents, counted: list[str]) -> None:
        path = Path(versions.__path__[0]) / f"{counted[1]}.py"
        path.write_text('"""Fails."""\ndef up(database):\n    raise ValueError("no")\n')

        with pytest.raises(ValueError, match="no"):
            migrate(blank)

        assert blank[LOCK].count_documents({}) == 0
        assert pending(blank) == counted[1:]

    def test_is_not_asked_for_where_nothing_is_pending(self, blank: Documents) -> None:
        migrate(blank)
        _held_until(blank, datetime.now(UTC) + timedelta(hours=1))

        assert migrate(blank, wait_seconds=0) == []
