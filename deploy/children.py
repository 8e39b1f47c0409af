"""Programs that are started again when they end, and end when we do."""

import ctypes
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

LONGEST_REST_SECONDS = 30.0
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

log = logging.getLogger(__name__)


class Child:
    """One of them. `link` is there, and leads to `target`, while others may make use of it."""

    def __init__(
        self,
        name: str,
        command: list[str],
        answers: Callable[[], bool],
        *,
        environ: Mapping[str, str] | None = None,
        link: Path | None = None,
        target: Path | None = None,
    ) -> None:
        self.name = name
        self.is_ready = False
        self._command = command
        self._answers = answers
        self._environ = {**os.environ, **(environ or {})}
        self._link, self._target = link, target
        self._process: subprocess.Popen[bytes] | None = None
        self._is_leaving = False
        self._was_started = False
        self._rests_until = 0.0
        self._vain_starts = 0

    def start(self, kept: int) -> None:
        """Start it; it holds the descriptor `kept` for as long as it lives."""
        self._was_started = True
        self._process = subprocess.Popen(
            self._command,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # where it says how it is used alone; complaints are heard
            pass_fds=[kept],
            preexec_fn=_begin,  # noqa: PLW1509 - we have one thread
            start_new_session=True,  # Ctrl+C is for us, who end them in order
        )

    @property
    def is_due(self) -> bool:
        """Return whether it was started once, has ended, and has rested."""
        has_ended = self._was_started and self._process is None
        return has_ended and time.monotonic() >= self._rests_until

    def look(self) -> bool:
        """See whether it answers by now; return whether it has ended unasked."""
        if self._process is None:
            return False
        if self._process.poll() is not None:
            is_unasked = not self._is_leaving
            self._has_ended(self._process)
            return is_unasked
        if not self.is_ready and not self._is_leaving and self._answers():
            self.is_ready = True
            if self._link and self._target:
                self._link.symlink_to(self._target)
        return False

    def leave(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Let nobody come to it any more, and tell it to end."""
        self._withdraw()
        if self._process is not None:
            self._is_leaving = True
            self._process.send_signal(number)

    def end(self, deadline: float) -> None:
        """Wait for it to end until then, and kill it."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _has_ended(self, process: subprocess.Popen[bytes]) -> None:
        """Rest before the next start where the last ones were in vain: 1 second, 2, 4 …"""
        with suppress(ProcessLookupError):  # nginx leaves its workers behind when it is killed
            os.killpg(process.pid, signal.SIGKILL)
        if not self._is_leaving:
            log.warning("%s has ended (%d), and is started again", self.name, process.returncode)
        now = time.monotonic()
        # What has answered people was started well, and they miss it.
        is_sound = self._is_leaving or self.is_ready
        self._vain_starts = 0 if is_sound else self._vain_starts + 1
        rest = 2.0 ** (self._vain_starts - 2) if self._vain_starts > 1 else 0.0
        self._rests_until = now + min(rest, LONGEST_REST_SECONDS)
        self._withdraw()
        self._process, self._is_leaving = None, False

    def _withdraw(self) -> None:
        self.is_ready = False
        if self._link:
            self._link.unlink(missing_ok=True)


def _begin() -> None:
    """Run in a child before its program: it ends with us, and hears what it is told."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
