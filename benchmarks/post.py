"""Live delivery of messages: stored durably, told to everybody in the room, acknowledged.

Both write with `majority` and journal to the same mongod. Each of 16 people says the next thing
when the one before is acknowledged, as the page does.
"""

from collections.abc import Iterator

from benchmarks import servers
from benchmarks.figures import Figure
from benchmarks.load import in_turns, load
from benchmarks.run import Run
from benchmarks.servers import Server

SENDERS = 16
SIZES = ((50, 2.0), (500, 5.0))  # clients in the room, and the least ratio


def measure(run: Run) -> Iterator[Figure]:
    both = servers.ours(run), servers.peer(run)
    for clients, target in SIZES:
        name = f"post, {SENDERS} senders, {clients:,} clients"
        run.say(name)

        def per_second(server: Server, clients: int = clients) -> float:
            found = load(run, server, server.post(), clients=clients, senders=SENDERS)
            return found.per_second

        pairs = in_turns(run, both, per_second)
        yield Figure.compared(name, "deliveries/s", pairs, target=target)
