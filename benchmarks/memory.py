"""How much RAM a signed-in socket takes that nobody uses."""

from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.load import idle
from benchmarks.run import Run
from benchmarks.servers import Server, start_ours, start_peer

FIRST = 50  # what the first sockets bring along is not theirs alone
MORE = 1_000


def measure(run: Run) -> Iterator[Figure]:
    name = f"memory of an idle socket, of {MORE:,}"
    run.say(name)
    pairs = []
    for _ in range(run.rounds):
        # New processes: what a socket left behind is used again by the next one.
        ours, peer = start_ours(run), start_peer(run)
        pairs.append((kilobytes_a_socket(ours), kilobytes_a_socket(peer)))
    yield Figure.compared(name, "kB", pairs, target=1.5, direction="<=")


def kilobytes_a_socket(server: Server) -> float:
    with idle(server, FIRST):
        before = server.memory_bytes()
        with idle(server, MORE):
            return (server.memory_bytes() - before) / MORE / 1_000
