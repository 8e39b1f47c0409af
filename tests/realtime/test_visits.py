"""W10, the table: how many sockets, whose, from where, and how fast."""

from dataclasses import replace

import pytest

from chatapp.core.errors import ChatError
from chatapp.realtime.limits import Limits
from chatapp.realtime.visits import Visits
from config import config_for
from tests.realtime.test_limits import Now

HERE, THERE = "203.0.113.7", "203.0.113.8"


def _limits(**changed: int) -> Limits:
    config = config_for({"CHATAPP_ENV": "testing"})
    return replace(Limits.of(vars(config)), **changed)


def _outcome(visits: Visits, username: str, address: str) -> str:
    try:
        visits.enter(username, address)
    except ChatError as refusal:
        return refusal.code
    return "in"


@pytest.mark.parametrize(
    ("changed", "who", "expected"),
    [
        ({"sockets_per_person": 2}, [("ana", HERE)] * 3, ["in", "in", "too_many_sockets"]),
        ({"sockets_per_person": 1}, [("ana", HERE), ("ben", HERE)], ["in", "in"]),
        ({"sockets_per_person": 1}, [("ana", HERE), ("ana", THERE)], ["in", "too_many_sockets"]),
        (
            {"sockets_per_address": 2},
            [("ana", HERE), ("ben", HERE), ("cleo", HERE), ("cleo", THERE)],
            ["in", "in", "too_many_from_address", "in"],
        ),
        ({"sockets_per_address": 1}, [("ana", "127.0.0.1"), ("ben", "127.0.0.1")], ["in", "in"]),
        ({"sockets_per_address": 1}, [("ana", "::1"), ("ben", "::1")], ["in", "in"]),
        ({"sockets": 2}, [("ana", HERE), ("ben", THERE), ("cleo", "")], ["in", "in", "full"]),
        ({"handshakes_per_minute": 2}, [("ana", HERE)] * 3, ["in", "in", "slow_down"]),
        (
            {"handshakes_per_minute": 1},
            [("ana", HERE), ("ben", HERE), ("ana", THERE)],
            ["in", "in", "slow_down"],
        ),
    ],
)
def test_W10_are_bounded(
    changed: dict[str, int], who: list[tuple[str, str]], expected: list[str]
) -> None:
    visits = Visits(_limits(**changed), Now())

    assert [_outcome(visits, *visitor) for visitor in who] == expected


def test_W10_who_leaves_makes_room() -> None:
    visits = Visits(_limits(sockets_per_person=1, sockets_per_address=1), Now())
    visit = visits.enter("ana", HERE)

    visit.leave()

    assert len(visits) == 0
    assert _outcome(visits, "ana", HERE) == "in"


def test_W10_who_was_refused_is_not_counted() -> None:
    visits = Visits(_limits(sockets_per_person=1), Now())
    visit = visits.enter("ana", HERE)
    for _ in range(5):
        _outcome(visits, "ana", THERE)

    visit.leave()
    visit.leave()  # which is once

    assert len(visits) == 0


def test_W10_who_came_too_often_may_come_later() -> None:
    now = Now()
    visits = Visits(_limits(handshakes_per_minute=2), now)
    for _ in range(2):
        visits.enter("ana", HERE).leave()
    with pytest.raises(ChatError) as refused:
        visits.enter("ana", HERE)

    now.seconds += int(str(refused.value.details["seconds"]))

    assert _outcome(visits, "ana", HERE) == "in"
