"""How long a message is on its way to one in a hundred, with 20 a second to 500 people."""

from collections.abc import Callable, Iterator

from benchmarks import servers
from benchmarks.figures import Figure
from benchmarks.load import in_turns, load
from benchmarks.run import Run
from benchmarks.servers import Ask, Server

CLIENTS = 500
RATE = 20
LEAST_SECONDS = 10.0  # of so few messages a second a tail has to be seen
QUICK_SECONDS = 2.0


def measure(run: Run) -> Iterator[Figure]:
    both = servers.ours(run), servers.peer(run)
    kinds: dict[str, Callable[[Server], Ask]] = {
        "relay": lambda server: server.relay(),
        "post": lambda server: server.post(),
    }
    seconds = QUICK_SECONDS if run.is_quick else LEAST_SECONDS
    for kind, ask_of in kinds.items():
        name = f"{kind}, p99 at {RATE} a second to {CLIENTS} clients"
        run.say(name)

        def p99_ms(server: Server, ask_of: Callable[[Server], Ask] = ask_of) -> float:
            ask = ask_of(server)
            return (
                load(run, server, ask, clients=CLIENTS, rate=RATE, seconds=seconds).p99_us / 1_000
            )

        pairs = in_turns(run, both, p99_ms)
        yield Figure.compared(name, "ms", pairs, target=1.0, direction="<=")
