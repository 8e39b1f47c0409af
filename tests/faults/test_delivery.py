"""R4 in one process: everybody hears everything once, live, in the order of history."""

from typing import Any

import pytest

from tests.faults.audit import Verdict, audit
from tests.faults.conftest import Town
from tests.faults.figures import Keep
from tests.faults.world import together
from tests.server import EVENTLET, THREADS
from tests.wire import Person

EACH = 100
WAYS = {"eventlet": (EVENTLET, {}), "threads": (THREADS, {"CHATAPP_ASYNC_MODE": "threading"})}
JOSTLING = (*EVENTLET[:-1], "tests.faults.broken.jostling:app")


class TestFiveSendersAtOnce:
    @pytest.mark.parametrize("town", WAYS.values(), ids=WAYS, indirect=True)
    def test_R4_give_one_gapless_order_to_every_client_and_to_history(
        self, town: Town, keep: Keep, request: pytest.FixtureRequest
    ) -> None:
        verdict = _all_at_once(town, EACH)

        keep(f"R4 one process, {request.node.callspec.id}", verdict)
        assert verdict.is_clean, verdict

    @pytest.mark.parametrize("town", [(JOSTLING, {})], ids=["jostling"], indirect=True)
    def test_R4_teeth_telling_in_any_order_is_caught(self, town: Town) -> None:
        assert _all_at_once(town, 20).inversions > 0


def _all_at_once(town: Town, each: int) -> Verdict:
    """Let all but the first talk, and all listen."""
    listeners = [person.socket() for person in town.people]
    posting = town.people[1:]

    together(*(lambda person=person: _post(town, person, each) for person in posting))

    logs: dict[str, Any] = {}
    for number, listener in enumerate(listeners):
        listener.wait(lambda: len(listener.of("message_posted")) >= len(posting) * each)  # noqa: B023
        logs[str(number)] = [told["message"] for told in listener.of("message_posted")]
        listener.close()
    verdict = audit(town.history(), [], logs)
    verdict.tries = len(posting) * each
    return verdict


def _post(town: Town, person: Person, each: int) -> None:
    socket = person.socket()
    for number in range(each):
        text = f"{id(person)} {number}"
        ack = socket.ask("post_message", {"room_id": town.room_id, "text": text})
        assert ack["ok"], ack
    socket.close()
