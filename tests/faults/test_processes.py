"""`bin/run --processes 2`: nginx in front, Redis between, and people on both processes."""

import contextlib
import json
import os
import re
import resource
import shutil
import signal
import socket
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
import websocket

from config import config_for
from deploy import processes, programs
from tests.faults.client import Client
from tests.faults.conftest import Keep, Store
from tests.faults.people import clients_of, judged
from tests.faults.sizes import Sizes
from tests.faults.world import World, build_world, database_of, http, new_name
from tests.server import Server
from tests.wire import Person, Wire, until

RUN = ("bin/run", "--processes", "2")
BACK_LIMIT_SECONDS = 60.0
EXIT_LIMIT_SECONDS = 5.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    not (
        shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        and shutil.which("redis-server")
    ),
    reason="nginx or redis-server is not installed",
)


@dataclass
class Site:
    """One address, and what is behind it."""

    world: World
    server: Server
    folder: Path

    def people(self, role: str, count: int) -> tuple[str, list[Client]]:
        """Return a room with new people in it who listen, on both processes."""
        names = [f"{role}{number}" for number in range(count)]
        for name in names:
            self.world.add_person(name)
        room = self.world.add_room(role.title(), *names)
        return room, clients_of(self.world, [room], self.server.port, names)

    def gunicorn(self, number: int) -> int:
        """Return the process that was started as this number, 0 while there is none."""
        wanted = f"unix:{self.folder}/{number}.sock"
        return next((pid for pid in _children(self.server.pid) if wanted in _command(pid)), 0)

    def program(self, name: str) -> int:
        return next((pid for pid in _children(self.server.pid) if name in _command(pid)), 0)

    def sockets(self, number: int) -> int:
        """Return how many connections this process has."""
        connected = "03"
        lines = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()]
        path = f"{self.folder}/{number}.sock"
        return sum(1 for line in lines if line[-1] == path and line[5] == connected)

    def is_ready(self, number: int) -> bool:
        return (self.folder / f"{number}.ready").exists()


@contextlib.contextmanager
def _usual_limit_of_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def _most_files(pid: int) -> int:
    limits = Path(f"/proc/{pid}/limits").read_text()
    found = re.search(r"Max open files\s+(\d+)", limits)
    assert found is not None
    return int(found[1])


def _wire(site: Site) -> Wire:
    somebody = next(iter(site.world.people.values()))
    return Wire(site.server.url, somebody.headers(site.server.port), somebody.csrf)


def _straight_to(site: Site, number: int) -> websocket.WebSocket:
    """Open a socket at one process, past nginx."""
    somebody = next(iter(site.world.people.values()))
    path = socket.socket(socket.AF_UNIX)
    path.connect(f"{site.folder}/{number}.sock")
    return websocket.create_connection(
        site.server.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket",
        socket=path,
        cookie=somebody.headers(site.server.port),
        origin=site.server.url,
    )


def _address_of_a_stranger(site: Site) -> str:
    """Return where the chat believes somebody to be who claims to come from 203.0.113.9."""
    stranger = Person(site.server.url)
    stranger._opener.addheaders.append(("X-Forwarded-For", "203.0.113.9"))
    with contextlib.suppress(urllib.error.HTTPError):
        stranger.post("/login", username="nobody", password="a wrong password")
    (entry,) = site.world.services.audit.get_entries(LONG_AGO, "nobody", 1)
    return entry.address


def _below(pid: int) -> list[int]:
    """Return all processes below this one."""
    return [found for child in _children(pid) for found in [child, *_below(child)]]


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    return []


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, store: Store) -> Iterator[Callable[..., Site]]:
    with contextlib.ExitStack() as stack:

        def start(**settings: str) -> Site:
            folder = tmp_path_factory.mktemp("p")  # short: sockets are in it
            world = build_world(folder, store.uri, new_name("processes"))
            world.add_person("founder")
            stack.callback(world.stop)
            with _usual_limit_of_files():
                server = world.serve(
                    database_of(store.uri, world.name),
                    RUN,
                    CHATAPP_DATA_DIR=str(folder),
                    **settings,
                )
            site = Site(world, server, folder / "processes")
            until(lambda: site.is_ready(1) and site.is_ready(2), BACK_LIMIT_SECONDS)
            return site

        yield start


