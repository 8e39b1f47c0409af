"""Saves and tells without waiting for its turn. R4 has to catch it."""

import random
import time
from typing import Any

from chatapp.chat.log import Log
from chatapp.core.background import Batches

_tell = Log._tell_if_new


def do(self: Any, key: str, item: Any, limit_seconds: float) -> Any:
    (outcome,) = self._then(key, [item], self._work(key, [item]))
    return outcome


def tell_if_new(self: Any, *told: Any) -> Any:
    time.sleep(random.random() * 0.05)
    return _tell(self, *told)


Batches.do = do  # type: ignore[method-assign]
Log._tell_if_new = tell_if_new  # type: ignore[method-assign]

from wsgi import app  # noqa: E402, F401 - after the change above
