"""One load on one server: what `load.c` is told to do, and what it found."""

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks import tools
from benchmarks.run import LOAD_CORE, Run, pinned_to
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
) -> Found:
    """Let some clients keep `window` messages outstanding each, or one send `rate` a second."""
    command = [
        *(*_command(server, clients), f"--ask={ask.packet}", f"--hear={ask.hears}"),
        *(f"--senders={senders}", f"--window={window}", f"--rate={rate}"),
        *(f"--seconds={seconds or run.seconds}", f"--warm-up={WARM_UP_SECONDS}"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the load on {server.name} ended: {done.stderr.strip()}")
    server.wait_until_quiet()
    found = Found(**json.loads(done.stdout))
    if found.missing:
        raise RuntimeError(f"{server.name} lost {found.missing} of its deliveries")
    return found


@contextlib.contextmanager
def idle(server: Server, clients: int) -> Iterator[None]:
    """Keep that many clients connected, who say nothing."""
    holding = subprocess.Popen(
        [*_command(server, clients), "--hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holding.stdout is not None
        if not holding.stdout.readline():
            raise RuntimeError(f"the load on {server.name} ended")
        server.wait_until_quiet()
        yield
    finally:
        holding.communicate()  # it leaves when its standard input ends
    server.wait_until_quiet()


def in_turns(
    run: Run, servers: Sequence[Server], measure: Callable[[Server], float]
) -> list[tuple[float, ...]]:
    """Measure one after the other, each round: a slow minute of the machine hits all of them."""
    return [tuple(measure(server) for server in servers) for _ in range(run.rounds)]


def _command(server: Server, clients: int) -> list[str]:
    people = [f"--people={server.people}"] if server.people else []
    where = [f"--port={server.port}", f"--namespace={server.namespace}", f"--clients={clients}"]
    return [*pinned_to(LOAD_CORE), str(tools.load_generator()), *where, *people]