@pytest.fixture(scope="module")
def site(start: Callable[..., Site]) -> Site:
    return start()


@pytest.fixture(scope="module")
def behind(start: Callable[..., Site]) -> Site:
    """Where a proxy of somebody else is in front; with room for few."""
    return start(CHATAPP_PROXIES="1", CHATAPP_SOCKETS="2")


class TestTwoProcesses:
    def test_share_the_people_who_hear_each_other(self, site: Site) -> None:
        room, clients = site.people("neighbour", 4)

        assert site.sockets(1) >= 2
        assert site.sockets(2) >= 2
        for number, client in enumerate(clients):
            assert client.deliver(room, f"hello {number}")
        for client in clients:
            until(lambda: len(client.live) == len(clients))  # noqa: B023
        assert judged(site.world, [room], clients).is_clean

    def test_do_not_believe_who_says_to_be_somewhere_else(self, site: Site) -> None:
        assert _address_of_a_stranger(site) == "127.0.0.1"

    def test_count_wrong_passwords_together(self, site: Site) -> None:
        _address_of_a_stranger(site)

        with redis.Redis(unix_socket_path=f"{site.folder}/redis.sock") as shared:
            assert shared.keys("chatapp:tries*")

    def test_have_room_for_as_many_sockets_as_the_settings_say(self, site: Site) -> None:
        (worker,) = _children(site.gunicorn(1))
        carrier = _children(site.program("nginx: master"))[0]

        assert _most_files(worker) > 900 + 100
        assert _most_files(carrier) > 2 * 2 * (900 + 100)

    def test_R1_killed_one_after_the_other_lose_nothing_and_come_back(
        self, site: Site, sizes: Sizes, keep: Keep
    ) -> None:
        room, clients = site.people("survivor", 6)
        with _writing(clients[:3], room):
            for kill in range(sizes.process_kills):
                number = kill % 2 + 1
                gunicorn = site.gunicorn(number)
                worker = _children(gunicorn)[0]
                wires = [client.wire for client in clients]
                is_worker = (kill + kill // 2) % 2 == 0  # each of both, in turn
                os.kill(worker if is_worker else gunicorn, signal.SIGKILL)

                until(lambda: _have_moved(clients, wires))  # noqa: B023
                until(lambda: site.gunicorn(number) not in (0, gunicorn))  # noqa: B023
                until(lambda: site.is_ready(number), BACK_LIMIT_SECONDS)  # noqa: B023

        verdict = judged(site.world, [room], clients)
        keep("R1 kill -9 of one of two processes", verdict)
        assert verdict.is_clean, verdict

    def test_R6_restarted_one_after_the_other_lose_nothing_and_always_answer(
        self, site: Site, keep: Keep
    ) -> None:
        room, clients = site.people("traveller", 6)
        before = [site.gunicorn(1), site.gunicorn(2)]
        with _writing(clients[:3], room), _reading(site, clients[0], room) as answers:
            os.kill(site.server.pid, signal.SIGHUP)
            until(lambda: not site.is_ready(1))
            until(lambda: site.is_ready(1), BACK_LIMIT_SECONDS)
            until(lambda: not site.is_ready(2))
            until(lambda: site.is_ready(2), BACK_LIMIT_SECONDS)

        verdict = judged(site.world, [room], clients)
        keep("R6 a rolling restart", verdict)
        assert verdict.is_clean, verdict
        assert not set(before) & {site.gunicorn(1), site.gunicorn(2)}
        assert set(answers) == {200}

    @pytest.mark.parametrize("name", ["nginx: master", "redis-server"])
    def test_have_their_helpers_started_again(self, site: Site, name: str) -> None:
        room, clients = site.people(f"guest-of-{name[:5]}", 4)
        killed = site.program(name)

        os.kill(killed, signal.SIGKILL)
        until(lambda: site.program(name) not in (0, killed))
        until(lambda: _are_back(clients))
        assert clients[0].deliver(room, "still there")

        assert judged(site.world, [room], clients).is_clean

    def test_end_within_five_seconds_and_tell_everybody_when_to_come_back(self, site: Site) -> None:
        wires = [_wire(site) for _ in range(4)]
        programs = _below(site.server.pid)

        began_at = time.monotonic()
        site.server.stop()

        assert time.monotonic() - began_at < EXIT_LIMIT_SECONDS
        assert all(wire.of("restarting") for wire in wires)
        assert not [pid for pid in programs if Path(f"/proc/{pid}").exists()]
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", site.server.port)).close()


class TestBehindAProxy:
    def test_addresses_are_those_that_it_tells(self, behind: Site) -> None:
        assert _address_of_a_stranger(behind) == "203.0.113.9"

    def test_who_finds_one_process_full_comes_to_the_other(self, behind: Site) -> None:
        # nginx has not heard of these two, so it will think that process 1 has fewest.
        unheard_of = [_straight_to(behind, 1) for _ in range(2)]

        wires = [_wire(behind) for _ in range(2)]
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            _wire(behind)

        assert refused.value.status_code == 503
        assert json.loads(refused.value.resp_body)["error"]["code"] == "full"
        for wire in wires:
            wire.close()
        for opened in unheard_of:
            opened.close()

    def test_what_was_killed_with_all_it_had_started_works_again(self, behind: Site) -> None:
        below = _below(behind.server.pid)

        behind.server.kill()  # the one process that looks after all others
        behind.server.start()

        assert not set(below) & set(_below(behind.server.pid))
        assert not [pid for pid in below if Path(f"/proc/{pid}").exists()]
        _wire(behind).close()


class TestStarting:
    def test_without_what_it_needs_is_refused_in_one_line(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shutil, "which", lambda name, path: None)

        with pytest.raises(programs.CannotStart) as refused:
            processes.Processes(2, [], config_for({"CHATAPP_ENV": "testing"}))

        assert str(refused.value) == (
            "several processes need nginx and redis-server; "
            "on Debian and Ubuntu, apt-get install nginx-light redis-server."
        )

    @pytest.mark.parametrize("asked", ["", "0", "-1", "two", "65", "²"])
    def test_with_no_number_is_refused_in_one_line(self, asked: str) -> None:
        with pytest.raises(SystemExit) as refused:
            processes.main([asked])

        assert str(refused.value).count("\n") == 0


def _have_moved(clients: list[Client], wires: list[Wire | None]) -> bool:
    """Return whether all are connected, and some of them anew."""
    return _are_back(clients) and any(client.wire not in wires for client in clients)


def _are_back(clients: list[Client]) -> bool:
    return all(client.wire is not None and client.wire.is_open for client in clients)


@contextlib.contextmanager
def _writing(writers: list[Client], room: str) -> Iterator[None]:
    """Let these post all the time, each message until it is acknowledged."""
    is_over = threading.Event()

    def write(writer: Client) -> None:
        number = 0
        while not is_over.wait(0.02):  # a rate, not a wait
            number += 1
            writer.deliver(room, f"{writer.username} {number}")

    threads = [threading.Thread(target=write, args=[writer]) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


@contextlib.contextmanager
def _reading(site: Site, client: Client, room: str) -> Iterator[list[int]]:
    """Let somebody load pages all the time; give the statuses of the answers."""
    is_over, answers = threading.Event(), list[int]()

    def read() -> None:
        while not is_over.wait(0.02):
            path = f"/rooms/{room}/messages?after=0&limit=1"
            answers.append(http(site.server.port, site.server.url, path, client.somebody)[0])

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield answers
    finally:
        is_over.set()
        thread.join()
