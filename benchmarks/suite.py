"""The benchmarks there are, in the order they run. No discovery: this table is the list."""

from collections.abc import Callable, Iterator

from benchmarks.figures import Figure
from benchmarks.run import Run

Measure = Callable[[Run], Iterator[Figure]]

BENCHMARKS: dict[str, Measure] = {}
