"""R6: SIGTERM under load, and one process after the other restarted while people post."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from uuid import uuid4

import pytest
from websocket import WebSocketException

from chatapp.core import embedded
from chatapp.core.keeper import READY_SOCKET
from tests.cast import PASSWORD
from tests.faults.conftest import Town
from tests.server import EVENTLET, THREADS, Server, free_port, running
from tests.wire import Person, Wire, until

EXIT_LIMIT_SECONDS = 5.0
WAYS = {
    "eventlet": (EVENTLET, {}),
    "threads": (THREADS, {"CHATAPP_ASYNC_MODE": "threading"}),
}
ABRUPT = (*EVENTLET[:-1], "tests.faults.broken.abrupt:app")
RESTARTS = {"quick": 2, "full": 10}
SECONDS_BETWEEN_MESSAGES = 0.02  # 50 a second
SECRET = {"SECRET_KEY": "for the restarts only " * 2}


class TestSigterm:
    @pytest.mark.parametrize("town", WAYS.values(), ids=WAYS, indirect=True)
    def test_R6_under_load_loses_nothing_and_is_told(self, town: Town) -> None:
        wires = [person.socket() for person in town.people]
        acknowledged, seconds = _end_under_load(town, wires)

        assert seconds < EXIT_LIMIT_SECONDS
        for wire in wires:
            ((told),) = wire.of("restarting")
            assert 0.5 <= told["after_seconds"] <= 3.0
        assert len({wire.of("restarting")[0]["after_seconds"] for wire in wires}) > 1
        town.server.start()
        stored = [str(message["text"]) for message in town.history()]
        assert len(stored) == len(set(stored))
        assert set(acknowledged) <= set(stored)

    @pytest.mark.parametrize("town", [(ABRUPT, {})], ids=["abrupt"], indirect=True)
    def test_R6_teeth_ending_without_a_word_is_caught(self, town: Town) -> None:
        wires = [person.socket() for person in town.people]

        _end_under_load(town, wires)

        assert [wire.of("restarting") for wire in wires] == [[]] * len(wires)


def _end_under_load(town: Town, wires: list[Wire]) -> tuple[list[str], float]:
    """Stop the server while all post; return what was acknowledged, and how long it took."""
    acknowledged: list[str] = []

    def post(wire: Wire) -> None:
        number = 0
        while True:
            text = f"{id(wire)} {number}"
            ack = wire.ask("post_message", {"room_id": town.room_id, "text": text})
            if ack is None:
                return
            assert ack["ok"], ack
            acknowledged.append(text)
            number += 1

    threads = [threading.Thread(target=post, args=(wire,)) for wire in wires]
    for thread in threads:
        thread.start()
    until(lambda: len(acknowledged) > 100)
    began_at = time.monotonic()
    town.server.stop()
    seconds = time.monotonic() - began_at
    for thread in threads:
        thread.join()
    print(f"{len(acknowledged)} acknowledged, {seconds:.2f} s to the end")
    return acknowledged, seconds


class Poster:
    """Posts without a pause, at whichever server answers, each message until it is acknowledged."""

    def __init__(self, name: str, people: list[Person], room_id: str) -> None:
        self.acknowledged: list[str] = []
        self.slowest = 0.0
        self._name, self._people, self._room_id = name, people, room_id
        self._wire: Wire | None = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self) -> None:
        self._is_over.set()
        self._thread.join()
        if self._wire is not None:
            self._wire.close()

    def _run(self) -> None:
        while not self._is_over.is_set():
            text = f"{self._name} {len(self.acknowledged)}"
            began_at = time.monotonic()
            self._deliver({"room_id": self._room_id, "text": text, "client_id": str(uuid4())})
            self.acknowledged.append(text)
            self.slowest = max(self.slowest, time.monotonic() - began_at)
            self._is_over.wait(SECONDS_BETWEEN_MESSAGES * 4)  # four of us

    def _deliver(self, said: dict[str, Any]) -> None:
        while True:
            wire = self._open()
            ack = wire and wire.ask("post_message", said, 3)
            if ack and ack["ok"]:
                return
            assert not ack or ack["error"]["code"] == "unavailable", ack

    def _open(self) -> Wire | None:
        if self._wire is None or not self._wire.is_open:
            self._people.reverse()
            self._wire = None
            try:
                self._wire = self._people[0].socket()
            except (OSError, URLError, WebSocketException, AssertionError):
                time.sleep(0.05)
        return self._wire


class TestRollingRestarts:
    def test_R6_of_two_processes_lose_and_double_nothing(
        self, tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        restarts = RESTARTS[request.config.getoption("--faults")]
        with _redis() as redis_url, ExitStack() as stack:
            shared = {**SECRET, "MONGO_URI": _store(tmp_path), "SOCKETIO_MESSAGE_QUEUE": redis_url}
            servers = [
                stack.enter_context(running(_made(tmp_path / name), **shared)) for name in "ab"
            ]
            posters, room_id, ana = _people(servers)

            seconds = []
            for number in range(restarts):
                server = servers[number % 2]
                enough = [len(poster.acknowledged) + 20 for poster in posters]
                until(lambda: all(len(p.acknowledged) >= n for p, n in zip(posters, enough)))  # noqa: B023, B905
                began_at = time.monotonic()
                server.stop()
                seconds.append(time.monotonic() - began_at)
                server.start()
            for poster in posters:
                poster.end()

            stored = _history(ana, room_id)
        acknowledged = [text for poster in posters for text in poster.acknowledged]
        print(
            f"{len(acknowledged)} acknowledged, {max(seconds):.2f} s to an end, "
            f"{max(poster.slowest for poster in posters):.2f} s to the slowest answer"
        )
        assert max(seconds) < EXIT_LIMIT_SECONDS
        assert len(stored) == len(set(stored))
        assert set(stored) == set(acknowledged)


def _people(servers: list[Server]) -> tuple[list[Poster], str, Person]:
    """Return four who post, the room they post in, and somebody to read it."""
    ana = Person(servers[0].url)
    invite = ana.set_up("ana")
    room_id = ana.first_room()
    posters = []
    for number in range(4):
        name = f"guest{number}"
        here, there = Person(servers[0].url), Person(servers[1].url)
        here.sign_up(invite, name)
        there.post("/login", username=name, password=PASSWORD)
        posters.append(Poster(name, [here, there], room_id))
    return posters, room_id, ana


def _history(person: Person, room_id: str) -> list[str]:
    texts: list[str] = []
    while page := person.get_json(f"/rooms/{room_id}/messages?after={len(texts)}&limit=200"):
        if not page["messages"]:
            break
        texts += [message["text"] for message in page["messages"]]
    return texts


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _store(folder: Path) -> str:
    """Return the address of a mongod that outlives each of the servers."""
    embedded.start(folder)
    path = quote(str(folder / embedded.FOLDER / READY_SOCKET), safe="")
    return f"mongodb://{path}/chatapp?directConnection=true"


@contextmanager
def _redis() -> Iterator[str]:
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/tmp")

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        until(answers)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()
