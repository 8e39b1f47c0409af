"""benchmarks.jsonl: one line for each run, and what can be read from all of them."""

import json
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.run import ROOT

LIBRARIES = ("eventlet", "flask-socketio", "gunicorn", "pymongo", "python-socketio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One run: of what code, when, where, and every figure."""

    commit: str
    day: str
    is_quick: bool
    machine: dict[str, Any]
    figures: list[Figure]


def this_run(figures: Iterable[Figure], *, is_quick: bool) -> Entry:
    return Entry(
        commit=_commit(),
        day=datetime.now(UTC).date().isoformat(),
        is_quick=is_quick,
        machine=machine(),
        figures=list(figures),
    )


def append(entry: Entry, path: Path) -> None:
    with path.open("a") as lines:
        lines.write(json.dumps(asdict(entry)) + "\n")


def read(path: Path) -> list[Entry]:
    """Return the runs, oldest first."""
    if not path.exists():
        return []
    return [_entry(json.loads(line)) for line in path.read_text().splitlines()]


def _entry(kept: dict[str, Any]) -> Entry:
    return Entry(**{**kept, "figures": [Figure(**figure) for figure in kept["figures"]]})


def machine() -> dict[str, Any]:
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "node": _output("node", "--version").removeprefix("v"),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _commit() -> str:
    """Return the commit of the code, with a plus where it has been changed since."""
    what = ("--untracked-files=no", "--", ":!docs", ":!benchmarks.jsonl")
    is_changed = _output("git", "status", "--porcelain", *what)
    return _output("git", "rev-parse", "--short=12", "HEAD") + ("+" if is_changed else "")


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
