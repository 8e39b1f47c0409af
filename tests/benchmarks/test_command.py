"""`bin/bench` itself: what it says when something is missing, and that it leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks import __main__ as command
from benchmarks import history, report
from benchmarks.figures import Figure
from benchmarks.run import ROOT, Run, require
from benchmarks.suite import Measure
from tests.wire import until

LIMIT_SECONDS = 60.0


def one_figure(run: Run) -> Iterator[Figure]:
    yield Figure.compared("relay", "deliveries/s", [(300, 100)], target=2.5)


def one_of_two(run: Run) -> Iterator[Figure]:
    yield from one_figure(run)
    require("a-tool-that-nobody-has", "a-package")


def broken(run: Run) -> Iterator[Figure]:
    yield from ()
    raise RuntimeError("ours lost 3 of its deliveries")


@pytest.fixture
def into(tmp_path: Path) -> Path:
    (tmp_path / "docs" / "images").mkdir(parents=True)
    (tmp_path / report.DOCUMENT).write_text(f"{report.BEGIN}\n{report.END}\n")
    return tmp_path


@pytest.fixture
def bench(into: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs `bin/bench` with the benchmarks it is given."""

    def run(*options: str, **benchmarks: Measure) -> Result:
        monkeypatch.setattr(command, "BENCHMARKS", benchmarks)
        return CliRunner().invoke(command.main, [*options, "--into", str(into)])

    return run


class TestARun:
    def test_is_shown_kept_and_drawn(self, bench: Callable[..., Result], into: Path) -> None:
        result = bench(relay=one_figure)

        assert result.exit_code == 0
        assert "relay (deliveries/s)   300   100   3.00   ≥ 2.5  yes" in result.stdout
        assert [it.name for it in history.read(into / report.HISTORY)[0].figures] == ["relay"]
        assert (into / report.PICTURE).exists()

    def test_that_is_quick_is_kept_as_such(self, bench: Callable[..., Result], into: Path) -> None:
        bench("--quick", relay=one_figure)

        assert history.read(into / report.HISTORY)[0].is_quick
        assert not (into / report.PICTURE).exists()

    def test_says_in_one_line_what_is_missing_and_goes_on(
        self, bench: Callable[..., Result]
    ) -> None:
        result = bench(first=one_of_two, second=one_figure)

        assert result.exit_code == 1
        assert result.stdout.count("relay (deliveries/s)") == 2
        assert result.stdout.splitlines()[-1] == (
            "first was not measured: a-tool-that-nobody-has is missing; "
            "on Debian and Ubuntu, apt-get install a-package."
        )

    def test_goes_on_after_a_failure_and_says_so(self, bench: Callable[..., Result]) -> None:
        result = bench(first=broken, second=one_figure)

        assert result.exit_code == 1
        assert "relay (deliveries/s)" in result.stdout
        assert "first failed: ours lost 3 of its deliveries" in result.stdout


class TestCtrlC:
    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
    def test_stops_what_was_started(self, how: signal.Signals, into: Path) -> None:
        bench = subprocess.Popen(
            [sys.executable, "-m", "benchmarks", "--quick", "relay", "--into", str(into)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: "mongod" in map(name_of, children_of(bench.pid)))
        (mongod,) = (pid for pid in children_of(bench.pid) if name_of(pid) == "mongod")
        folder = Path(f"/proc/{mongod}/cwd").resolve().parent

        bench.send_signal(how)
        status, mongod_is = bench.wait(LIMIT_SECONDS), name_of(mongod)
        if mongod_is:
            os.kill(mongod, signal.SIGKILL)

        assert status != 0
        assert mongod_is == ""
        assert folder.name.startswith("run-")
        assert not folder.exists()


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def name_of(pid: int) -> str:
    """Return what a process is called, nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
