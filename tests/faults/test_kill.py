"""What was acknowledged survives `kill -9`, of the program and of the database."""

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.faults.conftest import Town
from tests.server import processes_in
from tests.wire import Person, Wire, until

KILLS = 4
BETWEEN_KILLS = 40  # acknowledged messages; a count, not a time, so slow machines test as much


class Writer(threading.Thread):
    """Posts until told to stop; asks again with the same `client_id` until it has an ack."""

    def __init__(self, town: Town, person: Person) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[str] = []
        self.is_wanted = True
        self._town = town
        self._person = person
        self._socket: Wire | None = None

    def run(self) -> None:
        number = 0
        while self.is_wanted:
            number += 1
            client_id = f"{self.name}-{number}"
            while not self._post(client_id):
                if not self.is_wanted:
                    return
            self.acknowledged.append(client_id)

    def _post(self, client_id: str) -> bool:
        try:
            if self._socket is None or not self._socket.is_open:
                self._socket = self._person.socket()
        except Exception:  # noqa: BLE001 - the server is down, in one of many ways: again
            return False
        asked = {"room_id": self._town.room_id, "text": client_id, "client_id": client_id}
        ack = self._socket.ask("post_message", asked, limit_seconds=10)
        return ack is not None and ack["ok"]


class TestKilling:
    def test_the_program_loses_and_doubles_nothing(self, town: Town) -> None:
        def kill_program() -> None:
            town.server.kill()
            town.server.start()

        _assert_nothing_lost(town, kill_program)

    def test_the_database_loses_and_doubles_nothing(self, town: Town, tmp_path: Path) -> None:
        def kill_mongod() -> None:
            for pid in processes_in(tmp_path, "mongod"):
                os.kill(pid, signal.SIGKILL)

        _assert_nothing_lost(town, kill_mongod)


def _assert_nothing_lost(town: Town, kill: Callable[[], None]) -> None:
    writers = [Writer(town, person) for person in town.people[1:]]
    for writer in writers:
        writer.start()
    for _ in range(KILLS):
        so_far = _count(writers)
        until(lambda: _count(writers) >= so_far + random.randint(1, BETWEEN_KILLS), 60)  # noqa: B023
        kill()
    so_far = _count(writers)
    until(lambda: _count(writers) >= so_far + BETWEEN_KILLS, 60)
    for writer in writers:
        writer.is_wanted = False
    for writer in writers:
        writer.join()

    history = town.history()
    kept = Counter(str(message["client_id"]) for message in history)
    acknowledged = [client_id for writer in writers for client_id in writer.acknowledged]
    assert [client_id for client_id in acknowledged if client_id not in kept] == []
    assert [client_id for client_id, times in kept.items() if times > 1] == []
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))


def _count(writers: list[Writer]) -> int:
    return sum(len(writer.acknowledged) for writer in writers)
