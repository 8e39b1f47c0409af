"""Passwords: which may be chosen, how they are kept, how many are hashed at once."""

import threading

import argon2
import pytest

from chatapp.auth import passwords
from chatapp.auth.errors import PasswordInvalid, PasswordTooCommon
from chatapp.auth.passwords import MAX_WAITING, Passwords, check_new, needs_rehash
from chatapp.core.errors import ChatError, TooMany
from tests.cast import at_once

ACCEPTED = ["12345678x", "a" * 1024, " leading space", "pässwörter", "🌱" * 8, "with\0nul!"]
REFUSED = [
    ("", PasswordInvalid),
    ("1234567", PasswordInvalid),
    ("a" * 1025, PasswordInvalid),
    ("a" * 1_000_000, PasswordInvalid),
    ("lone \ud800 one", PasswordInvalid),
    ("password", PasswordTooCommon),
    ("PassWord", PasswordTooCommon),
    ("12345678", PasswordTooCommon),
    ("ana.silva", PasswordTooCommon),
    ("Ana.Silva", PasswordTooCommon),
]


class TestChoosing:
    @pytest.mark.parametrize("password", ACCEPTED)
    def test_S12_is_free_within_the_rules(self, password: str) -> None:
        check_new(password, "ana.silva")

    @pytest.mark.parametrize(("password", "refusal"), REFUSED)
    def test_S12_is_refused_outside_them(self, password: str, refusal: type[ChatError]) -> None:
        with pytest.raises(refusal):
            check_new(password, "ana.silva")


@pytest.mark.full_hashing
class TestKeeping:
    def test_S11_is_argon2id_with_the_parameters_of_the_decision(self) -> None:
        kept = argon2.extract_parameters(Passwords().hash("garden-gate-7"))

        assert kept.type is argon2.Type.ID
        assert (kept.time_cost, kept.memory_cost, kept.parallelism) == (2, 19 * 1024, 1)

    def test_gives_a_hash_of_its_own_each_time(self) -> None:
        keeper = Passwords()

        assert keeper.hash("garden-gate-7") != keeper.hash("garden-gate-7")

    def test_is_due_again_where_the_parameters_were_others(self) -> None:
        weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(
            "garden-gate-7"
        )

        assert needs_rehash(weak)
        assert not needs_rehash(Passwords().hash("garden-gate-7"))


class TestVerifying:
    @pytest.mark.parametrize("password", [*ACCEPTED, "garden-gate-7"])
    def test_knows_the_one_and_only_that(self, password: str) -> None:
        keeper = Passwords()
        kept = keeper.hash(password)

        assert keeper.verify(password, kept)
        assert not keeper.verify(password + " ", kept)

    @pytest.mark.parametrize("kept", [None, "", "plain text"])
    def test_of_nobodys_is_never_right(self, kept: str | None) -> None:
        assert not Passwords().verify("garden-gate-7", kept)

    @pytest.mark.parametrize("password", ["a" * 1_000_000, "\ud800"])
    def test_refuses_what_nobody_can_have_chosen(self, password: str) -> None:
        keeper = Passwords()

        assert not keeper.verify(password, keeper.hash("garden-gate-7"))


class SlowHasher:
    """A slow machine: hashing ends when the test says so."""

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def hash(self, password: str) -> str:
        assert self.go_on.wait(30)
        return f"hash of {password}"


class TestManyAtOnce:
    def test_S11_are_done_but_for_the_one_too_many_who_is_asked_to_wait(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keeper, machine = Passwords(), SlowHasher()
        monkeypatch.setattr(passwords, "_hasher", machine)
        done: list[str] = []
        refused: list[TooMany] = []

        def hash_one() -> None:
            try:
                done.append(keeper.hash("x"))
            except TooMany as refusal:
                refused.append(refusal)
                machine.go_on.set()

        at_once(*[hash_one] * (MAX_WAITING + 1))

        assert len(done) == MAX_WAITING
        assert [refusal.details["seconds"] > 0 for refusal in refused] == [True]
        assert keeper.hash("later") == "hash of later"
