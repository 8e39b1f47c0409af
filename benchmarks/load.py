"""One load on one server: what `load.c` is told to do, and what it found."""

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import tools
from benchmarks.run import LOAD_CORE, Program, Run, pinned_to
from benchmarks.servers import Ask, Server

WARM_UP_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    connect_seconds: float
    sent: int
    """Messages in all, those of the warming up and the last ones too."""
    answers: int
    deliveries: int
    missing: int
    per_second: float
    p50_us: float
    p99_us: float


def load(
    run: Run,
    server: Server,
    ask: Ask,
    *,
    clients: int,
    senders: int = 1,
    window: int = 1,
    rate: float = 0,
    seconds: float | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> Found:
    """Let some clients keep `window` messages outstanding each, or one send `rate` a second.

    `meanwhile` is called when everybody is connected.
    """
    options = [
        *(f"--ask={ask.packet}", f"--hear={ask.hears}"),
        *(f"--senders={senders}", f"--window={window}", f"--rate={rate}"),
        *(f"--seconds={seconds or run.seconds}", f"--warm-up={WARM_UP_SECONDS}"),
    ]
    with _clients(server, clients, *options) as (connected, program):
        meanwhile()
        answer, _ = program.communicate()
    if program.returncode != 0:
        raise RuntimeError(f"the load on {server.name} ended; see above")
    server.wait_until_quiet()
    found = Found(**connected, **json.loads(answer))
    if found.missing:
        raise RuntimeError(f"{server.name} lost {found.missing} of its deliveries")
    return found


@contextlib.contextmanager
def idle(server: Server, clients: int) -> Iterator[None]:
    """Keep that many clients connected, who say nothing."""
    with _clients(server, clients, "--hold"):
        server.wait_until_quiet()
        yield
    server.wait_until_quiet()


def in_turns(
    run: Run, servers: Sequence[Server], measure: Callable[[Server], float]
) -> list[tuple[float, ...]]:
    """Measure one after the other, each round: a slow minute of the machine hits all of them."""
    return [tuple(measure(server) for server in servers) for _ in range(run.rounds)]


@contextlib.contextmanager
def _clients(
    server: Server, clients: int, *options: str
) -> Iterator[tuple[dict[str, Any], Program]]:
    """Run the load generator; give what it tells when everybody is connected, and the program."""
    people = [f"--people={server.people}"] if server.people else []
    where = [f"--port={server.port}", f"--namespace={server.namespace}", f"--clients={clients}"]
    command = [*pinned_to(LOAD_CORE), str(tools.load_generator()), *where, *people, *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        try:
            assert program.stdout is not None
            line = program.stdout.readline()
            if not line:
                raise RuntimeError(f"the load on {server.name} ended; see above")
            yield json.loads(line), program
        except BaseException:
            program.kill()
            raise
    # Where it held, it has left because its standard input ended.
