"""The program that runs the embedded mongod, from its start to its end. See `embedded.py`.

`keeper.py <mongod>`, in the folder that holds everything: standard input is the lock that
says "a keeper or its mongod lives", the output takes READY or one sentence of complaint,
errors go to the log. It is run by path, so it imports nothing of chatapp.
"""

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

DATA = "data"
LOG = "mongod.log"
READY = "ready"
# mongod listens on the first; once it takes writes the keeper gives that the second name too. So
# a client finds a server that is ready or none, and waits while there is none. The first stays: by
# it mongod calls itself to end the building of an index, and without an answer it waits for ever.
STARTING_SOCKET = "starting.sock"
READY_SOCKET = "mongod.sock"

POLL_SECONDS = 0.2
LINGER_SECONDS = 2.0  # to migrate and then to serve is one start of mongod, not two
START_LIMIT_SECONDS = 60.0
STOP_LIMIT_SECONDS = 20.0
LOG_LIMIT_BYTES = 10_000_000
FULL_BELOW_BYTES = 50_000_000
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

MONGOD_OPTIONS = (
    f"--dbpath={DATA}",
    f"--bind_ip=./{STARTING_SOCKET}",  # a path: no TCP port
    "--port=1",  # unlike the member's, else mongod asks DNS for the path before it connects to it
    "--nounixsocket",  # no second one in /tmp
    "--replSet=chatapp",
    "--oplogSize=64",  # by default 5 % of the disk
    "--networkMessageCompressors=disabled",
    "--wiredTigerCacheSizeGB=0.25",
    "--wiredTigerEngineConfigString=log=(prealloc=false,file_max=16MB)",
    "--setParameter=diagnosticDataCollectionEnabled=false",
    "--quiet",
)
# The member's address is relative to mongod's working directory, so that one may move.
REPLICA_SET = {"_id": "chatapp", "members": [{"_id": 0, "host": f"./{STARTING_SOCKET}"}]}

Server = subprocess.Popen[bytes]


class CannotRun(Exception):
    """Why mongod does not run, as a sentence."""


def keep(mongod: str) -> None:
    """Serve from the working directory until mongod dies or nobody uses it any more."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    server = _start(mongod)
    try:
        _wait_until_primary(server)
        Path(READY_SOCKET).unlink(missing_ok=True)
        os.link(STARTING_SOCKET, READY_SOCKET)
        tell(READY)
        _wait_until_unused(server)
    finally:
        _stop(server)


def _start(mongod: str) -> Server:
    keeper = os.getpid()
    libc = ctypes.CDLL(None)

    def die_with_keeper() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(1)

    try:
        return subprocess.Popen(
            [mongod, *MONGOD_OPTIONS],
            stdin=None,  # the lock, held as long as either of the two lives
            stdout=sys.stderr,
            preexec_fn=die_with_keeper,  # noqa: PLW1509 - there is only one thread yet
        )
    except OSError as error:
        raise CannotRun(
            f"The embedded MongoDB cannot run here ({error.strerror}): set MONGO_URI."
        ) from error


def _wait_until_primary(server: Server) -> None:
    # Imported while mongod comes up: it takes a quarter of a second.
    from pymongo import MongoClient
    from pymongo.errors import PyMongoError

    deadline = time.monotonic() + START_LIMIT_SECONDS
    while not answers(STARTING_SOCKET):
        _check(server, deadline)
    uri = f"mongodb://{quote(f'./{STARTING_SOCKET}', safe='')}/?directConnection=true"
    client: MongoClient[dict[str, Any]]
    with MongoClient(uri, timeoutMS=1_000) as client:
        while True:
            try:
                if client.admin.command("hello")["isWritablePrimary"]:
                    return
                client.admin.command("replSetInitiate", REPLICA_SET)
            except PyMongoError:  # initiated already, or not yet able to
                _check(server, deadline)


def _check(server: Server, deadline: float) -> None:
    if server.poll() is not None or time.monotonic() > deadline:
        raise CannotRun(_why(server.returncode))
    time.sleep(0.01)


def _why(code: int | None) -> str:
    folder = Path.cwd()
    said = Path(LOG).read_text(errors="replace")
    if "error while loading shared libraries" in said and "libcurl" in said:
        return (
            "The embedded MongoDB needs libcurl: install it with `apt-get install libcurl4`, "
            "or set MONGO_URI."
        )
    if code == -signal.SIGILL:
        return "The embedded MongoDB needs a processor with AVX: set MONGO_URI to another server."
    if "No space left" in said or shutil.disk_usage(folder).free < FULL_BELOW_BYTES:
        return f"The disk of {folder} is full: make room, or set CHATAPP_DATA_DIR or MONGO_URI."
    if "Permission denied" in said or "Read-only file system" in said:
        return (
            f"Some files in {folder} cannot be written by this user: run as the user who owns "
            "them, or set CHATAPP_DATA_DIR or MONGO_URI."
        )
    return does_not_start(folder)


def does_not_start(folder: Path) -> str:
    return f"The embedded MongoDB does not start: {folder / LOG} says why; or set MONGO_URI."


def _wait_until_unused(server: Server) -> None:
    """Return when mongod is dead, or holding the lock that keeps new users out."""
    users = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    last_use = time.monotonic()
    while server.poll() is None:
        if not lock(users, fcntl.LOCK_EX):
            last_use = time.monotonic()
        elif time.monotonic() > last_use + LINGER_SECONDS:
            return
        else:
            fcntl.flock(users, fcntl.LOCK_UN)
        _keep_log_small()
        time.sleep(POLL_SECONDS)


def _keep_log_small() -> None:
    if os.fstat(sys.stderr.fileno()).st_size > LOG_LIMIT_BYTES:
        os.ftruncate(sys.stderr.fileno(), 0)


def _stop(server: Server) -> None:
    server.terminate()
    try:
        server.wait(STOP_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def lock(descriptor: int, kind: int) -> bool:
    """Take a `flock` if that is possible at once."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def answers(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True


def tell(answer: str) -> None:
    """Give the launching process its answer; it reads until this output is closed."""
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), answer.encode())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


if __name__ == "__main__":
    if os.fork():
        os._exit(0)  # the keeper is nobody's child: nobody has to wait for it
    try:
        keep(sys.argv[1])
    except CannotRun as complaint:
        tell(str(complaint))
