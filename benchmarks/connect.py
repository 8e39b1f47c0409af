"""How long it takes until 1,000 people are connected, signed in, and in their rooms' channels."""

from collections.abc import Iterator

from benchmarks import servers
from benchmarks.figures import Figure
from benchmarks.load import in_turns, load
from benchmarks.run import Run
from benchmarks.servers import Server

CLIENTS = 1_000


def measure(run: Run) -> Iterator[Figure]:
    both = servers.ours(run), servers.peer(run)
    name = f"connect and join, {CLIENTS:,} people"
    run.say(name)

    def seconds(server: Server) -> float:
        # They say one thing, and all of them hear it: so they have joined.
        ask = server.relay()
        return load(run, server, ask, clients=CLIENTS, rate=10, seconds=0.2).connect_seconds

    yield Figure.compared(name, "s", in_turns(run, both, seconds), target=1.5, direction="<=")
