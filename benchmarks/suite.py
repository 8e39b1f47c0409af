"""The benchmarks there are, in the order they run. No discovery: this table is the list."""

from collections.abc import Callable, Iterator

from benchmarks import connect, latency, memory, page, post, processes, relay, storage
from benchmarks.figures import Figure
from benchmarks.run import Run

Measure = Callable[[Run], Iterator[Figure]]

BENCHMARKS: dict[str, Measure] = {
    "relay": relay.measure,
    "post": post.measure,
    "latency": latency.measure,
    "connect": connect.measure,
    "memory": memory.measure,
    "processes": processes.measure,
    "page": page.measure,
    "storage": storage.measure,
}
