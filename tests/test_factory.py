"""What `create_app` puts together, and that nothing is shared between two of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from chatapp import BLUEPRINTS, create_app
from chatapp.core import embedded
from config import config_for
from migrations_seed.runner import pending
from tests.cast import gather


def test_every_blueprint_is_plugged_in(app: Flask) -> None:
    assert set(app.blueprints) >= {blueprint.name for blueprint in BLUEPRINTS}
    assert set(app.blueprints) >= {"auth", "rooms", "chat"}


def test_two_apps_share_nothing(make_app: Callable[..., Flask]) -> None:
    first, second = make_app(), make_app()
    gather(first.extensions["chatapp"])
    assert first.extensions["chatapp"].accounts.is_set_up()
    assert not second.extensions["chatapp"].accounts.is_set_up()
    assert first.extensions["socketio"].server is not second.extensions["socketio"].server


def test_the_embedded_database_is_migrated(
    mongod_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "chatapp_factory"
    monkeypatch.setattr(embedded, "start", lambda data_dir: named(mongod_uri, name))
    app = create_app(config_for({"CHATAPP_DATA_DIR": str(tmp_path)}))
    database = app.extensions["chatapp"].database
    try:
        assert database.name == name
        assert not pending(database)
    finally:
        database.client.drop_database(name)
        database.client.close()


def test_a_server_of_ones_own_is_left_to_its_owner(mongod_uri: str, tmp_path: Path) -> None:
    uri = named(mongod_uri, "chatapp_owned")
    app = create_app(config_for({"MONGO_URI": uri, "CHATAPP_DATA_DIR": str(tmp_path)}))
    database = app.extensions["chatapp"].database
    with database.client:
        assert app.test_client().get("/login").status_code == 503
        assert database.list_collection_names() == []


def named(uri: str, name: str) -> str:
    """Return the address of another database on the same server."""
    server, _, options = uri.partition("?")
    return f"{server.rstrip('/')}/{name}?{options}".rstrip("?")
