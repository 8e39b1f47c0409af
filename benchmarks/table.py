"""Figures as a table: for the terminal, and in Markdown for docs/performance.md."""

from collections.abc import Iterable, Sequence

from benchmarks.figures import Figure
from benchmarks.history import Entry

SIGNS = {">=": "≥", "<=": "≤"}
HEADINGS = ("Measured", "Ours", "Peer", "Ratio", "Target", "Met")
_VERDICTS = {True: "yes", False: "NO", None: ""}


def as_text(figures: Iterable[Figure]) -> str:
    rows = [HEADINGS, *map(_cells, figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    return "\n".join(_line(row, widths) for row in rows)


def as_markdown(rows: Iterable[tuple[Figure, Entry]]) -> str:
    """Return the same, each with the commit that it was measured at."""
    lines = [_marked((*HEADINGS, "Commit")), "| --- | ---: | ---: | ---: | ---: | --- | --- |"]
    return "\n".join([*lines, *(_marked((*_cells(it), entry.commit)) for it, entry in rows)])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *values, verdict = row
    right = [value.rjust(width) for value, width in zip(values, widths[1:-1], strict=True)]
    return "  ".join([name.ljust(widths[0]), *right, verdict]).rstrip()


def _marked(row: Sequence[str]) -> str:
    return f"| {' | '.join(row)} |"


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        f"{figure.name} ({figure.unit})",
        number(figure.ours),
        "" if figure.peer is None else number(figure.peer),
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        "" if figure.target is None else f"{SIGNS[figure.direction]} {figure.target:g}",
        _VERDICTS[figure.is_met],
    )


def number(value: float) -> str:
    """Three digits that count: 634,000; 41.3; 0.87."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
