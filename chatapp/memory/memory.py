"""Remembering what is asked again and again: who has this session, who is in this room.

A process remembers under a lease. While the lease lasts, whoever changes something waits,
before saying that it is done, until this process has noted the change or the lease has
run out. Without a lease nothing is recalled: the database is asked, as if this was not here.
So a change that was acknowledged is a change that every process knows.

Only durations are compared, each by one process, so clocks need not agree.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from chatapp.core import background
from chatapp.core.database import StorageError
from chatapp.memory.repository import ChangeRepository

T = TypeVar("T")

LEASE_SECONDS = 1.0
BEAT_SECONDS = 0.25  # four chances to renew a lease in time
LOOK_SECONDS = 0.01
MOST_SECONDS = 10.0
"""Saved changes whose announcement failed were not acknowledged; they are known by then."""

logger = logging.getLogger(__name__)


class Memory:
    def __init__(
        self, changes: ChangeRepository, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._changes = changes
        self._monotonic = monotonic
        self._process_id = secrets.token_hex(8)
        self._kept: dict[str, dict[str, Any]] = {}
        self._times_forgotten = 0
        self._all_forgotten_at = monotonic()
        self._noted = 0
        self._lease_ends = monotonic()
        self._beating = threading.Lock()
        self._is_stopped = False
        self.hint: Callable[[], object] = lambda: None
        """Tells other processes, if it can, that there is something to note."""
        self.on_change: list[Callable[[tuple[str, ...]], object]] = []
        """Called with what each change is about, in every process; who made it waits for that."""

    def recall(self, about: str, question: str, ask: Callable[[], T]) -> T:
        """Return what `ask()` answered before, or ask.

        `about` is what `changed` will name when the answer is out of date.
        """
        if not self._has_lease():
            return ask()
        found: T | None = self._kept.get(about, {}).get(question)
        if found is not None:
            return found
        before = self._times_forgotten
        answer = ask()
        self._keep(before, question, {about: answer})
        return answer

    def recall_each(
        self, about: Iterable[str], question: str, ask: Callable[[list[str]], Mapping[str, T]]
    ) -> dict[str, T]:
        """Return what was answered before about each of many, and ask once about the others.

        `ask(about)` answers by what it is about, and leaves out what is not there.
        """
        if not self._has_lease():
            return dict(ask(list(about)))
        known = {name: self._kept.get(name, {}).get(question) for name in about}
        found: dict[str, T] = {name: it for name, it in known.items() if it is not None}
        if unknown := [name for name in known if name not in found]:
            before = self._times_forgotten
            asked = ask(unknown)
            self._keep(before, question, asked)
            found.update(asked)
        return found

    def stamp(self) -> int | None:
        """Return a number that is another one as soon as anything was forgotten.

        What was made of what is remembered is right for as long. None: nothing is remembered.
        """
        return self._times_forgotten if self._has_lease() else None

    def _has_lease(self) -> bool:
        return self._monotonic() < self._lease_ends

    def _keep(self, before: int, question: str, answers: Mapping[str, Any]) -> None:
        """Keep what was asked when so much had been forgotten."""
        # What is not there is asked for again; what a change came between may be out of date.
        if before == self._times_forgotten:
            for about, answer in answers.items():
                if answer is not None:
                    self._kept.setdefault(about, {})[question] = answer

    def changed(self, *about: str) -> None:
        """Return when nobody remembers these any more. To be called when the change is saved."""
        try:
            number = self._changes.save_change(about)
        finally:
            self.forget(*about)
        self.hint()
        ends = self._monotonic() + LEASE_SECONDS
        while self._changes.has_behind(number, self._process_id):
            if self._monotonic() >= ends:  # whoever they are, they remember nothing now
                return self._changes.remove_behind(number, self._process_id)
            background.sleep(LOOK_SECONDS)
        return None

    def forget(self, *about: str) -> None:
        """Ask again next time, in this process. Enough for a change that takes nothing away."""
        self._times_forgotten += 1
        for name in about:
            self._kept.pop(name, None)

    def forget_all(self) -> None:
        self._times_forgotten += 1
        self._all_forgotten_at = self._monotonic()
        self._kept.clear()

    # The lease

    def start(self) -> None:
        """Remember from now on, as long as this process lives."""
        background.spawn(self._go_on)

    def stop(self) -> None:
        """Remember nothing, so that nobody waits for us."""
        with self._beating:
            self._is_stopped = True
            self._lease_ends = 0.0
            self._changes.remove_process(self._process_id)

    def beat(self) -> None:
        """Note what has changed, and renew the lease.

        Registered first, read next: whoever did not see us registered was early enough
        for us to read of the change. Who is removed in between gets no lease this time.
        """
        with self._beating:
            if self._is_stopped:
                return
            began = self._monotonic()
            self._changes.save_process(self._process_id, self._noted)
            if self._note_changes():
                self._lease_ends = began + LEASE_SECONDS

    def _note_changes(self) -> bool:
        changes = self._changes.get_changes(self._noted)
        is_old = self._monotonic() - self._all_forgotten_at > MOST_SECONDS
        if is_old or (changes and changes[0].number != self._noted + 1):
            self.forget_all()
        if not changes:
            return True
        for change in changes:
            self.forget(*change.about)
            self._tell(change.about)
        self._noted = changes[-1].number
        return self._changes.update_process(self._process_id, self._noted)

    def _tell(self, about: tuple[str, ...]) -> None:
        for hear in self.on_change:
            try:
                hear(about)
            except StorageError:
                raise  # not noted: it comes again with the next beat
            except Exception:
                logger.exception("a change was not followed")

    def _go_on(self) -> None:
        while not self._is_stopped:
            try:
                self.beat()
            except StorageError:
                pass  # the lease runs out, and requests find out for themselves
            except Exception:
                logger.exception("a lease was not renewed")
            background.sleep(BEAT_SECONDS)
