"""The one way in for text that people type."""

import unicodedata

from chatapp.core.errors import BadText, ChatError

ZWJ = "\u200d"  # zero-width joiner: holds family emoji together
_KEPT_CONTROLS = "\n\t"


def clean(text: str) -> str:
    """Return `text` in NFC with plain line ends, or raise `BadText`.

    Callers check the length first: normalising is not linear for hostile input.
    Refused are lone surrogates, which no database can store, and control
    characters other than tab and newline.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if any(_is_refused(character) for character in text):
        raise BadText()
    return text


def clean_line(text: str) -> str:
    """Return `text` cleaned for a name: one line, single spaces, none at the ends.

    Invisible format characters go too, so that two names that look alike are alike.
    """
    visible = "".join(c for c in clean(text) if unicodedata.category(c) != "Cf" or c == ZWJ)
    return " ".join(visible.split()).strip(ZWJ)


def clean_name(text: str, limit: int, refusal: type[ChatError]) -> str:
    """Return `text` as a name of 1 to `limit` characters, or raise `refusal` with the limit."""
    if len(text) > 2 * limit:  # spaces may still be folded, but not this many
        raise refusal(limit=limit)
    name = clean_line(text)
    if not 1 <= len(name) <= limit:
        raise refusal(limit=limit)
    return name


def _is_refused(character: str) -> bool:
    return character not in _KEPT_CONTROLS and unicodedata.category(character) in ("Cc", "Cs")
