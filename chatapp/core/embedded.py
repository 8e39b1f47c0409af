"""No MONGO_URI: a private mongod on a unix socket, started, shared and stopped for you.

Each process that uses it holds a shared lock on its directory, which the kernel frees
however the process ends. A keeper (`keeper.py`, a program of its own) has mongod as its
child and stops it when nobody holds that lock any more. Keeper and mongod hold
`keeper.lock` together: whoever finds it free knows that both are gone, and starts two new.
"""

import fcntl
import functools
import importlib.util
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

from chatapp.core import keeper

FOLDER = "mongodb"
LOCK = "keeper.lock"

WATCH_SECONDS = 0.2  # with a second to start, operations wait for the new mongod and do not fail
RETRY_SECONDS = 3.0
JOIN_LIMIT_SECONDS = keeper.STOP_LIMIT_SECONDS + keeper.START_LIMIT_SECONDS

log = logging.getLogger(__name__)


class EmbeddedUnavailable(Exception):
    """The private database cannot run here. Its text is one sentence: why, and what to do."""


def start(data_dir: Path) -> str:
    """Return the URI of the private MongoDB of `data_dir`, which takes writes by then.

    It serves until the last process that called this has ended, and is started again when
    it dies before. The URI is for this process and its forks: it names the directory by
    descriptor, as a path may be longer than a unix socket allows or unfit for a URI.
    """
    claim = _claim(_prepare(data_dir))
    return f"mongodb://{quote(_address(claim), safe='')}/?directConnection=true"


def _prepare(data_dir: Path) -> Path:
    folder = data_dir.resolve() / FOLDER
    try:
        (folder / keeper.DATA).mkdir(mode=0o700, parents=True, exist_ok=True)
        # Root could go on, but would leave files behind that the owner cannot read.
        if folder.stat().st_uid != os.geteuid():
            raise PermissionError(0, "it belongs to another user")
        folder.chmod(0o700)
    except OSError as error:
        raise _unusable(folder, error) from error
    return folder


def _unusable(folder: Path, error: OSError) -> EmbeddedUnavailable:
    return EmbeddedUnavailable(
        f"The embedded MongoDB cannot keep its data in {folder} ({error.strerror}): "
        "correct that, or set CHATAPP_DATA_DIR or MONGO_URI."
    )


@functools.cache
def _claim(folder: Path) -> int:
    """Return a descriptor of `folder` that holds the shared lock until this process ends."""
    claim = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _join(folder, claim)
    except BaseException:
        os.close(claim)
        raise
    # Where the process is patched this is a green thread, and so are its sleeps and waits.
    threading.Thread(target=_watch, args=(folder,), daemon=True, name="embedded").start()
    return claim


# A fork inherits the claim but not the thread that watches.
os.register_at_fork(after_in_child=_claim.cache_clear)


def _join(folder: Path, claim: int) -> None:
    """Take the lock, and return when the server is ready, launched here or elsewhere."""
    deadline = time.monotonic() + JOIN_LIMIT_SECONDS
    # Polled, as waiting inside flock() would stop an event loop. A keeper that is stopping
    # its mongod holds the lock alone.
    while not (keeper.lock(claim, fcntl.LOCK_SH) and keeper.answers(_address(claim))):
        if time.monotonic() > deadline:
            raise EmbeddedUnavailable(keeper.does_not_start(folder))
        _launch(folder)
        time.sleep(0.02)


def _address(claim: int) -> str:
    return f"/proc/self/fd/{claim}/{keeper.READY_SOCKET}"


def _watch(folder: Path) -> None:
    """Launch the server again whenever it is gone, for as long as this process lives."""
    while True:
        time.sleep(WATCH_SECONDS)
        if not folder.is_dir():
            return
        try:
            if _launch(folder):
                log.warning("The embedded MongoDB had ended and was started again.")
        except EmbeddedUnavailable as error:
            log.error("%s", error)
            time.sleep(RETRY_SECONDS)


def _launch(folder: Path) -> bool:
    """Start a keeper unless there is one, and return when its server is ready."""
    try:
        with open(folder / LOCK, "ab") as lock:
            if not keeper.lock(lock.fileno(), fcntl.LOCK_EX):
                return False
            process = _start_keeper(folder, lock.fileno())
    except OSError as error:
        raise _unusable(folder, error) from error
    answer, _ = process.communicate()
    if answer != keeper.READY:
        raise EmbeddedUnavailable(answer or keeper.does_not_start(folder))
    return True


def _start_keeper(folder: Path, lock: int) -> subprocess.Popen[str]:
    """Run a keeper in a session of its own, which Ctrl+C in the terminal does not reach."""
    mongod = find_mongod()
    log_path = folder / keeper.LOG
    if log_path.exists():
        log_path.replace(log_path.with_suffix(".1.log"))
    with open(log_path, "ab") as output:
        return subprocess.Popen(
            [sys.executable, "-P", keeper.__file__, str(mongod)],
            cwd=folder,
            stdin=lock,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,
            text=True,
        )


def find_mongod() -> Path:
    package = importlib.util.find_spec("fiftyone")  # a namespace package: nothing is imported
    for place in (package and package.submodule_search_locations) or ():
        mongod = Path(place, "db", "bin", "mongod")
        if mongod.is_file():
            return mongod
    raise EmbeddedUnavailable(
        "There is no embedded MongoDB for this platform: set MONGO_URI to a MongoDB server."
    )
