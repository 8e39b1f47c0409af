"""The table of figures, and its place in a document."""

from pathlib import Path

from tests.faults import figures
from tests.faults.audit import Verdict


def _table() -> list[str]:
    lines = [
        figures.line("R12 a clock", Verdict(tries=3)),
        figures.line("W5 frames", Verdict(tries=1)),
        figures.line("R9 a disk", Verdict(tries=2, lost=1), "back in 2 s"),
    ]
    return figures.table(value for _, value in lines)


def test_the_table_has_a_row_for_each_promise_in_their_order() -> None:
    _, rule, *rows = _table()

    assert rule.count("|") == rows[0].count("|")
    assert rows[0] == "| R9 a disk | 2 | 1 | 0 | 0 | 0 | 0 | back in 2 s |"
    assert [row.split(" ")[1] for row in rows] == ["R9", "R12", "W5"]


def test_there_is_none_without_figures() -> None:
    assert figures.table([]) == []


def test_the_document_has_the_last_table_and_the_rest_of_itself(tmp_path: Path) -> None:
    document = tmp_path / "promises.md"
    document.write_text(f"before\n{figures.BEGIN}\n{figures.END}\nafter\n")

    for _ in range(2):
        figures.write(document, _table())

    written = document.read_text()
    assert written.startswith(f"before\n{figures.BEGIN}\nRun on ")
    assert written.endswith(f"{_table()[-1]}\n{figures.END}\nafter\n")
    assert written.count("R9 a disk") == 1
