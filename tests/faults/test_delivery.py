"""Everybody hears everything once, in one order."""

import threading
from typing import Any

import pytest

from tests.faults.conftest import Town
from tests.server import EVENTLET, THREADS
from tests.wire import Person

SENDERS = 5
EACH = 100
WAYS = {"eventlet": (EVENTLET, {}), "threads": (THREADS, {"CHATAPP_ASYNC_MODE": "threading"})}


@pytest.mark.parametrize("town", WAYS.values(), ids=WAYS, indirect=True)
class TestFiveSendersAtOnce:
    def test_give_one_gapless_order_to_every_client_and_to_history(self, town: Town) -> None:
        listeners = [person.socket() for person in town.people]

        _all_at_once(town.people[1:], lambda person: _post(town, person))

        everything = list(range(1, SENDERS * EACH + 1))
        for listener in listeners:
            listener.wait(lambda: len(listener.of("message_posted")) >= len(everything))  # noqa: B023
            assert [told["message"]["seq"] for told in listener.of("message_posted")] == everything
        assert [message["seq"] for message in town.history()] == everything


def _post(town: Town, person: Person) -> None:
    socket = person.socket()
    for number in range(EACH):
        ack = socket.ask("post_message", {"room_id": town.room_id, "text": f"no. {number}"})
        assert ack["ok"], ack


def _all_at_once(people: list[Person], work: Any) -> None:
    failures: list[BaseException] = []

    def run(person: Person) -> None:
        try:
            work(person)
        except BaseException as failure:  # noqa: BLE001 - raised again in the test's own thread
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
