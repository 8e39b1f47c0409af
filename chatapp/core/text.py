"""The one way in for text that people type."""

import unicodedata

from chatapp.core.errors import BadText, ChatError

ZWJ = "\u200d"  # zero-width joiner: holds family emoji together
MAX_MARKS = 4  # on one letter, after composing; THREATS I6
_KEPT_CONTROLS = "\n\t"


def clean(text: str) -> str:
    """Return `text` in NFC with plain line ends, or raise `BadText`.

    Callers check the length first: normalising is not linear for hostile input.
    Refused are lone surrogates, which no database can store, control characters other
    than tab and newline, and letters under more marks than any script piles up.
    """
    if _is_piled_up(text, 2 * MAX_MARKS):  # composing these takes the square of their number
        raise BadText()
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if any(_is_refused(character) for character in text) or _is_piled_up(text, MAX_MARKS):
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
    name = clean_short(text, limit, refusal)
    if not name:
        raise refusal(limit=limit)
    return name


MAX_EMOJI = 12  # code points: a family of four with skin tones has 11, a flag of a region 7


def is_emoji(text: str) -> bool:
    """Return whether `text` looks like one emoji: a picture, with what may hang on it.

    Nothing that can be read is let through, which is all that matters to those who see it.
    """
    if not 1 <= len(text) <= MAX_EMOJI:
        return False
    first = text[0]
    if first in "#*0123456789":  # a keycap
        return text[1:] in ("\u20e3", "\ufe0f\u20e3")
    is_picture = unicodedata.category(first) == "So" or first in "\u203c\u2049\u2194\u21aa"
    return is_picture and all(
        unicodedata.category(c) in ("So", "Sk")
        or c in f"{ZWJ}\ufe0f\u2640\u2642\u20e3"
        or "\U000e0020" <= c <= "\U000e007f"
        for c in text[1:]
    )


def clean_short(text: str, limit: int, refusal: type[ChatError]) -> str:
    """Return `text` as a line of at most `limit` characters, perhaps empty, or raise `refusal`."""
    if len(text) > 2 * limit:  # spaces may still be folded, but not this many
        raise refusal(limit=limit)
    line = clean_line(text)
    if len(line) > limit:
        raise refusal(limit=limit)
    return line


def looks_of(name: str) -> str:
    """Return what a reader takes `name` for: names that look alike give the same.

    Accents, case, spaces and invisible characters go, and letters of other scripts that
    look like Latin ones become those. Made for comparing with the few names that nobody
    should borrow, so it says "alike" rather too often.
    """
    letters = "".join(c for c in name if c.isalnum() or len(_decomposed(c)) == 1)  # not "TM"
    folded = _decomposed(letters).translate(_CAPITALS).casefold().translate(_LOOK_ALIKES)
    plain = "".join(c for c in _decomposed(folded) if c.isalnum())
    return plain.replace("rn", "m").replace("vv", "w")


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


# Folded letters that are drawn like Latin ones in most fonts; from looking at them.
_DRAWN_LIKE = {
    "a": "аɑαæᴀ",
    "b": "вʙƅ",
    "c": "сϲᴄ",
    "d": "ԁđð",
    "e": "еεҽє",
    "f": "ƒ",
    "g": "ցɡԍ",
    "h": "һհħн",
    "i": "іɩιıӏl1",
    "j": "јϳ",
    "k": "кκĸ",
    "m": "мм",
    "n": "ոηɴп",
    "o": "оοօøσ0",
    "p": "рρ",
    "q": "ԛզ",
    "r": "гʀ",
    "s": "ѕꜱ",
    "t": "тτ",
    "u": "υսцʋ",
    "v": "νѵ",
    "w": "ԝωш",
    "x": "хχ",
    "y": "уγʏү",
    "z": "ᴢʐ",
}
_CAPITALS = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧВНРСУХ", "abezhikmnoptyxbhpcyx")
_LOOK_ALIKES = str.maketrans({like: it for it, likes in _DRAWN_LIKE.items() for like in likes})


def _is_piled_up(text: str, limit: int) -> bool:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > limit:
            return True
    return False


def _is_refused(character: str) -> bool:
    return character not in _KEPT_CONTROLS and unicodedata.category(character) in ("Cc", "Cs")
