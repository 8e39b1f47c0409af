"""How often one may try to get in, by account and by address. Nobody is ever locked out."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chatapp.auth.errors import InviteInvalid, WrongPassword
from chatapp.core import background
from chatapp.core.database import PATIENCE_SECONDS
from chatapp.core.errors import TooMany
from chatapp.core.limits import Tries, by_address

MAX_DOUBLINGS = 8  # 256 seconds is the longest wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """How many in a quarter of an hour: the settings `CHATAPP_…`, see .env.example."""

    failures_per_account: int = 5
    failures_per_address: int = 20
    sign_ups_per_address: int = 50


class Guard:
    """Counts failures and makes those who fail wait.

    When an account has seen its failures, each address that has failed on it waits 2, 4, 8 …
    256 seconds after each of its own. An address that has not failed there may try at once:
    so whoever knows the password gets in, however many others guess. An address that has
    failed too often, on any accounts, waits before each try.
    """

    def __init__(self, tries: Tries, allowed: Allowed) -> None:
        self._tries = tries
        self._allowed = allowed
        self._turns = background.Turns()

    @contextmanager
    def one_try(self, account: str, address: str) -> Iterator[None]:
        """Let in one try of `account` from `address`; `WrongPassword` inside is a failure."""
        account, address = _key(account), by_address(address)
        with self._turns.of(account, PATIENCE_SECONDS):  # many at once are counted one by one
            self._check(account, address)
            try:
                yield
            except WrongPassword:
                self._count_failure(account, address)
                raise
            self._tries.forget("failed", account, address)

    def _check(self, account: str, address: str) -> None:
        waits = (("sign-in", account, address), ("sign-in", address))
        if seconds := max(self._tries.wait_left(*key) for key in waits):
            raise TooMany(seconds=seconds)

    def _count_failure(self, account: str, address: str) -> None:
        of_account = self._tries.count("failed", account)
        of_both = self._tries.count("failed", account, address)
        of_address = self._tries.count("failed by", address)
        if of_account >= self._allowed.failures_per_account:
            self._tries.hold(_doubled(of_both), "sign-in", account, address)
        if (over := of_address - self._allowed.failures_per_address) >= 0:
            self._tries.hold(_doubled(over + 1), "sign-in", address)

    @contextmanager
    def one_invite(self, address: str) -> Iterator[None]:
        """Let in one try of an invite; `InviteInvalid` inside is a failure."""
        key = ("invite", by_address(address))
        self._tries.check(self._allowed.failures_per_address, *key)
        try:
            yield
        except InviteInvalid:
            self._tries.count(*key)
            raise

    def one_sign_up(self, address: str) -> None:
        """Count one try to make an account, or raise `TooMany`. A command has no address."""
        if address:
            self._tries.take(self._allowed.sign_ups_per_address, "sign-up", by_address(address))


def _doubled(failures: int) -> int:
    return 1 << min(failures, MAX_DOUBLINGS)


def _key(account: str) -> str:
    # As long for a megabyte as for a name, and no password typed in the wrong field is kept.
    return hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()
