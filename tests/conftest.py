"""What tests start from: an app in memory, every store, the cast."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import argon2
import pytest
from flask import Flask
from pymongo import WriteConcern
from werkzeug.serving import make_server

from chatapp import SUBSCRIBERS, create_app
from chatapp.auth import passwords
from chatapp.core import embedded
from chatapp.core.database import MEMORY_URI, Documents, connect
from chatapp.core.events import Event, EventBus
from chatapp.services import Services, build_services
from config import config_for
from migrations_seed.runner import migrate
from tests.cast import Browser, Cast, Clock, Listening, gather


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--faults", choices=("quick", "full"), default="quick", help="the size of tests/faults"
    )
    parser.addoption("--figures", type=Path, help="write the table of promises into this document")


FULL_LIMIT_SECONDS = 3_600


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--faults") == "full":
        for item in items:
            item.add_marker(pytest.mark.timeout(FULL_LIMIT_SECONDS))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "full_hashing: passwords cost what they cost for real")


@pytest.fixture(autouse=True)
def _quick_hashing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the cast sign in at little cost: the same algorithm, with less work."""
    if request.node.get_closest_marker("full_hashing") is None:
        quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        monkeypatch.setattr(passwords, "_hasher", quick)


@pytest.fixture(scope="session")
def mongod_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mongod")


@pytest.fixture(scope="session")
def mongod_uri(mongod_folder: Path) -> str:
    """The embedded mongod, one for the whole run."""
    return embedded.start(mongod_folder)


STORES = ["memory", "embedded", *(["server"] if "TEST_MONGODB_URI" in os.environ else [])]


@pytest.fixture(params=STORES)
def database(request: pytest.FixtureRequest) -> Iterator[Documents]:
    """An empty, migrated database; a test that takes it runs on every store."""
    yield from _migrated(request.param, request)


@pytest.fixture
def mongodb(request: pytest.FixtureRequest) -> Iterator[Documents]:
    """An empty, migrated database of a real mongod."""
    yield from _migrated("embedded", request)


@pytest.fixture(params=STORES)
def blank(request: pytest.FixtureRequest) -> Iterator[Documents]:
    """A database that nobody has touched, not even a migration; on every store."""
    database = _open(request.param, request)
    yield database.client["chatapp_blank"]
    database.client.drop_database("chatapp_blank")
    database.client.close()


def _migrated(store: str, request: pytest.FixtureRequest) -> Iterator[Documents]:
    database = _open(store, request)
    migrate(database)
    # Emptied, not dropped: making the indexes anew would take most of the run. One write
    # that waits for the journal at the end has waited for those before it too.
    for name in set(database.list_collection_names()) - {"schema_versions"}:
        database.get_collection(name, write_concern=WriteConcern(1)).delete_many({})
    database["users"].delete_one({"_id": None})
    yield database
    database.client.close()


def _open(store: str, request: pytest.FixtureRequest) -> Documents:
    if store == "memory":
        return connect(MEMORY_URI)
    if store == "server":
        return connect(os.environ["TEST_MONGODB_URI"])
    return connect(request.getfixturevalue("mongod_uri"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def harbour(mongodb: Documents, clock: Clock) -> Services:
    """Services on a real mongod, for what only a real one can answer: races above all."""
    built = build_services(mongodb, EventBus(), clock, secret_key="for tests", is_open=False)
    for subscribe in SUBSCRIBERS:
        subscribe(built)
    return built


@pytest.fixture
def make_app(tmp_path: Path) -> Callable[..., Flask]:
    """Return a function that makes an app in memory, with any settings on top."""

    def make(**settings: str) -> Flask:
        environ = {"CHATAPP_ENV": "testing", "CHATAPP_DATA_DIR": str(tmp_path), **settings}
        app = create_app(config_for(environ))
        migrate(app.extensions["chatapp"].database)
        return app

    return make


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def services(app: Flask) -> Services:
    found: Services = app.extensions["chatapp"]
    return found


@pytest.fixture
def cast(services: Services) -> Cast:
    return gather(services)


@pytest.fixture
def told(services: Services, cast: Cast) -> Listening:
    """The events published after the cast had gathered."""
    heard = Listening()
    services.bus.subscribe(Event, heard.append)
    return heard


@pytest.fixture
def visitor(app: Flask) -> Browser:
    """Somebody who is not signed in."""
    return Browser(app)


@pytest.fixture
def sign_in(app: Flask, cast: Cast) -> Callable[[str], Browser]:
    """Return a function that signs one of the cast in, in a browser of their own."""
    return lambda username: Browser(app).sign_in(username)


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """The address of `app` on a real port, for what only a real socket can show."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    serving.join()
    server.server_close()
