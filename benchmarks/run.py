"""One run of the benchmarks: how long, where, and what was started and has to be stopped."""

import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from benchmarks.figures import Missing
from chatapp.core import embedded, keeper

ROOT = Path(__file__).parent.parent
CACHE = ROOT / "var" / "bench"
"""What is made once and kept, such as the compiled load generator. Not in git."""

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _CORES[0], _CORES[-1]
"""Load and database share the other core, so that a server has the first to itself."""

START_LIMIT_SECONDS = 60.0
STOP_LIMIT_SECONDS = 20.0

Program = subprocess.Popen[bytes]
T = TypeVar("T")


@dataclass
class Run:
    """What a benchmark may ask for. Whatever is started here ends with the run."""

    folder: Path
    is_quick: bool = False
    notes: list[str] = field(default_factory=list)
    """Sentences that belong under the table, such as why something was not measured."""
    closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _shared: dict[str, Any] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        return 1 if self.is_quick else 5

    @property
    def seconds(self) -> float:
        """How long to keep the load up for one measurement."""
        return 1.0 if self.is_quick else 4.0

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make()` gave when `name` was first asked for: benchmarks share servers."""
        if name not in self._shared:
            self._shared[name] = make()
        made: T = self._shared[name]
        return made

    def say(self, text: str) -> None:
        """Tell whoever waits what is going on."""
        print(f"  {text}", file=sys.stderr, flush=True)

    def start(
        self,
        command: Sequence[str],
        environ: Mapping[str, str] | None = None,
        *,
        core: int | None = None,
        folder: Path = ROOT,
    ) -> Program:
        """Start a program, on one core if that is said; its output goes into the run's folder."""
        if core is not None:
            command = [*pinned_to(core), *command]
        log = self.folder / f"{Path(command[-1]).name}-{time.monotonic_ns()}.log"
        with log.open("wb") as output:
            program = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **(environ or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl+C is for us: we stop it
            )
        self.closing.callback(stop, program)
        return program

    @cached_property
    def mongod(self) -> str:
        """The URI of a mongod of this run, without a database, and open to any process.

        It runs as the embedded one does, but listens on a port, for the peer's driver too.
        """
        folder, port = self.folder / "mongod", free_port()
        (folder / keeper.DATA).mkdir(parents=True)
        host = f"127.0.0.1:{port}"
        changed = ("--bind_ip", "--port", "--replSet")
        options = [o for o in keeper.MONGOD_OPTIONS if not o.startswith(changed)]
        options += ["--bind_ip=127.0.0.1", f"--port={port}", "--replSet=bench"]
        program = self.start([str(embedded.find_mongod()), *options], core=LOAD_CORE, folder=folder)
        uri = f"mongodb://{host}/?directConnection=true"
        with MongoClient[Any](uri, timeoutMS=1_000) as client:
            wait_until(lambda: _is_primary(client, host), program)
        return uri


def database_of(uri: str, name: str) -> str:
    return uri.replace("/?", f"/{name}?", 1)


def _is_primary(client: MongoClient[Any], host: str) -> bool:
    try:
        if client.admin.command("hello")["isWritablePrimary"]:
            return True
        members = [{"_id": 0, "host": host}]
        client.admin.command("replSetInitiate", {"_id": "bench", "members": members})
    except PyMongoError:  # initiated already, or not yet able to
        pass
    return False


@contextlib.contextmanager
def begin(*, is_quick: bool) -> Iterator[Run]:
    """A run in a folder of its own; at the end everything is stopped and the folder is gone."""
    CACHE.mkdir(parents=True, exist_ok=True)
    _allow_many_files()
    with contextlib.ExitStack() as closing:
        # On the disk of the project: /tmp may be memory, and its journal would cost nothing.
        folder = closing.enter_context(tempfile.TemporaryDirectory(dir=CACHE, prefix="run-"))
        yield Run(folder=Path(folder), is_quick=is_quick, closing=closing)


def _allow_many_files() -> None:
    """Let the servers hold thousands of sockets; 1,024 files are usual."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def stop(program: Program) -> None:
    """End a program that was started here, kindly if it takes that."""
    if program.poll() is not None:
        return
    program.send_signal(signal.SIGTERM)
    try:
        program.wait(STOP_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)  # a session of its own, see `Run.start`
        program.wait()


def wait_until(is_ready: Callable[[], bool], program: Program) -> None:
    """Return when `is_ready()`; raise when the program has ended, or takes too long."""
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while not is_ready():
        if program.poll() is not None:
            raise RuntimeError(f"{program.args!r} ended with status {program.returncode}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{program.args!r} does not answer")
        time.sleep(0.05)


def pinned_to(core: int) -> tuple[str, ...]:
    require("taskset", "util-linux")
    return ("taskset", "-c", str(core))


def require(tool: str, package: str) -> str:
    """Return the path of a tool, or raise `Missing` with the Debian package that has it."""
    if found := shutil.which(tool):
        return found
    raise Missing(f"{tool} is missing; on Debian and Ubuntu, apt-get install {package}.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
