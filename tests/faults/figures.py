"""The figures of a run: one row a promise, at the end of it and in docs/promises.md."""

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from tests.faults.audit import Verdict

NAME = "figures"
NUMBERS = ("tries", "lost", "doubled", "gaps", "inversions", "leaked")
COLUMNS = ("promise", *NUMBERS, "measured")
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


class Keep(Protocol):
    def __call__(self, promise: str, verdict: Verdict, measured: str = "", /) -> None: ...


def line(promise: str, verdict: Verdict, measured: str = "") -> tuple[str, str]:
    """Return a property for the report of a test: its name and its value."""
    return NAME, json.dumps({"promise": promise, **asdict(verdict), "measured": measured})


def table(lines: Iterable[str]) -> list[str]:
    """Return the rows of a table of those values, or none."""
    rows = sorted(map(json.loads, lines), key=lambda row: _by_number(row["promise"]))
    if not rows:
        return []
    return [
        "| " + " | ".join(COLUMNS) + " |",
        "| --- " + "| ---: " * len(NUMBERS) + "| --- |",
        *("| " + " | ".join(str(row[name]) for name in COLUMNS) + " |" for row in rows),
    ]


def _by_number(promise: str) -> tuple[str, int, str]:
    """R9 goes before R12."""
    row = promise.partition(" ")[0]
    number = row[1:]
    return row[:1], int(number) if number.isdigit() else 0, promise


def write(document: Path, rows: list[str]) -> None:
    """Put the table between the two marks of the document, with the day and the code it is of."""
    asked = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    stamp = f"Run on {datetime.now(UTC).date()}, commit {commit}, {os.cpu_count()} cores."
    before, _, rest = document.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text("\n".join([f"{before}{BEGIN}", stamp, "", *rows, f"{END}{after}"]))
