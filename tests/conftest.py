"""What tests start from: an app in memory, every store, the cast."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from chatapp import create_app
from chatapp.core import embedded
from chatapp.core.database import MEMORY_URI, Documents, connect
from chatapp.core.events import Event
from chatapp.services import Services
from config import config_for
from migrations_seed.runner import migrate
from tests.cast import Browser, Cast, Listening, gather


@pytest.fixture(scope="session")
def mongod_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The embedded mongod, one for the whole run."""
    return embedded.start(tmp_path_factory.mktemp("mongod"))


STORES = ["memory", "embedded", *(["server"] if "TEST_MONGODB_URI" in os.environ else [])]


@pytest.fixture(params=STORES)
def database(request: pytest.FixtureRequest) -> Iterator[Documents]:
    """An empty, migrated database; a test that takes it runs on every store."""
    yield from _database(request.param, request)


@pytest.fixture
def mongodb(request: pytest.FixtureRequest) -> Iterator[Documents]:
    """An empty, migrated database of a real mongod."""
    yield from _database("embedded", request)


def _database(store: str, request: pytest.FixtureRequest) -> Iterator[Documents]:
    if store == "memory":
        database = connect(MEMORY_URI)
    elif store == "server":
        database = connect(os.environ["TEST_MONGODB_URI"])
    else:
        database = connect(request.getfixturevalue("mongod_uri"))
    for name in database.list_collection_names():
        database.drop_collection(name)
    migrate(database)
    yield database
    database.client.close()


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
