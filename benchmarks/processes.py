"""What two processes carry beside one, behind nginx as `bin/run --processes` starts them.

A machine for this would have a core for each process, and some for nginx, Redis, the database and
the load. On two cores that would measure who gets them. So it is not counted how much comes out in
a second, but how much CPU time the process that has most to do needs for it: a process carries what
it does in one second of its core. There are as many senders for each process, as two that carry
twice as much have twice as many, and the clients are shared out. All that the second process costs
is in the figure: what is said by way of Redis, heard, decoded and framed again; and that all of us
share one core and its caches, which is against it. What nginx and Redis need is beside it.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import servers
from benchmarks.figures import Figure, Missing
from benchmarks.load import load
from benchmarks.people import make_world
from benchmarks.run import SERVER_CORE, Run, free_port, wait_until
from benchmarks.servers import Server
from deploy import programs

SENDERS = 24  # for each process: so many that it has always something to do
SIZES = ((500, 1.7), (50, None))  # clients in the room, and the least ratio
MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Site:
    """A number of processes, and what stands before and between them."""

    server: Server
    processes: list[int]
    nginx: list[int]
    redis: list[int]


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one load, in seconds of CPU."""

    messages: int
    deliveries: int
    processes: float
    busiest: float
    """Of the processes, the one that had most to do."""
    nginx: float
    redis: float

    @property
    def carried(self) -> float:
        """Return how many deliveries a second there are when the busiest has used up its core."""
        return self.deliveries / self.busiest


def measure(run: Run) -> Iterator[Figure]:
    try:
        programs.found("nginx", "redis-server")
    except programs.CannotStart as error:
        raise Missing(str(error)) from error
    one, two = start(run, 1), start(run, 2)
    for clients, target in SIZES[: 1 if run.is_quick else None]:  # the first has the target
        name = f"two processes beside one, post, {clients} clients"
        run.say(name)
        rounds = [(cost(run, two, clients), cost(run, one, clients)) for _ in range(run.rounds)]
        pairs = [(ours.carried, alone.carried) for ours, alone in rounds]
        yield Figure.compared(name, "deliveries/s", pairs, target=target)
        of_nginx = [MICRO * ours.nginx / ours.deliveries for ours, _ in rounds]
        yield Figure.alone(f"nginx, CPU for a delivery, {clients} clients", "µs", of_nginx)
        of_redis = [MICRO * ours.redis / ours.messages for ours, _ in rounds]
        yield Figure.alone(f"Redis, CPU for a message, {clients} clients", "µs", of_redis)


def start(run: Run, count: int) -> Site:
    """Start the chat with `count` processes; all but the database and the load on one core."""
    world = run.once("world", lambda: make_world(run))
    port = free_port()
    settings = servers.settings(run, world, port)
    command = [sys.executable, "-m", "deploy.processes", str(count)]
    program = run.start(command, settings, core=SERVER_CORE)
    folder = Path(settings["CHATAPP_DATA_DIR"], "processes")
    wait_until(lambda: len(list(folder.glob("*.ready"))) == count, program)
    wait_until(lambda: servers.is_healthy(port), program)
    below: dict[str, list[int]] = {"nginx": [], "redis-server": [], "python": []}
    for child in servers.children_of(program.pid):
        name = Path(f"/proc/{child}/comm").read_text().strip()
        below[name] += servers.children_of(child) if name != "redis-server" else [child]
    workers = below["python"]
    server = servers.chat(run, world, f"{count} of ours", port, workers[0])
    return Site(server, workers, below["nginx"], below["redis-server"])


def cost(run: Run, site: Site, clients: int) -> Cost:
    """Let people post, and see what it costs from when all are connected until all is quiet."""
    parts = (*site.processes, *site.nginx, *site.redis)
    before: dict[int, float] = {}

    def begin() -> None:
        before.update({pid: servers.cpu_seconds(pid) for pid in parts})

    ask, senders = site.server.post(), min(SENDERS * len(site.processes), clients)
    found = load(run, site.server, ask, clients=clients, senders=senders, meanwhile=begin)
    used = {pid: servers.cpu_seconds(pid) - before[pid] for pid in parts}
    return Cost(
        messages=found.sent,
        deliveries=found.sent * clients,
        processes=sum(used[pid] for pid in site.processes),
        busiest=max(used[pid] for pid in site.processes),
        nginx=sum(used[pid] for pid in site.nginx),
        redis=sum(used[pid] for pid in site.redis),
    )
