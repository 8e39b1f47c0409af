"""Refusals: a code for programs, a sentence for people."""

import re
from collections.abc import Iterator

import pytest

from chatapp import create_app  # noqa: F401 - brings in every feature and so every refusal
from chatapp.core.errors import ChatError, TooMany, describe


def _all_below(kind: type[ChatError]) -> Iterator[type[ChatError]]:
    for below in kind.__subclasses__():
        if below.__module__.startswith("chatapp."):
            yield below
            yield from _all_below(below)


REFUSALS = [kind for kind in _all_below(ChatError) if hasattr(kind, "code")]


class TestARefusal:
    @pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
    def test_has_a_code_for_programs_and_a_sentence_for_people(self, kind: type[ChatError]) -> None:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)
        assert re.match(r"[A-Z{]", kind.sentence)
        assert kind.sentence.endswith(".")

    def test_shares_its_code_with_no_other(self) -> None:
        own = [kind.code for kind in REFUSALS if "code" in vars(kind)]

        assert sorted(own) == sorted(set(own))

    def test_is_described_with_its_details(self) -> None:
        assert describe(TooMany(seconds=8)) == {
            "ok": False,
            "error": {
                "code": "slow_down",
                "message": "That was a lot at once. Please try again in 8 seconds.",
                "seconds": 8,
            },
        }

    def test_says_one_second_and_eleven_seconds(self) -> None:
        assert TooMany(seconds=1).message.endswith("in 1 second.")
        assert TooMany(seconds=11).message.endswith("in 11 seconds.")
