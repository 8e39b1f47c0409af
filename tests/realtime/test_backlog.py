"""W8: what may wait for a slow reader."""

import queue
from dataclasses import replace

import pytest
from engineio.packet import MESSAGE, Packet

from chatapp.realtime.backlog import Backlog
from chatapp.realtime.limits import Limits
from config import config_for


class Reader:
    """A backlog of two events or a hundred bytes, and how often it was found too long."""

    def __init__(self) -> None:
        limits = Limits.of(vars(config_for({"CHATAPP_ENV": "testing"})))
        self.backlog = Backlog(queue.Queue(), replace(limits, backlog_events=2, backlog_bytes=100))
        self.backlog.overflow = self._overflow
        self.overflows = 0

    def _overflow(self) -> None:
        self.overflows += 1

    def put(self, size: int) -> None:
        self.backlog.put(Packet(MESSAGE, "x" * (size - 1)))

    def send(self) -> str:
        """Do what the writer of a socket does."""
        data: str = self.backlog.get().encode()
        self.backlog.sent(len(data))
        return data


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.mark.parametrize(
    ("sizes", "overflows"),
    [([10, 10], 0), ([100], 0), ([10, 10, 10], 1), ([101], 1), ([60, 60], 1), ([10] * 50, 1)],
)
def test_W8_is_bounded_by_events_and_by_bytes(
    reader: Reader, sizes: list[int], overflows: int
) -> None:
    for size in sizes:
        reader.put(size)

    assert reader.overflows == overflows


def test_W8_counts_what_the_writer_has_in_its_hands(reader: Reader) -> None:
    reader.put(10)
    reader.put(10)
    reader.backlog.get()
    reader.backlog.get()

    reader.put(10)

    assert reader.overflows == 1


def test_W8_takes_any_number_from_who_reads(reader: Reader) -> None:
    for _ in range(1_000):
        reader.put(100)
        assert len(reader.send()) == 100

    assert reader.overflows == 0


def test_W8_keeps_nothing_more_once_it_was_too_long(reader: Reader) -> None:
    for _ in range(3):
        reader.put(10)
    reader.send()
    reader.send()

    reader.put(10)

    with pytest.raises(queue.Empty):
        reader.backlog.get(block=False)


def test_lets_the_end_pass(reader: Reader) -> None:
    for _ in range(3):
        reader.put(10)
    reader.backlog.put(None)
    reader.send()
    reader.send()

    assert reader.backlog.get(block=False) is None
