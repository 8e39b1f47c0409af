"""What a figure says of its target, and how figures look as a table."""

import pytest

from benchmarks import table
from benchmarks.figures import Direction, Figure

ROUNDS = [(300.0, 100.0), (200.0, 200.0), (900.0, 300.0)]


class TestAFigure:
    def test_takes_the_median_of_the_ratios_of_each_round(self) -> None:
        found = Figure.compared("relay", "deliveries/s", ROUNDS)

        assert (found.ours, found.peer, found.ratio) == (300, 200, 3)

    @pytest.mark.parametrize(
        ("target", "direction", "is_met"),
        [(3.0, ">=", True), (3.1, ">=", False), (3.0, "<=", True), (2.9, "<=", False)],
    )
    def test_judges_the_ratio(self, target: float, direction: Direction, is_met: bool) -> None:
        found = Figure.compared("relay", "x", ROUNDS, target=target, direction=direction)

        assert found.is_met is is_met

    def test_alone_is_judged_itself(self) -> None:
        slow, quick = (
            Figure.alone("home", "ms", [10.0, milliseconds, 900.0], target=300)
            for milliseconds in (301.0, 299.0)
        )

        assert (slow.is_met, quick.is_met) == (False, True)

    def test_without_a_target_is_not_judged(self) -> None:
        assert Figure.compared("relay", "x", ROUNDS).is_met is None


class TestATable:
    def test_lines_up_what_was_measured(self) -> None:
        figures = [
            Figure.compared("relay, 50 clients", "deliveries/s", [(344_120, 84_000)], target=2.5),
            Figure.compared("memory", "kB", [(41.27, 20)], target=1.5, direction="<="),
            Figure.alone("home", "ms", [120.4]),
        ]

        assert table.as_text(figures).splitlines() == [
            "Measured                             Ours    Peer  Ratio  Target  Met",
            "relay, 50 clients (deliveries/s)  344,120  84,000   4.10   ≥ 2.5  yes",
            "memory (kB)                          41.3      20   2.06   ≤ 1.5  NO",
            "home (ms)                             120",
        ]
