"""R9: a full disk. R12: a clock that is set."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from chatapp.core.space import KEPT_BYTES
from tests.faults.audit import Verdict, audit
from tests.faults.client import Client
from tests.faults.conftest import Store
from tests.faults.figures import Keep
from tests.faults.people import clients_of, judged, named
from tests.faults.sizes import QUICK, Sizes
from tests.faults.world import World, database_of, together
from tests.server import EVENTLET, running
from tests.wire import Person, Wire, until

DISK_MEGABYTES = 500
RETURN_LIMIT_SECONDS = 60
STEPPING = (*EVENTLET[:-1], "tests.faults.stepping:app")
BELIEVING = (*EVENTLET[:-1], "tests.faults.broken.believing:app")
BY_THE_WALL = (*EVENTLET[:-1], "tests.faults.broken.by_the_wall:app")
BY_THE_CLOCK = (*EVENTLET[:-1], "tests.faults.broken.by_the_clock:app")
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
        filled = _fill_and_free(tmp_path, small_disk, EVENTLET)

        measured = f"back {filled.seconds_to_return:.1f} s after there was room"
        keep("R9 a full disk", filled.verdict, measured)
        assert filled.verdict.is_clean, filled.verdict
        assert filled.while_nearly_full == {"disk_full"}
        assert filled.could_be_read
        assert "ok" not in filled.while_full

    def test_R9_teeth_believing_in_the_disk_is_caught(
        self, tmp_path: Path, small_disk: Path
    ) -> None:
        assert _fill_and_free(tmp_path, small_disk, BELIEVING).verdict.lost > 0


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What became of a chat whose disk was filled and cleared."""

    while_nearly_full: set[str]
    could_be_read: bool
    while_full: set[str]
    seconds_to_return: float
    verdict: Verdict


def _fill_and_free(folder: Path, disk: Path, command: tuple[str, ...]) -> Filled:
    with running(folder, command) as server:
        ana = Person(server.url)
        ana.set_up("ana")
        said = Said(ana, ana.first_room())
        assert said.post() == "ok"

        _fill(disk / "most", _free(disk) - KEPT_BYTES // 2)
        while_nearly_full = {said.post() for _ in range(20)}
        could_be_read = said.is_readable()
        _fill(disk / "rest", _free(disk))
        while_full = {said.post() for _ in range(20)}
        for name in ("most", "rest"):
            (disk / name).unlink()

        began_at = time.monotonic()
        until(lambda: said.post() == "ok", RETURN_LIMIT_SECONDS)
        seconds = time.monotonic() - began_at
        assert said.post() == "ok"
        verdict = audit(said.history(), said.acknowledged, {})
    return Filled(
        while_nearly_full=while_nearly_full,
        could_be_read=could_be_read,
        while_full=while_full,
        seconds_to_return=seconds,
        verdict=verdict,
    )


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

    def is_readable(self) -> bool:
        """Return whether history and page show what was said before the disk was full."""
        page = self._person.get(f"/rooms/{self._room_id}")
        return [m["seq"] for m in self.history()] == [1] and ">no. 1<" in page

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
        verdict, cut_off = _with_a_clock_that_is_set(world, store, sizes, STEPPING)

        keep("R12 a clock that is set", verdict, "+1 h, back, -1 h, back")
        assert verdict.is_clean, verdict
        assert cut_off == 0

    def test_R12_teeth_ordering_by_the_clock_is_caught(self, world: World, store: Store) -> None:
        verdict, _ = _with_a_clock_that_is_set(world, store, QUICK, BY_THE_CLOCK, limit=3)

        assert verdict.inversions > 0

    def test_R12_teeth_measuring_silence_by_the_clock_is_caught(
        self, world: World, store: Store
    ) -> None:
        _, cut_off = _with_a_clock_that_is_set(world, store, QUICK, BY_THE_WALL)

        assert cut_off > 0


def _with_a_clock_that_is_set(
    world: World, store: Store, sizes: Sizes, command: tuple[str, ...], limit: float = 20
) -> tuple[Verdict, int]:
    """Let people talk meanwhile, and another one read all of it; return how many were cut off."""
    names, (reader,) = named(world, "writer", 4), named(world, "reader", 1)
    room = world.add_room("Pier", *names, reader)
    server = world.serve(database_of(store.uri, world.name), command)
    clients = clients_of(world, [room], server.port, names)
    wires = [client.wire for client in clients]
    step = server.log.parent / "data" / "clock_step"
    step.parent.mkdir(exist_ok=True)

    for seconds in (0, HOUR, 0, -HOUR, 0):
        step.write_text(str(seconds))
        together(
            *(
                lambda client=client: _say(client, room, sizes.between_kills // 10)
                for client in clients
            )
        )
    cut_off = sum(client.wire is not wire for client, wire in zip(clients, wires, strict=True))
    late = clients_of(world, [room], server.port, [reader])
    assert _is_back_and_forth(world, room)
    return judged(world, [room], [*clients, *late], limit), cut_off


def _say(client: Client, room: str, times: int) -> None:
    for _ in range(times):
        assert client.deliver(room, str(uuid4()))


def _is_back_and_forth(world: World, room: str) -> bool:
    """Return whether the clock was really set: the times stored go back somewhere."""
    times = [str(message["created_at"]) for message in world.stored(room)]
    return times != sorted(times)
