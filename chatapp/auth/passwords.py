"""Passwords: which are accepted, how they are kept, and how many are hashed at once."""

import os
import threading
from collections.abc import Callable
from importlib import resources
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chatapp.auth.errors import PasswordInvalid, PasswordTooCommon
from chatapp.core import background
from chatapp.core.errors import TooMany

P = ParamSpec("P")
T = TypeVar("T")

MIN_LENGTH = 8
MAX_LENGTH = 1_024
MAX_WAITING = 50  # about 1.5 s of hashing on one core; who comes later is asked to wait
RETRY_SECONDS = 5

# OWASP's minimum for argon2id: 30 ms and 19 MiB for each, so cores x 19 MiB at the most.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_COMMON = frozenset(
    resources.files("chatapp.auth").joinpath("common_passwords.txt").read_text().split()
)


def check_new(password: str, username: str) -> None:
    """Raise unless `password` may be chosen by `username`; it is compared exactly as typed."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH or not _is_encodable(password):
        raise PasswordInvalid(minimum=MIN_LENGTH, maximum=MAX_LENGTH)
    folded = password.casefold()
    if folded in _COMMON or folded == username:
        raise PasswordTooCommon()


def _is_encodable(password: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in password)


class Passwords:
    """Hashes off the event loop, as many at once as there are cores."""

    def __init__(self) -> None:
        self._working = threading.BoundedSemaphore(os.cpu_count() or 1)
        self._places = threading.BoundedSemaphore(MAX_WAITING)
        self._nobody = _hasher.hash(os.urandom(16).hex())

    def hash(self, password: str) -> str:
        return self._run(_hasher.hash, password)

    def verify(self, password: str, password_hash: str | None) -> bool:
        """Return whether `password` is the one; `None` takes as long and is never right."""
        if len(password) > MAX_LENGTH or not _is_encodable(password):
            password = ""
        return self._run(_verify, password, password_hash or self._nobody)

    def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if not self._places.acquire(blocking=False):
            raise TooMany(seconds=RETRY_SECONDS)
        try:
            with self._working:
                return background.offload(work, *args, **kwargs)
        finally:
            self._places.release()


def needs_rehash(password_hash: str) -> bool:
    """Return whether the parameters above have changed since `password_hash` was made."""
    return _hasher.check_needs_rehash(password_hash)


def _verify(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
