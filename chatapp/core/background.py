"""Work beside the request. The only module that knows how this process is scheduled.

Under gunicorn's eventlet and gevent workers the standard library is patched before
this module is imported, so plain threads, locks and sleeps are already the green
ones. What differs is work that would hold the event loop: that goes to `offload`.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Generic, ParamSpec, TypeVar, cast

from chatapp.core.errors import Unavailable

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")
Worked = TypeVar("Worked")
Result = TypeVar("Result")

sleep = time.sleep


class Turns:
    """Locks by key, so that what concerns one key is done one after the other.

    A fixed number of locks serves any number of keys; two keys that meet at one lock
    wait for each other, which costs time and nothing else.
    """

    def __init__(self, locks: int = 64) -> None:
        self._locks = tuple(threading.Lock() for _ in range(locks))

    @contextmanager
    def of(self, key: str, limit_seconds: float) -> Iterator[None]:
        """Wait for the turn of `key`; raise `Unavailable` where it does not come in time."""
        lock = self._locks[hash(key) % len(self._locks)]
        if not lock.acquire(timeout=max(limit_seconds, 0)):
            raise Unavailable()
        try:
            yield
        finally:
            lock.release()


def short_lock() -> AbstractContextManager[object]:
    """Return a lock for what waits for nothing while it holds it.

    No other greenlet can come in between there, and their locks cost more than what they guard.
    """
    return threading.Lock() if async_mode() == "threading" else nullcontext()


class Batches(Generic[Item, Worked, Result]):
    """What is asked of one key while it is busy is done together when it is free.

    `work(key, items)` gives a result for each item, in order; one that is an exception
    is raised for whoever brought that item, and for nobody else. What `then` makes of items and
    results is what they are given. It is called for one batch of a key after the other, in the
    order of their work, while the work of the next may have begun.
    """

    def __init__(
        self,
        work: Callable[[str, list[Item]], Sequence[Worked | Exception]],
        then: Callable[
            [str, list[Item], Sequence[Worked | Exception]], Sequence[Result | Exception]
        ] = lambda _key, _items, worked: cast("Sequence[Result | Exception]", worked),
    ) -> None:
        self._work = work
        self._then = then
        self._last: dict[str, threading.Lock] = {}
        """Of the keys that have a batch after its work: free when the last of them is over."""
        self._waiting: dict[str, list[_Request[Item, Result]]] = {}
        """Of the keys that somebody works on: who comes next."""
        self._lock = short_lock()

    def do(self, key: str, item: Item, limit_seconds: float) -> Result:
        """Return the result for `item`, or raise `Unavailable`: then it may be done or not."""
        mine = _Request[Item, Result](item)
        with self._lock:
            if is_busy := key in self._waiting:
                mine.queue()
                self._waiting[key].append(mine)
            else:
                self._waiting[key] = []
        if not is_busy:
            sleep(0)  # what others ask in the same turn of the loop comes along
        elif not mine.is_called_within(limit_seconds) and self._gave_up(key, mine):
            raise Unavailable()
        if not mine.outcome:  # the others are done: it is on us to work on what waits
            self._work_on(key, mine)
        (outcome,) = mine.outcome
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _gave_up(self, key: str, request: "_Request[Item, Result]") -> bool:
        """Who does not wait any longer should not be served by surprise, much later."""
        with self._lock:
            if request.is_called:  # just now
                return False
            with suppress(ValueError):
                self._waiting[key].remove(request)
            return True

    def _work_on(self, key: str, mine: "_Request[Item, Result]") -> None:
        """Do what waits, for all who wait; call one who came meanwhile to go on."""
        with self._lock:
            requests = [mine, *self._waiting[key]]
            self._waiting[key] = []
        items = [request.item for request in requests]
        worked = _for_each(len(items), lambda: self._work(key, items))
        with self._lock:
            before, self._last[key] = self._last.get(key), (last := _held())
            if is_more := bool(self._waiting[key]):
                self._waiting[key].pop(0).call()
            else:
                del self._waiting[key]
        if is_more:
            sleep(0)  # the next work is on its way while we go on
        if before is not None:
            with before:
                pass
        outcomes = _for_each(len(items), lambda: self._then(key, items, worked))
        with self._lock:
            if self._last[key] is last:
                del self._last[key]
            for request, outcome in zip(requests, outcomes, strict=True):
                request.outcome = (outcome,)
                request.call()
        last.release()


def _for_each(count: int, do: Callable[[], Sequence[T | Exception]]) -> Sequence[T | Exception]:
    """Return what `do` does; where it fails as a whole, it fails for each."""
    try:
        return do()
    except Exception as error:  # noqa: BLE001 - each who waits is told
        return [error] * count


def _held() -> threading.Lock:
    """Return a lock that somebody holds."""
    lock = threading.Lock()
    lock.acquire()
    return lock


class _Request(Generic[Item, Result]):
    def __init__(self, item: Item) -> None:
        self.item = item
        self.outcome: tuple[Result | Exception, ...] = ()
        self.is_called = False
        """With an outcome, or to work on what waits."""
        self._gate: threading.Lock | None = None  # most wait for nobody, and an Event is dear

    def queue(self) -> None:
        """Be about to wait."""
        self._gate = _held()

    def is_called_within(self, seconds: float) -> bool:
        return self._gate is None or self._gate.acquire(timeout=max(seconds, 0))

    def call(self) -> None:
        if self._gate is not None and not self.is_called:
            self.is_called = True
            self._gate.release()


def is_eventlet() -> bool:
    # Looked up, not imported: importing eventlet warns, and a process without it is not patched.
    patcher = sys.modules.get("eventlet.patcher")
    return patcher is not None and bool(patcher.is_monkey_patched("socket"))


def is_gevent() -> bool:
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("socket"))


def async_mode() -> str:
    """Return how this process runs: the server that started it has patched it, or has not."""
    if is_eventlet():
        return "eventlet"
    return "gevent" if is_gevent() else "threading"


def spawn(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Run `work` beside this request; it does not keep the process alive."""
    threading.Thread(target=work, args=args, kwargs=kwargs, daemon=True).start()


def every(seconds: float, work: Callable[[], object], expected: type[Exception]) -> None:
    """Do `work` again and again, for ever. An error ends nothing; of those expected nobody is told.

    What is expected is what requests find out as well, and say.
    """
    while True:
        sleep(seconds)
        try:
            work()
        except expected:
            continue
        except Exception:
            logger.exception("%s failed", getattr(work, "__qualname__", work))


def spawn_from_signal(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """The same from a signal handler, which may have interrupted the event loop itself.

    A patched `Thread.start` waits for its thread to begin; the event loop must not wait.
    """
    if is_eventlet():
        from eventlet import spawn_n

        spawn_n(work, *args, **kwargs)
    elif is_gevent():
        from gevent import spawn as spawn_greenlet

        spawn_greenlet(work, *args, **kwargs)
    else:
        spawn(work, *args, **kwargs)


def offload(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return `work(...)`, run in a real thread while the event loop goes on."""
    if is_eventlet():
        from eventlet import tpool

        return tpool.execute(work, *args, **kwargs)  # type: ignore[no-any-return]
    if is_gevent():
        from gevent import get_hub

        return get_hub().threadpool.apply(work, args, kwargs)  # type: ignore[no-any-return]
    return work(*args, **kwargs)
