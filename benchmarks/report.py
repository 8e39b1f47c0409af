"""What is shown of all runs so far: the picture, and the table in docs/performance.md.

Quick runs are for whoever looks at the terminal: they are kept, but not shown.
"""

from pathlib import Path

from benchmarks import drawing, history, table
from benchmarks.figures import Figure
from benchmarks.history import Entry

HISTORY = Path("benchmarks.jsonl")
PICTURE = Path("docs", "images", "benchmarks.svg")
DOCUMENT = Path("docs", "performance.md")
BEGIN, END = "<!-- measured: written by bin/bench -->", "<!-- end of measured -->"


def write(root: Path) -> None:
    """Draw the picture and renew the table, from benchmarks.jsonl alone."""
    entries = [entry for entry in history.read(root / HISTORY) if not entry.is_quick]
    if not entries:
        return
    (root / PICTURE).write_text(drawing.draw(entries))
    document = root / DOCUMENT
    before, _, rest = document.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    document.write_text(f"{before}{BEGIN}\n\n{measured(entries)}\n\n{END}{after}")


def measured(entries: list[Entry]) -> str:
    """Return the newest figure of each name, and the machine of the newest run."""
    newest: dict[str, tuple[Figure, Entry]] = {}
    for entry in entries:
        newest |= {figure.name: (figure, entry) for figure in entry.figures}
    return f"{_machine(entries[-1])}\n\n{table.as_markdown(newest.values())}"


def _machine(entry: Entry) -> str:
    machine = entry.machine
    return (
        f"On {entry.day}: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, "
        f"{machine['system']}, Python {machine['python']}, Node {machine['node']}."
    )
