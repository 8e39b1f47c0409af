"""What people type, as it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.core.errors import BadText, ChatError, Invalid
from chatapp.core.text import clean, clean_line, clean_name, clean_short, is_emoji

COMPOSED = "\u00e9"
DECOMPOSED = "e\u0301"
FAMILY = "\U0001f469\u200d\U0001f467"


class NameInvalid(Invalid):
    code = "name_invalid"
    sentence = "A name has 1 to {limit} characters."


class TestCleaning:
    def test_keeps_what_was_typed(self) -> None:
        assert clean("  two\n\n\tlines  ") == "  two\n\n\tlines  "

    def test_composes_to_nfc(self) -> None:
        assert clean(f"caf{DECOMPOSED}") == f"caf{COMPOSED}"

    @pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
    def test_makes_every_line_end_plain(self, end: str) -> None:
        assert clean(f"one{end}two") == "one\ntwo"

    @pytest.mark.parametrize(
        "character", ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\ud800", "\ue000\udfff"]
    )
    def test_refuses_controls_and_lone_surrogates(self, character: str) -> None:
        with pytest.raises(BadText):
            clean(f"a{character}b")

    @pytest.mark.parametrize("text", [FAMILY, "\u202eabc", "\ufeff", "\U0010ffff"])
    def test_keeps_what_is_merely_unusual(self, text: str) -> None:
        assert clean(text) == text

    @given(st.text())
    def test_twice_is_once(self, text: str) -> None:
        try:
            once = clean(text)
        except ChatError:
            return
        assert clean(once) == once

    @given(st.text(st.characters(exclude_categories=["Cs"]) | st.characters(categories=["Cs"])))
    def test_gives_what_any_database_can_keep(self, text: str) -> None:
        try:
            kept = clean(text)
        except BadText:
            return
        assert kept.encode().decode() == kept


class TestCleaningALine:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("  Garden  ", "Garden"),
            ("The\n big\t\t garden", "The big garden"),
            ("Gar\u200bden", "Garden"),
            ("\u202eGarden", "Garden"),
            ("Gar\u00a0\u2003den", "Gar den"),
            (FAMILY, FAMILY),
            ("\u200d", ""),
        ],
    )
    def test_leaves_what_can_be_seen(self, typed: str, kept: str) -> None:
        assert clean_line(typed) == kept


class TestCleaningAName:
    @pytest.mark.parametrize("typed", ["a", "a" * 10, f"  {'a' * 10}  "])
    def test_takes_one_to_the_limit(self, typed: str) -> None:
        assert clean_name(typed, 10, NameInvalid) == typed.strip()

    @pytest.mark.parametrize("typed", ["", "   ", "\u200b", "a" * 11, "a" * 100_000])
    def test_refuses_less_and_more_naming_the_limit(self, typed: str) -> None:
        with pytest.raises(NameInvalid) as refused:
            clean_name(typed, 10, NameInvalid)

        assert refused.value.details == {"limit": 10}


class TestAnEmoji:
    @pytest.mark.parametrize(
        "emoji",
        [
            "👍",
            "👍🏽",
            "❤️",
            "☺",
            "🇩🇪",
            "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
            "1️⃣",
            "👩🏽‍🚀",
            "👨‍👩‍👧‍👦",
            "🏳️‍🌈",
            "↔️",
            "🤷🏽‍♀️",
            "‼️",
            "ℹ️",
            "\U0001fae9",
        ],
    )
    def test_is_one_picture_however_many_characters(self, emoji: str) -> None:
        assert is_emoji(emoji)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "a",
            "1",
            "<",
            "👍x",
            "x👍",
            " ",
            "\u200d",
            "\ufe0f",
            "👍👍",
            "👍" * 13,
            "🇩",
            "👍\u200d",
            "*",
            "\u202e",
            "é",
        ],
    )
    def test_is_nothing_that_can_be_read(self, text: str) -> None:
        assert not is_emoji(text)


class TestCleaningSomethingShort:
    @pytest.mark.parametrize("typed", ["", "  ", "a" * 10, f"  {'a' * 10}  "])
    def test_takes_nothing_and_up_to_the_limit(self, typed: str) -> None:
        assert clean_short(typed, 10, NameInvalid) == typed.strip()

    @pytest.mark.parametrize("typed", ["a" * 11, " " * 100_000])
    def test_refuses_more_naming_the_limit(self, typed: str) -> None:
        with pytest.raises(NameInvalid) as refused:
            clean_short(typed, 10, NameInvalid)

        assert refused.value.details == {"limit": 10}
