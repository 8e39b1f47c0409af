"""Pictures that people send, made small and harmless by a process that may do nothing else."""

import logging
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from chatapp.core.errors import TooMany
from chatapp.people.entities import SmallPictures
from chatapp.people.errors import NotAPicture, PictureTooLarge

MAX_BYTES = 5_000_000
WALL_SECONDS = 10.0
AT_ONCE = 2  # each takes up to 640 MB and a core
WAIT_SECONDS = 5.0
PROGRAM = Path(__file__).with_name("decoder.py")
TOO_LARGE, NO_PICTURE = 3, 4  # of decoder.py

logger = logging.getLogger(__name__)

_turns = threading.BoundedSemaphore(AT_ONCE)


def made_small(sent: bytes) -> SmallPictures:
    """Return `sent` in the sizes that are shown, or raise `PictureTooLarge` or `NotAPicture`."""
    if len(sent) > MAX_BYTES:
        raise PictureTooLarge()
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise TooMany(seconds=int(WALL_SECONDS))
    try:
        return _decoded(sent)
    finally:
        _turns.release()


def _decoded(sent: bytes) -> SmallPictures:
    # Files, not pipes: nobody has to feed them, and the kernel says how much is written.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as made:
        given.write(sent)
        given.seek(0)
        code = _run(given.fileno(), made.fileno())
        if code != 0:
            raise _refusal(code)
        made.seek(0)
        return _parts(made.read())


def _run(given: int, made: int) -> int:
    child = subprocess.Popen(
        [sys.executable, "-I", str(PROGRAM)],
        stdin=given,
        stdout=made,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},  # ours holds secrets
    )
    try:
        return child.wait(WALL_SECONDS)
    except subprocess.TimeoutExpired:
        return TOO_LARGE
    finally:
        child.kill()
        child.wait()


def _refusal(code: int) -> Exception:
    if code in (TOO_LARGE, -signal.SIGXCPU, -signal.SIGKILL):
        return PictureTooLarge()
    if code != NO_PICTURE:
        logger.warning("a picture ended the program that decodes it with %s", code)
    return NotAPicture()


def _parts(made: bytes) -> SmallPictures:
    parts, rest = [], made
    while rest:
        (length,) = struct.unpack(">I", rest[:4])
        parts.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    small, large = parts
    return SmallPictures(small=small, large=large)
