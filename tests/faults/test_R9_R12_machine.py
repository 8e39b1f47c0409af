"""R9: a full disk. R12: a clock that is set."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatapp.core.space import KEPT_BYTES
from tests.faults.audit import audit
from tests.faults.conftest import Keep, Store
from tests.faults.people import clients_of, judged, named
from tests.faults.sizes import Sizes
from tests.faults.world import World, database_of, together
from tests.server import EVENTLET, running
from tests.wire import Person, Wire, until

DISK_MEGABYTES = 500
RETURN_LIMIT_SECONDS = 60
STEPPING = (*EVENTLET[:-1], "tests.faults.stepping:app")
HOUR = 3_600


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    folder.mkdir()
    size = f"size={DISK_MEGABYTES}m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk can only be mounted by root")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


class TestAFullDisk:
    """R9"""

    def test_R9_acknowledges_nothing_false_and_comes_back(
        self, tmp_path: Path, small_disk: Path, keep: Keep
    ) -> None:
        with running(tmp_path) as server:
            ana = Person(server.url)
            ana.set_up("ana")
            room_id = ana.first_room()
            said = Said(ana, room_id)
            assert said.post() == "ok"

            free = _free(small_disk)
            _fill(small_disk / "most", free - KEPT_BYTES // 2)
            assert {said.post() for _ in range(20)} == {"disk_full"}
            assert len(said.history()) == 1  # reads go on
            assert "Message" in ana.get(f"/rooms/{room_id}")

            _fill(small_disk / "rest", _free(small_disk))
            assert "ok" not in {said.post() for _ in range(20)}

            for name in ("most", "rest"):
                (small_disk / name).unlink()
            until(lambda: said.post() == "ok", RETURN_LIMIT_SECONDS)
            assert said.post() == "ok"
            stored = said.history()

        verdict = audit(stored, said.acknowledged, {})
        keep("R9 a full disk", verdict)
        assert verdict.is_clean, verdict


class Said:
    """One who posts, and what was acknowledged of it."""

    def __init__(self, person: Person, room_id: str) -> None:
        self.acknowledged: list[dict[str, Any]] = []
        self._person = person
        self._room_id = room_id
        self._wire: Wire | None = None
        self._number = 0

    def post(self) -> str:
        """Return `ok`, the code of the refusal, or `no answer`."""
        self._number += 1
        try:
            if self._wire is None or not self._wire.is_open:
                self._wire = self._person.socket()
        except Exception:  # noqa: BLE001 - away in one of many ways
            return "no answer"
        asked = {"room_id": self._room_id, "text": f"no. {self._number}"}
        answer = self._wire.ask("post_message", asked)
        if answer is None:
            return "no answer"
        if answer["ok"]:
            self.acknowledged.append(answer["message"])
            return "ok"
        return str(answer["error"]["code"])

    def history(self) -> list[dict[str, Any]]:
        page = self._person.get_json(f"/rooms/{self._room_id}/messages?after=0&limit=200")
        messages: list[dict[str, Any]] = page["messages"]
        return messages


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _fill(file: Path, size: int) -> None:
    piece = bytes(1024 * 1024)
    with contextlib.suppress(OSError), file.open("wb") as out:  # others may take the rest
        for _ in range(size // len(piece)):
            out.write(piece)
        out.write(piece[: size % len(piece)])


class TestAClockThatIsSet:
    """R12"""

    def test_R12_changes_no_order_and_loses_nobody(
        self, world: World, store: Store, sizes: Sizes, keep: Keep
    ) -> None:
        names = named(world, "writer", 4)
        room = world.add_room("Pier", *names)
        server = world.serve(database_of(store.uri, world.name), STEPPING)
        clients = clients_of(world, [room], server.port, names)
        wires = [client.wire for client in clients]
        step = server.log.parent / "data" / "clock_step"
        step.parent.mkdir(exist_ok=True)

        for number, seconds in enumerate((0, HOUR, 0, HOUR, 0)):
            step.write_text(str(seconds))
            together(
                *(
                    lambda client=client, n=number: [
                        client.deliver(room, f"{client.username} {n} {m}")
                        for m in range(sizes.between_kills // 10)
                    ]
                    for client in clients
                )
            )
        verdict = judged(world, [room], clients)

        assert [client.wire for client in clients] == wires  # nobody was cut off
        keep("R12 a clock that is set", verdict)
        assert verdict.is_clean, verdict
        assert _is_back_and_forth(world, room)


def _is_back_and_forth(world: World, room: str) -> bool:
    """Return whether the clock was really set: the times stored go back somewhere."""
    times = [str(message["created_at"]) for message in world.stored(room)]
    return times != sorted(times)
