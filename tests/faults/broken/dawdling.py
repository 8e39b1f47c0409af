"""Takes a second for each page of history. R5 has to catch it."""

import time
from typing import Any

from chatapp.chat.repository import MessageRepository

_stock = MessageRepository.get_messages


def get_messages(self: Any, *asked: Any, **options: Any) -> Any:
    time.sleep(1)
    return _stock(self, *asked, **options)


MessageRepository.get_messages = get_messages  # type: ignore[method-assign]

from wsgi import app  # noqa: E402, F401 - after the change above
