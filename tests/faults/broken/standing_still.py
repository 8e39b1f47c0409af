"""Waits for the database with the whole event loop. R7 has to catch it."""

from typing import Any

from eventlet import patcher

from chatapp.chat.repository import MessageRepository

_stock = MessageRepository.save_messages


def save_messages(self: Any, *asked: Any) -> Any:
    patcher.original("time").sleep(0.3)
    return _stock(self, *asked)


MessageRepository.save_messages = save_messages  # type: ignore[method-assign]

from tests.faults.ticking import app  # noqa: E402, F401 - after the change above
