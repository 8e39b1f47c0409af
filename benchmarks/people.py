"""A workspace of many signed-in people in one room, made straight in the store."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from flask import Flask, session
from flask_wtf.csrf import generate_csrf

from benchmarks.run import Run, database_of
from chatapp import create_app
from chatapp.auth import login
from chatapp.auth.entities import User
from chatapp.auth.repository import UserRepository
from chatapp.core import clock
from chatapp.rooms.repository import RoomRepository
from chatapp.services import Services
from config import config_for
from migrations_seed.runner import migrate

DATABASE = "bench"
SECRET_KEY = "for the benchmarks only " * 2
COUNT = 1_000
AT_ONCE = 16  # the store commits those that come together at once


@dataclass(frozen=True, slots=True)
class Somebody:
    """What the browser of a signed-in person keeps."""

    cookie: str
    csrf: str


@dataclass(frozen=True, slots=True)
class World:
    uri: str
    room_id: str
    people: list[Somebody]


def make_world(run: Run, count: int = COUNT) -> World:
    """Return a room, and its members with a session each. Nobody's password is hashed."""
    run.say(f"signing {count:,} people in")
    uri = database_of(run.mongod, DATABASE)
    app = create_app(_config(run, uri))
    services: Services = app.extensions["chatapp"]
    migrate(services.database)
    users = [_user(number) for number in range(count)]
    repository = UserRepository(services.database)
    repository.save_founder(users[0])
    _each(repository.save_user, users[1:])
    room_id = _make_room(services, users)
    people = _each(lambda user: sign_in(app, user), users)
    services.database.client.close()
    return World(uri=uri, room_id=room_id, people=people)


def _config(run: Run, uri: str) -> Any:
    folder = str(run.folder / "world")
    environ = {"CHATAPP_ENV": "testing", "CHATAPP_DATA_DIR": folder, "MONGO_URI": uri}
    return config_for({**environ, "SECRET_KEY": SECRET_KEY})


def _user(number: int) -> User:
    return User(
        username=f"person{number:04}",
        display_name=f"Person {number:04}",
        password_hash="",
        created_at=clock.now(),
    )


def _make_room(services: Services, users: list[User]) -> str:
    rooms = RoomRepository(services.database, clock.now)
    room = rooms.save_room("Hall", users[0].username)
    names = [user.username for user in users[1:]]
    rooms.add_room_members(room.id, room.name, names, users[0].username)
    return room.id


def sign_in(app: Flask, user: User) -> Somebody:
    services: Services = app.extensions["chatapp"]
    with app.test_request_context():
        login.enter(services.accounts.start_session(user))
        csrf = generate_csrf()
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return Somebody(serializer.dumps(dict(session)), csrf)


def _each(work: Callable[[User], Any], users: Iterable[User]) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(work, users))
