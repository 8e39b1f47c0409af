"""`bin/bench`: measure, print one table, keep the figures and draw them."""

import os
import signal
import sys
import traceback
from pathlib import Path

import click

from benchmarks import history, report, table
from benchmarks.figures import Figure, Missing
from benchmarks.profile import profile
from benchmarks.run import ROOT, Run, begin
from benchmarks.suite import BENCHMARKS

PROFILE = "profile"
BUSY = 0.5  # programs that want to run, on average, before ours do


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([*BENCHMARKS, PROFILE]))
@click.option("--quick", is_flag=True, help="One short round of each: under two minutes.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=ROOT,
    help="Where benchmarks.jsonl and docs/ are.",
)
def main(names: tuple[str, ...], quick: bool, into: Path) -> None:
    """Measure NAMES, or everything; `profile` alone shows where the time goes."""
    if PROFILE in names:
        return show_profile(is_quick=quick)
    with begin(is_quick=quick) as run:
        note_load(run)
        figures, is_whole = measure(run, names or tuple(BENCHMARKS))
    click.echo(table.as_text(figures))
    for note in run.notes:
        click.echo(note)
    if figures:
        history.append(history.this_run(figures, is_quick=quick), into / report.HISTORY)
        report.write(into)
    sys.exit(not is_whole)


def note_load(run: Run) -> None:
    busy = os.getloadavg()[0]
    if busy > BUSY:
        run.notes.append(f"The machine was busy before (load {busy:.1f}): mind the ratios.")


def show_profile(*, is_quick: bool) -> None:
    with begin(is_quick=is_quick) as run:
        for part in profile(run):
            click.echo(f"{part}\n")


def measure(run: Run, names: tuple[str, ...]) -> tuple[list[Figure], bool]:
    """Return the figures, and whether all that was asked for could be measured."""
    figures: list[Figure] = []
    is_whole = True
    for name in names:
        print(name, file=sys.stderr, flush=True)
        try:
            figures.extend(BENCHMARKS[name](run))  # what was measured before a failure stays
        except Missing as missing:
            is_whole = False
            run.notes.append(f"{name} was not measured: {missing}")
        except Exception as error:  # noqa: BLE001 - the others took minutes, and are shown
            is_whole = False
            traceback.print_exc()
            run.notes.append(f"{name} failed: {error}")
    return figures, is_whole


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as Ctrl+C: what was started is stopped
    main()
