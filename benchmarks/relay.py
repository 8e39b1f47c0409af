"""Live delivery of what is not stored: somebody types, everybody in the room is told."""

from collections.abc import Iterator

from benchmarks import servers
from benchmarks.figures import Figure, Missing
from benchmarks.load import in_turns, load
from benchmarks.run import Run
from benchmarks.servers import Server

# Clients in the room, messages that one of them keeps outstanding, and the least ratio.
SIZES = ((50, 16, 2.5), (500, 16, 6.0), (2_000, 16, 7.0), (50, 1, 1.0), (500, 1, 1.2))
UNIT = "deliveries/s"
BESIDE_EIOWS = 500  # clients at most; only reported, and not by a quick run
QUICK = 500  # clients at most of a quick run: to connect takes longest


def measure(run: Run) -> Iterator[Figure]:
    ours, peer, faster = servers.ours(run), servers.peer(run), _faster_peer(run)
    sizes = [size for size in SIZES if size[0] <= QUICK or not run.is_quick]
    for clients, window, target in sizes:
        name = f"relay, {window} outstanding, {clients:,} clients"
        others = [peer, *(faster if clients <= BESIDE_EIOWS else ())]
        run.say(name)

        def per_second(server: Server, clients: int = clients, window: int = window) -> float:
            return load(run, server, server.relay(), clients=clients, window=window).per_second

        rounds = in_turns(run, [ours, *others], per_second)
        yield Figure.compared(name, UNIT, [(us, them) for us, them, *_ in rounds], target=target)
        if len(others) > 1:
            name = f"{name}, beside eiows"
            yield Figure.compared(name, UNIT, [(us, eiows) for us, _, eiows in rounds])


def _faster_peer(run: Run) -> list[Server]:
    """Return Node on its engine in C++, where that can be built."""
    if run.is_quick:
        return []
    try:
        return [servers.peer_with_eiows(run)]
    except Missing as missing:
        run.notes.append(f"Nothing was measured beside eiows: {missing}")
        return []
