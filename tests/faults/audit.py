"""What became of what was said: the logs of the clients against the store, and nothing else."""

from collections import Counter
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Any

Messages = list[dict[str, Any]]
What = tuple[int, str, str]


@dataclass(kw_only=True)
class Verdict:
    tries: int = 0
    lost: int = 0
    """Acknowledged and not stored, stored and not read by somebody, or read and not stored."""
    doubled: int = 0
    """Said once and stored twice, or read twice."""
    gaps: int = 0
    inversions: int = 0
    leaked: int = 0
    notes: list[str] = field(default_factory=list)

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.gaps or self.inversions or self.leaked)


def audit(stored: Messages, acknowledged: Messages, logs: dict[str, Messages]) -> Verdict:
    """Judge one room. Texts are unique, so that what was said twice shows."""
    verdict = Verdict(tries=len(acknowledged))
    there = {_what(message) for message in stored}
    verdict.lost += sum(_what(message) not in there for message in acknowledged)
    verdict.doubled += _repeats(message["text"] for message in stored if "kind" not in message)
    numbers = [message["seq"] for message in stored]
    verdict.gaps += len(set(range(1, len(numbers) + 1)) - set(numbers))
    for name, log in logs.items():
        _judge_log(verdict, name, log, there)
    return verdict


def _judge_log(verdict: Verdict, name: str, log: Messages, there: set[What]) -> None:
    heard = {_what(message) for message in log}
    missed, made_up = there - heard, heard - there
    read = [message["seq"] for message in log]
    repeats, inversions = _repeats(read), sum(b <= a for a, b in pairwise(read))
    verdict.lost += len(missed) + len(made_up)
    verdict.doubled += repeats
    verdict.inversions += inversions - repeats if inversions > repeats else 0
    if missed or made_up or repeats or inversions:
        verdict.notes.append(
            f"{name}: {len(missed)} missed, {len(made_up)} made up, "
            f"{repeats} doubled, {inversions} back"
        )


def _what(message: dict[str, Any]) -> What:
    return message["seq"], message["id"], message["text"]


def _repeats(things: Any) -> int:
    return sum(times - 1 for times in Counter(things).values())
