"""The judge itself: whatever is wrong is counted as what it is."""

from typing import Any

import pytest

from tests.faults.audit import Verdict, audit


def message(seq: int, text: str = "") -> dict[str, Any]:
    return {"seq": seq, "id": f"id {seq}", "text": text or f"no. {seq}"}


STORED = [message(1), message(2), message(3)]


def test_nothing_wrong_is_clean() -> None:
    verdict = audit(STORED, STORED, {"ana": STORED})

    assert verdict == Verdict(tries=3)
    assert verdict.is_clean


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (STORED[:2], Verdict(lost=1)),
        ([*STORED[:2], message(3, "another text")], Verdict(lost=2)),
        ([*STORED, message(4)], Verdict(lost=1)),
        ([*STORED, STORED[2]], Verdict(doubled=1)),
        ([STORED[0], STORED[2], STORED[1]], Verdict(inversions=1)),
    ],
    ids=["missed", "other than stored", "never stored", "twice", "out of order"],
)
def test_a_log_that_is_not_history_is_noticed(log: Any, expected: Verdict) -> None:
    verdict = audit(STORED, [], {"ana": log, "ben": STORED})

    assert len(verdict.notes) == 1
    verdict.notes.clear()
    assert verdict == expected
    assert not verdict.is_clean


def test_an_acknowledgement_of_nothing_is_a_loss() -> None:
    assert audit(STORED, [*STORED, message(4)], {}) == Verdict(tries=4, lost=1)


def test_a_text_that_is_stored_twice_is_doubled() -> None:
    assert audit([*STORED, message(4, "no. 3")], [], {}) == Verdict(doubled=1)


def test_a_number_that_nobody_has_is_a_gap() -> None:
    assert audit([STORED[0], STORED[2]], [], {}) == Verdict(gaps=1)
