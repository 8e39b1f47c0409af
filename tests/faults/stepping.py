"""The chat as it is, on a machine whose clock is set: by the seconds that a file names."""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

FILE = Path(os.environ["CHATAPP_DATA_DIR"]) / "clock_step"
_time = time.time


def _stepped() -> float:
    try:
        return _time() + float(FILE.read_text())
    except (OSError, ValueError):
        return _time()


time.time = _stepped

from chatapp.core import clock  # noqa: E402 - after the change above

_now = clock.now


def now() -> datetime:
    return _now() + timedelta(seconds=_stepped() - _time())


clock.now = now

from wsgi import app  # noqa: E402, F401
