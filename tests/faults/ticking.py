"""The chat as it is, with a watch beside it: how long did the event loop stand still at most?"""

import os
import time
from pathlib import Path

from chatapp.core import background
from wsgi import app

__all__ = ["app"]

TICK_SECONDS = 0.01
FILE = Path(os.environ["CHATAPP_DATA_DIR"]) / "loop_gap"


def _watch() -> None:
    worst, last = 0.0, time.monotonic()
    while True:
        background.sleep(TICK_SECONDS)
        gap, last = time.monotonic() - last - TICK_SECONDS, time.monotonic()
        if not FILE.exists():
            worst = -1.0
        if gap > worst:
            worst = gap
            FILE.write_text(str(worst))


FILE.parent.mkdir(exist_ok=True)
background.spawn(_watch)
