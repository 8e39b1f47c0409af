"""The chat as it is, with a watch beside it: how long did the event loop stand still at most?

Not counted is what the machine had no processor for: then everything stood still, whatever we do.
"""

import os
import time
from pathlib import Path

from chatapp.core import background
from wsgi import app

__all__ = ["app"]

TICK_SECONDS = 0.01
FILE = Path(os.environ["CHATAPP_DATA_DIR"]) / "loop_gap"
SCHEDULED = Path("/proc/thread-self/schedstat")
"""Nanoseconds on a processor, nanoseconds of waiting for one, and how often."""


def _waited() -> float:
    try:
        return int(SCHEDULED.read_text().split()[1]) / 1e9
    except OSError:  # a kernel that does not count it
        return 0.0


def _watch() -> None:
    worst, last, waited = 0.0, time.monotonic(), _waited()
    while True:
        background.sleep(TICK_SECONDS)
        now, waited_now = time.monotonic(), _waited()
        gap = now - last - TICK_SECONDS - (waited_now - waited)
        last, waited = now, waited_now
        if not FILE.exists():
            worst = -1.0
        if gap > worst:
            worst = gap
            FILE.write_text(str(worst))


FILE.parent.mkdir(exist_ok=True)
background.spawn(_watch)
