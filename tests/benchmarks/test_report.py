"""What is kept of each run, and what is shown of all of them."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import history, report
from benchmarks.figures import Figure
from benchmarks.history import Entry

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).parents[2]


def entry(ratio: float, name: str = "relay, 50 clients", **changes: object) -> Entry:
    figure = Figure.compared(name, "deliveries/s", [(ratio * 100, 100)], target=2.5)
    return replace(history.this_run([figure], is_quick=False), **changes)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project without a history, and with words around its table."""
    (tmp_path / "docs" / "images").mkdir(parents=True)
    document = f"Before.\n\n{report.BEGIN}\n{report.END}\n\nAfter.\n"
    (tmp_path / report.DOCUMENT).write_text(document)
    return tmp_path


def add(root: Path, *entries: Entry) -> None:
    for one in entries:
        history.append(one, root / report.HISTORY)
    report.write(root)


class TestTheHistory:
    def test_is_a_line_a_run(self, root: Path) -> None:
        runs = [entry(2), entry(3)]
        add(root, *runs)

        lines = (root / report.HISTORY).read_text().splitlines()

        assert history.read(root / report.HISTORY) == runs
        kept = json.loads(lines[1])
        assert len(lines) == 2
        assert kept["figures"][0]["ratio"] == 3
        assert kept["machine"]["python"]
        assert kept["commit"]

    def test_is_empty_before_the_first_run(self, root: Path) -> None:
        report.write(root)

        assert history.read(root / report.HISTORY) == []
        assert not (root / report.PICTURE).exists()


class TestThePicture:
    def test_has_a_curve_for_each_figure_and_a_point_for_each_run(self, root: Path) -> None:
        add(root, entry(2), entry(3), entry(4, "post & relay <500>"))

        picture = ElementTree.parse(root / report.PICTURE)

        assert len(picture.findall(f".//{SVG}polyline")) == 2
        assert len(picture.findall(f".//{SVG}circle")) == 3
        said = "".join(picture.getroot().itertext())
        assert "post & relay <500>" in said
        assert "target ≥ 2.5, met" in said

    def test_shows_better_higher_and_whether_the_target_is_met(self, root: Path) -> None:
        add(root, entry(2), entry(3))

        worse, better = ElementTree.parse(root / report.PICTURE).findall(f".//{SVG}circle")

        assert float(worse.attrib["cy"]) > float(better.attrib["cy"])
        assert (worse.attrib["class"], better.attrib["class"]) == ("unmet", "met")

    def test_leaves_quick_runs_out(self, root: Path) -> None:
        add(root, entry(2), entry(3, is_quick=True))

        assert len(ElementTree.parse(root / report.PICTURE).findall(f".//{SVG}circle")) == 1


class TestTheDocument:
    def test_has_the_newest_of_each_figure(self, root: Path) -> None:
        add(root, entry(2), entry(4, "post", commit="older"), entry(3, commit="newer"))

        written = (root / report.DOCUMENT).read_text()

        assert written.startswith("Before.\n")
        assert written.endswith("\nAfter.\n")
        assert (
            "| relay, 50 clients (deliveries/s) | 300 | 100 | 3.00 | ≥ 2.5 | yes | newer |"
            in written
        )
        assert "| post (deliveries/s) | 400 | 100 | 4.00 | ≥ 2.5 | yes | older |" in written
        assert written.count("relay, 50 clients") == 1

    def test_of_the_project_is_what_its_history_says(self) -> None:
        entries = [e for e in history.read(ROOT / report.HISTORY) if not e.is_quick]
        written = (ROOT / report.DOCUMENT).read_text()

        assert report.BEGIN in written
        assert report.END in written
        if entries:
            assert report.measured(entries) in written
