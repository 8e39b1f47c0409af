"""Each version: twice is once, on nothing and on demo data, on every store."""

import ast
import importlib
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from chatapp import SUBSCRIBERS
from chatapp.core import clock
from chatapp.core.database import Documents
from chatapp.core.events import EventBus
from chatapp.services import build_services
from migrations_seed import versions
from migrations_seed.runner import migrate
from migrations_seed.seed import demo

FOLDER = Path(versions.__file__).parent
VERSIONS = sorted(path.stem for path in FOLDER.glob("0*.py"))


def _up(version: str, database: Documents) -> None:
    importlib.import_module(f"migrations_seed.versions.{version}").up(database)


def _state(database: Documents) -> dict[str, Any]:
    """Everything in a database that a migration may change."""
    return {
        name: (
            sorted(map(repr, database[name].find())),
            {key: index["key"] for key, index in database[name].index_information().items()},
        )
        for name in sorted(database.list_collection_names())
    }


def _tell_the_demo(database: Documents) -> None:
    migrate(database)
    services = build_services(database, EventBus(), clock.now, secret_key="tests", is_open=False)
    for subscribe in SUBSCRIBERS:
        subscribe(services)
    demo.tell(services)


OF_DATA_ALONE = {"0004_site_admins"}  # no index, so nothing is made of nothing


class TestEachVersion:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_twice_is_once_on_nothing(self, blank: Documents, version: str) -> None:
        _up(version, blank)
        once = _state(blank)

        _up(version, blank)

        assert _state(blank) == once
        assert once or version in OF_DATA_ALONE

    @pytest.mark.parametrize("version", VERSIONS)
    def test_changes_nothing_more_of_data_in_use(self, blank: Documents, version: str) -> None:
        _tell_the_demo(blank)
        before = _state(blank)

        _up(version, blank)

        assert _state(blank) == before

    @pytest.mark.parametrize("version", VERSIONS)
    def test_says_why_in_its_docstring(self, version: str) -> None:
        assert ast.get_docstring(ast.parse((FOLDER / f"{version}.py").read_text()))

    def test_has_a_number_of_its_own_without_gaps(self) -> None:
        numbers = [int(version.partition("_")[0]) for version in VERSIONS]

        assert numbers == list(range(1, len(VERSIONS) + 1))


class TestTheShape:
    @pytest.mark.parametrize(
        ("collection", "first", "second"),
        [
            ("users", {"_id": "ana", "founder": True}, {"_id": "ben", "founder": True}),
            ("messages", {"room_id": 1, "seq": 1}, {"room_id": 1, "seq": 1, "sender": "ben"}),
            (
                "messages",
                {"room_id": 1, "seq": 1, "sender": "ana", "client_id": "c"},
                {"room_id": 1, "seq": 2, "sender": "ana", "client_id": "c"},
            ),
        ],
        ids=["one founder", "one message a seq", "one message a client_id"],
    )
    def test_keeps_one_of_a_kind(
        self,
        database: Documents,
        collection: str,
        first: dict[str, Any],
        second: dict[str, Any],
    ) -> None:
        database[collection].insert_one(first)

        with pytest.raises(DuplicateKeyError):
            database[collection].insert_one(second)

    def test_lets_expired_sessions_be_swept(self, database: Documents) -> None:
        indexes = database["sessions"].index_information().values()

        assert [index["key"] for index in indexes if index.get("expireAfterSeconds") == 0] == [
            [("expires_at", 1)]
        ]


class TestSiteAdmins:
    def test_are_listed_where_they_were_not(self, blank: Documents) -> None:
        _tell_the_demo(blank)
        blank["workspace"].update_one({}, {"$unset": {"site_admins": ""}})

        _up("0004_site_admins", blank)

        (workspace,) = blank["workspace"].find()
        assert workspace["site_admins"] == ["ana"]
