"""Real servers, people who post to them, and what became of it."""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from chatapp.core import embedded
from chatapp.core.keeper import READY_SOCKET
from tests.faults import figures
from tests.faults.figures import Keep
from tests.faults.proxy import Proxy
from tests.faults.sizes import FULL, QUICK, Sizes
from tests.faults.world import Redis, World, build_world, new_name, redis_server
from tests.server import Server, running
from tests.wire import Person


@dataclass
class Town:
    """A workspace with a few people, all of them in one room."""

    server: Server
    people: list[Person]
    room_id: str

    def history(self) -> list[dict[str, object]]:
        """Return every message of the room, as pages of history give them."""
        messages: list[dict[str, object]] = []
        while True:
            page = self.people[0].get_json(
                f"/rooms/{self.room_id}/messages?after={len(messages)}&limit=200"
            )
            if not page["messages"]:
                return messages
            messages += page["messages"]


@pytest.fixture
def town(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    """Six people on a server; `request.param` may name another way of starting it."""
    command, settings = getattr(request, "param", (None, {}))
    with running(tmp_path, *([command] if command else []), **settings) as server:
        founder = Person(server.url)
        invite = founder.set_up("ana")
        people = [founder]
        for number in range(5):
            person = Person(server.url)
            person.sign_up(invite, f"guest{number}")
            people.append(person)
        yield Town(server=server, people=people, room_id=founder.first_room())


@pytest.fixture(scope="session")
def sizes(request: pytest.FixtureRequest) -> Sizes:
    return {"quick": QUICK, "full": FULL}[request.config.getoption("--faults")]


@pytest.fixture(autouse=True)
def seed() -> int:
    """Make chance repeatable: pytest shows what a failed test printed."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # set it here to see the same again
    random.seed(seed)
    return seed


@dataclass(frozen=True)
class Store:
    """A mongod: `uri` is good for any process, `path` is its socket."""

    uri: str
    path: str
    folder: Path


def _store(folder: Path) -> Store:
    embedded.start(folder)
    path = str(folder / embedded.FOLDER / READY_SOCKET)
    return Store(f"mongodb://{quote(path, safe='')}/?directConnection=true", path, folder)


@pytest.fixture(scope="session")
def store(mongod_folder: Path) -> Store:
    """The mongod of the whole run."""
    return _store(mongod_folder)


@pytest.fixture
def own_store(tmp_path: Path) -> Store:
    """A mongod to be killed."""
    return _store(tmp_path / "store")


@pytest.fixture
def make_world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., World]]:
    """Return a function that makes an empty workspace on a store."""
    with ExitStack() as stack:

        def make(store: Store) -> World:
            folder = tmp_path / new_name("world")
            folder.mkdir()
            world = build_world(folder, store.uri, new_name("faults"))
            stack.callback(world.stop)
            return world

        yield make


@pytest.fixture
def world(make_world: Callable[..., World], store: Store) -> World:
    return make_world(store)


@pytest.fixture
def redis() -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server")
    with redis_server() as server:
        yield server


@pytest.fixture
def proxy() -> Iterator[Callable[[int | str], Proxy]]:
    """Return a function that puts a proxy in front of a port or a unix socket."""
    with ExitStack() as stack:

        def put(target: int | str) -> Proxy:
            made = Proxy(target)
            stack.callback(made.close)
            return made

        yield put


@pytest.fixture
def keep(record_property: Callable[[str, object], None]) -> Keep:
    """Return a function that keeps the figures of a promise, and what was measured."""
    return lambda *line: record_property(*figures.line(*line))


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    table = figures.table(
        value
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, ())
        for name, value in report.user_properties
        if name == figures.NAME and report.when == "call"
    )
    if not table:
        return
    terminalreporter.section("promises")
    for row in table:
        terminalreporter.write_line(row)
    document = config.getoption("--figures")
    if document and exitstatus == 0:
        figures.write(document, table)
