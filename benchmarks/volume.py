"""The store of `flask seed volume`: made once, with the command that people have, and kept."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from benchmarks import servers
from benchmarks.figures import Figure
from benchmarks.run import CACHE, ROOT, START_LIMIT_SECONDS, Run, free_port, stop, wait_until
from chatapp import create_app
from chatapp.core import embedded, keeper
from chatapp.services import Services
from config import config_for

ROOMS, QUICK_ROOMS = 10_000, 500
MESSAGES = 100  # in a room, on average: a million in all
LOAD_SECONDS = 240
START_SECONDS = 5


def measure(run: Run) -> Iterator[Figure]:
    """Measure what loading takes, where there is no store yet, and starting the chat on it."""
    if not _folder(run).exists():
        yield _load(run, _folder(run))
    yield _start(run, _folder(run))


@contextlib.contextmanager
def opened(run: Run) -> Iterator[Flask]:
    """An app on the store, in this process, that remembers as one with sockets does."""
    app = create_app(config_for({"CHATAPP_DATA_DIR": str(_folder(run))}))
    services: Services = app.extensions["chatapp"]
    services.memory.start()
    try:
        yield app
    finally:
        services.memory.stop()
        services.database.client.close()


def _folder(run: Run) -> Path:
    return CACHE / f"volume-{QUICK_ROOMS if run.is_quick else ROOMS}"


def _load(run: Run, folder: Path) -> Figure:
    rooms = QUICK_ROOMS if run.is_quick else ROOMS
    name = f"load {rooms * MESSAGES:,} messages"
    run.say(name)
    loading = folder.with_suffix(".loading")  # what was interrupted is begun anew
    shutil.rmtree(loading, ignore_errors=True)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "seed", "volume"]
    began = time.monotonic()
    subprocess.run(
        [*command, f"--rooms={rooms}", f"--messages={MESSAGES}"],
        cwd=ROOT,
        env={**os.environ, "CHATAPP_DATA_DIR": str(loading), "MONGO_URI": ""},
        stdout=sys.stderr,
        check=True,
    )
    seconds = time.monotonic() - began
    _wait_for_the_database_to_end(loading)
    loading.rename(folder)
    return Figure.alone(name, "s", [seconds], target=LOAD_SECONDS)


def _start(run: Run, folder: Path) -> Figure:
    """Start the server and its database until pages are answered; both have to load."""
    run.say("starting on it")
    seconds = []
    for _ in range(run.rounds):
        port = free_port()
        began = time.monotonic()
        program = run.start(
            [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", servers.APP],
            {"CHATAPP_DATA_DIR": str(folder), "CHATAPP_PORT": str(port), "MONGO_URI": ""},
        )
        wait_until(lambda port=port: servers.is_healthy(port), program)  # type: ignore[misc]
        seconds.append(time.monotonic() - began)
        stop(program)
        _wait_for_the_database_to_end(folder)
    return Figure.alone("start on that store", "s", seconds, target=START_SECONDS)


def _wait_for_the_database_to_end(folder: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    with (folder / embedded.FOLDER / embedded.LOCK).open("ab") as lock:
        while not keeper.lock(lock.fileno(), fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise RuntimeError(f"the database in {folder} does not end")
            time.sleep(0.05)
