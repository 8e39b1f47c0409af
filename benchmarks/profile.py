"""Where the time of one delivery goes: py-spy looks at the server while it is busy.

`bin/bench profile` prints three tables of Markdown for each load: which package was at work, which
function, and how long our own functions took with all that they call.
"""

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import servers
from benchmarks.load import WARM_UP_SECONDS, load
from benchmarks.run import Run
from benchmarks.servers import Ask, Server

CLIENTS = 500
SAMPLES_A_SECOND = 200
SETTLED_SECONDS = 1.0  # what load.c waits before its first message, and more
SHOWN = 12
OURS = "chatapp"
STANDARD = "Python's own library"

_FRAME = re.compile(r"(?P<function>.+) \((?P<path>[^)]*?)(:[0-9]+)?\)")


@dataclass(frozen=True, slots=True)
class Frame:
    function: str
    path: str

    def __str__(self) -> str:
        return f"`{self.function}` ({self.path})"

    @property
    def package(self) -> str:
        """Return `pymongo`, or of ours the folder too: `chatapp/realtime`."""
        parts = Path(self.path).parts
        if parts[:1] == (OURS,):
            return "/".join(parts[:2])
        is_standard = Path(parts[0]).stem in sys.stdlib_module_names or parts[0].startswith("<")
        return STANDARD if is_standard else parts[0]


Stack = tuple[Frame, ...]
"""The outermost first."""


def profile(run: Run) -> Iterator[str]:
    """Yield what there is to say of a relay and of a post, in Markdown."""
    server = servers.ours(run)
    kinds: dict[str, tuple[Callable[[], Ask], int, int]] = {
        "relay, one sender with 16 outstanding": (server.relay, 1, 16),
        "post, 16 senders with one outstanding each": (server.post, 16, 1),
    }
    for title, (ask, senders, window) in kinds.items():
        name = f"{title}, {CLIENTS} clients"
        run.say(name)
        spy = _Spy(server, run.folder / "stacks.txt", run.seconds)
        found = load(
            run,
            server,
            ask(),
            clients=CLIENTS,
            senders=senders,
            window=window,
            seconds=run.seconds + 2 * SETTLED_SECONDS,
            meanwhile=spy,
        )
        yield f"### {name}\n\n{describe(spy.stacks(), spy.busy, found.per_second)}"


class _Spy:
    """Samples the server for some seconds of the load, and reads how busy it was."""

    def __init__(self, server: Server, path: Path, seconds: float) -> None:
        self._server = server
        self._path = path
        self._seconds = seconds
        self.busy = 0.0
        """The share of its core that the server used."""

    def __call__(self) -> None:
        time.sleep(SETTLED_SECONDS + WARM_UP_SECONDS)
        used, began = self._server.cpu_seconds(), time.monotonic()
        options = f"--rate={SAMPLES_A_SECOND} --format=raw --function".split()
        command = [str(Path(sys.executable).with_name("py-spy")), "record", *options]
        command += [f"--pid={self._server.pid}", f"--duration={max(1, round(self._seconds))}"]
        subprocess.run(
            [*command, f"--output={self._path}"], check=True, stdout=sys.stderr, stderr=sys.stderr
        )
        self.busy = (self._server.cpu_seconds() - used) / (time.monotonic() - began)

    def stacks(self) -> Counter[Stack]:
        return read_stacks(self._path.read_text().splitlines())


def read_stacks(lines: Iterable[str]) -> Counter[Stack]:
    """Return how often each stack was seen, from the raw format of py-spy."""
    seen: Counter[Stack] = Counter()
    for line in lines:
        stack, _, times = line.rpartition(" ")
        found = (_FRAME.fullmatch(frame) for frame in stack.split(";"))
        frames = tuple(Frame(it["function"], it["path"]) for it in found if it)
        if frames:
            seen[frames] += int(times)
    return seen


def describe(seen: Counter[Stack], busy: float, per_second: float) -> str:
    """Return the tables, and a sentence before them."""
    each = busy / per_second * 1e6
    packages: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    for stack, times in seen.items():
        packages[stack[-1].package] += times
        functions[str(stack[-1])] += times
        ours.update({str(it): times for it in stack if it.path.startswith(f"{OURS}/")})
    return "\n\n".join(
        (
            f"{per_second:,.0f} deliveries a second, {busy:.0%} of a core: "
            f"{each:.1f} µs of CPU for each.",
            _table("Package at work", packages, each),
            _table("Function at work", functions, each),
            _table("Ours, with all it calls", ours, each, of=seen.total()),
        )
    )


def _table(heading: str, counted: Counter[str], each: float, of: int = 0) -> str:
    samples = of or counted.total()
    lines = [f"| {heading} | Share | µs a delivery |", "| --- | ---: | ---: |"]
    for name, times in counted.most_common(SHOWN):
        share = times / samples
        lines.append(f"| {name} | {share:.1%} | {share * each:.2f} |")
    return "\n".join(lines)
