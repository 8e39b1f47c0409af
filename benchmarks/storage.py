"""Pages over a large store, beside the bare queries that each of them needs.

A whole request goes through the app, as a server hands it over: gate, session, page, headers,
compression. Only the socket to the browser is left out. The queries are those one would write
by hand for the same page, with the same PyMongo, and nothing is made of what they find.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bson import ObjectId
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from benchmarks import volume
from benchmarks.figures import Figure
from benchmarks.people import Somebody, sign_in
from benchmarks.run import Run
from chatapp.services import Services
from chatapp.web import rows

PEOPLE = ("ben", "ana")  # in as many rooms as most, and in every tenth
PAGE = 40
SAMPLE = 50  # rooms opened in a round; pages turned to
BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip, deflate, br, zstd"}

OPENING = 1.5  # times the bare queries
DEEP = 1.2  # times the newest page
HOME_MILLISECONDS = 300


def measure(run: Run) -> Iterator[Figure]:
    yield from volume.measure(run)
    with volume.opened(run) as app:
        readers = [_reader(app, username) for username in PEOPLE]
        for reader in readers:
            yield _opening(run, reader)
        yield _turning_pages(run, readers[-1])
        yield _home(run, readers[-1])


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who looks at pages, and who asks the same without the app."""

    app: Flask
    username: str
    somebody: Somebody
    room_count: int
    heads: dict[str, int]
    """Of those of their rooms that have a page of messages."""

    def get(self, path: str) -> None:
        cookie = f"{self.app.config['SESSION_COOKIE_NAME']}={self.somebody.cookie}"
        headers = Headers({**BROWSER, "Cookie": cookie})
        environ = EnvironBuilder(path, headers=headers).get_environ()
        _, status, given = run_wsgi_app(self.app.wsgi_app, environ, buffered=True)
        if status != "200 OK" or given.get("Content-Encoding") != "zstd":
            raise RuntimeError(f"{path} was answered with {status}")

    def open(self, room_id: str) -> None:
        self.get(f"/rooms/{room_id}")

    def query(self, room_id: str) -> None:
        """Ask: am I in it, what was said, who is in it, what are they called, where else am I."""
        database, room = _services(self.app).database, ObjectId(room_id)
        members = database["room_members"]
        members.find_one({"_id": {"room_id": room, "username": self.username}})
        said = list(database["messages"].find({"room_id": room}).sort("seq", -1).limit(PAGE))
        inside = list(members.find({"_id.room_id": room}))
        names = {one["sender"] for one in said} | {one["_id"]["username"] for one in inside}
        list(database["users"].find({"_id": {"$in": list(names)}}, {"display_name": 1}))
        list(members.find({"_id.username": self.username}, {"room_name": 1}))


def _reader(app: Flask, username: str) -> Reader:
    services = _services(app)
    user = services.accounts.find(username)
    assert user is not None
    rooms = [room.room_id for room in services.rooms.list_for(user)]
    heads = {room_id: head for room_id, head in services.heads(rooms).items() if head >= PAGE}
    return Reader(app, username, sign_in(app, user), len(rooms), heads)


def _opening(run: Run, reader: Reader) -> Figure:
    """Open one room after the other, as one does; then ask the same of MongoDB alone."""
    name = f"open a room, one of {reader.room_count:,}"
    run.say(name)
    chosen = random.Random(name)

    def compare() -> tuple[float, float]:
        rooms = chosen.choices(list(reader.heads), k=SAMPLE)
        return _milliseconds(reader.open, rooms), _milliseconds(reader.query, rooms)

    compare()  # the first ones wait for the disk, whoever asks
    pairs = [compare() for _ in range(run.rounds)]
    return Figure.compared(name, "ms", pairs, target=OPENING, direction="<=")


def _turning_pages(run: Run, reader: Reader) -> Figure:
    """Compare pages anywhere in the longest history with its newest one.

    Of neither are rows kept: nobody has looked at them lately.
    """
    room_id = max(reader.heads, key=lambda room_id: reader.heads[room_id])
    name = "a page of history, anywhere beside the newest"
    run.say(f"{name}, of {reader.heads[room_id]:,} messages")
    chosen = random.Random(name)
    newest = f"/rooms/{room_id}/messages"

    def compare() -> tuple[float, float]:
        seqs = [chosen.randrange(PAGE, reader.heads[room_id]) for _ in range(SAMPLE)]
        anywhere = [f"{newest}?before={seq}" for seq in seqs]
        return (
            _milliseconds(reader.get, anywhere, rows.forget),
            _milliseconds(reader.get, [newest] * SAMPLE, rows.forget),
        )

    pairs = [compare() for _ in range(run.rounds)]
    return Figure.compared(name, "ms", pairs, target=DEEP, direction="<=")


def _home(run: Run, reader: Reader) -> Figure:
    """Open the list of rooms when nothing of it is remembered."""
    name = f"home, {reader.room_count:,} rooms, first seen"
    run.say(name)

    def forget() -> None:
        rows.forget()
        _services(reader.app).memory.forget_all()

    taken = [_milliseconds(reader.get, ["/"], forget) for _ in range(run.rounds)]
    return Figure.alone(name, "ms", taken, target=HOME_MILLISECONDS)


def _milliseconds(
    work: Callable[[str], object],
    items: Sequence[str],
    before_each: Callable[[], object] = lambda: None,
) -> float:
    """Return what one of them takes, the median."""
    taken = []
    for item in items:
        before_each()
        began = time.perf_counter()
        work(item)
        taken.append((time.perf_counter() - began) * 1_000)
    return median(taken)


def _services(app: Flask) -> Services:
    found: Services = app.extensions["chatapp"]
    return found
