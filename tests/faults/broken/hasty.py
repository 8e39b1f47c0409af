"""Acknowledges a moment after it has stored, and ends in the middle of that. R6 has to catch it."""

import random
import time
from typing import Any

from chatapp.chat.service import MessageService

_stock = MessageService.post


def post(self: Any, *said: Any, **options: Any) -> Any:
    message = _stock(self, *said, **options)
    time.sleep(0.1 + random.random() * 0.5)  # not all at once, as those who share a commit are
    return message


MessageService.post = post  # type: ignore[method-assign]

from tests.faults.broken.abrupt import app  # noqa: E402, F401 - after the change above
