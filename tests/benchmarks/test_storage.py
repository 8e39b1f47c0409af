"""The store of a million messages, in small: it is made, started on and read."""

from pathlib import Path

import pytest

from benchmarks import storage, volume
from benchmarks.run import Run


def test_is_loaded_once_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume, "CACHE", tmp_path)
    monkeypatch.setattr(volume, "QUICK_ROOMS", 30)
    run = Run(folder=tmp_path, is_quick=True)

    figures = [figure.name for figure in storage.measure(run)]
    run.closing.close()

    assert figures == [
        "load 3,000 messages",
        "start on that store",
        "open a room, one of 30",
        "open a room, one of 3",
        "a page of history, anywhere beside the newest",
        "home, 3 rooms, first seen",
    ]
    assert (tmp_path / "volume-30").is_dir()  # for the next run
