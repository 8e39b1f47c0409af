"""The history of each figure as one picture: a small curve for each, its target as a dashed line.

Drawn are ratios, and where there is no peer the figure itself. The picture has no background and
two sets of colours, so it can be read on light and on dark pages.
"""

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from benchmarks.figures import Figure
from benchmarks.history import Entry
from benchmarks.table import SIGNS, number

COLUMNS = 3
CELL_WIDTH, CELL_HEIGHT = 312, 132
CURVE_LEFT, CURVE_TOP, CURVE_WIDTH, CURVE_HEIGHT = 10, 46, 222, 62
NAME_LENGTH = 40  # letters of a line

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .value { font-weight: 600; font-size: 15px }
  .small { font-size: 11px; fill: #59636e }
  .target { stroke: #59636e; stroke-dasharray: 4 3 }
  .curve { fill: none; stroke-width: 2; stroke-linejoin: round }
  .met { stroke: #1a7f37; fill: #1a7f37 } .unmet { stroke: #bc4c00; fill: #bc4c00 }
  .plain { stroke: #0969da; fill: #0969da } .curve { fill: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .small { fill: #9198a1 } .target { stroke: #9198a1 }
    .met { stroke: #3fb950; fill: #3fb950 } .unmet { stroke: #f0883e; fill: #f0883e }
    .plain { stroke: #4493f8; fill: #4493f8 } .curve { fill: none }
  }
"""
_KINDS = {True: "met", False: "unmet", None: "plain"}
_WORDS = {True: ", met", False: ", not met", None: ""}


@dataclass(frozen=True, slots=True)
class Point:
    figure: Figure
    entry: Entry

    @property
    def value(self) -> float:
        return self.figure.judged


def draw(entries: Iterable[Entry]) -> str:
    """Return the picture of these runs, the oldest first."""
    histories: dict[str, list[Point]] = {}
    for entry in entries:
        for figure in entry.figures:
            histories.setdefault(figure.name, []).append(Point(figure, entry))
    rows = math.ceil(len(histories) / COLUMNS)
    width, height = COLUMNS * CELL_WIDTH, rows * CELL_HEIGHT
    cells = "\n".join(_cell(points, place) for place, points in enumerate(histories.values()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n'
        f"<title>The history of each figure</title>\n<style>{STYLE}</style>\n{cells}\n</svg>\n"
    )


def _cell(points: Sequence[Point], place: int) -> str:
    row, column = divmod(place, COLUMNS)
    return "\n".join(
        (
            f'<g transform="translate({column * CELL_WIDTH} {row * CELL_HEIGHT})">',
            *_words(points[-1].figure),
            *_curve(points),
            "</g>",
        )
    )


def _words(last: Figure) -> Iterator[str]:
    for line, part in enumerate(textwrap.wrap(last.name, NAME_LENGTH)[:2]):
        yield f'<text x="{CURVE_LEFT}" y="{16 + 15 * line}">{escape(part)}</text>'
    unit = last.unit if last.ratio is None else "to the peer"
    right = CURVE_LEFT + CURVE_WIDTH + 12
    yield f'<text class="value" x="{right}" y="{CURVE_TOP + 14}">{number(last.judged)}</text>'
    yield f'<text class="small" x="{right}" y="{CURVE_TOP + 30}">{escape(unit)}</text>'
    if last.target is not None:
        told = f"{SIGNS[last.direction]} {last.target:g}{_WORDS[last.is_met]}"
        bottom = CURVE_TOP + CURVE_HEIGHT + 14
        yield f'<text class="small" x="{CURVE_LEFT}" y="{bottom}">target {escape(told)}</text>'


def _curve(points: Sequence[Point]) -> Iterator[str]:
    target = points[-1].figure.target
    heights = _Scale([point.value for point in points] + ([] if target is None else [target]))
    if target is not None:
        y = heights.of(target)
        ends = f'x1="{CURVE_LEFT}" x2="{CURVE_LEFT + CURVE_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"'
        yield f'<line class="target" {ends}/>'
    step = CURVE_WIDTH / max(1, len(points) - 1)
    spots = [
        (CURVE_LEFT + step * place, heights.of(point.value)) for place, point in enumerate(points)
    ]
    kind = _KINDS[points[-1].figure.is_met]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    yield f'<polyline class="curve {kind}" points="{path}"/>'
    for (x, y), point in zip(spots, points, strict=True):
        told = f"{number(point.value)}, {point.entry.day}, {point.entry.commit}"
        kind = _KINDS[point.figure.is_met]
        spot = f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="2.5">'
        yield f"{spot}<title>{escape(told)}</title></circle>"


class _Scale:
    """Heights by the logarithm: twice as good is as far up anywhere."""

    def __init__(self, values: Iterable[float]) -> None:
        logarithms = [math.log(value) for value in values if value > 0]
        self._lowest = min(logarithms, default=0)
        self._span = max(logarithms, default=0) - self._lowest

    def of(self, value: float) -> float:
        above = (math.log(value) - self._lowest) / self._span if value > 0 and self._span else 0.5
        return CURVE_TOP + CURVE_HEIGHT * (1 - above)
