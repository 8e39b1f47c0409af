"""docs/promises.md: each promise has a test of its name, and one that has to catch a lie."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/promises.md").read_text().split("## Figures")[0].splitlines()
    if re.match(r"\| ([A-Z]\d|Model)", line)
]
NAMES = [(name, row) for row in ROWS for name in re.findall(r"^[A-Z]\d+(?:, [A-Z]\d+)*", row[0])]
IDS = [one for names, _ in NAMES for one in names.split(", ")]
TESTS = re.findall(
    r"def (test_\w+)\(", "".join(path.read_text() for path in (ROOT / "tests/faults").glob("*.py"))
)
BROKEN = {path.stem for path in (ROOT / "tests/faults/broken").glob("*.py")} - {"__init__"}


def test_there_are_many() -> None:
    assert len(IDS) > 15


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].split(" ")[0])
def test_says_how_it_is_tried_and_what_has_to_be_caught(row: list[str]) -> None:
    assert len(row) == 3
    assert all(row)


@pytest.mark.parametrize("promise", IDS)
def test_has_a_test_and_teeth(promise: str) -> None:
    named = [test for test in TESTS if re.match(rf"test_(\w\d+_)*{promise}_", test)]

    assert [test for test in named if "_teeth_" not in test]
    assert [test for test in named if "_teeth_" in test]


@pytest.mark.parametrize("program", sorted(BROKEN))
def test_a_broken_program_is_caught_by_some_test(program: str) -> None:
    used = [
        path
        for path in (ROOT / "tests/faults").rglob("*.py")
        if path.stem != program and f"broken.{program}" in path.read_text()
    ]
    assert used
