"""The one way in for text that people type."""

import re
import unicodedata

from chatapp.core.errors import BadText, ChatError, UnknownEmoji

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


EMOJI_STYLE = "\ufe0f"  # asks for the picture of a character that is drawn as text too
_KEYCAP = re.compile(r"[#*0-9]\ufe0f?\u20e3")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_HANGING = re.compile("[\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*")
_MORE_PICTURES = "\u203c\u2049\u2139\u2194\u25fb\u25fc\u25fd\u25fe\u2934\u2935\u3030\u303d"
"""Emoji that Unicode counts among punctuation, arrows and the like."""


def is_emoji(text: str) -> bool:
    """Return whether `text` looks like one emoji: a picture, or several that are joined to one.

    Nothing that can be read is let through, which is all that matters to those who see it.
    """
    if not 1 <= len(text) <= MAX_EMOJI:
        return False
    if _KEYCAP.fullmatch(text) or _FLAG.fullmatch(text):
        return True
    parts = text.split(ZWJ)
    return all(_is_picture(part[:1]) and _HANGING.fullmatch(part, 1) for part in parts)


def _is_picture(character: str) -> bool:
    if not character or _FLAG.fullmatch(2 * character):  # half a flag is a letter
        return False
    category = unicodedata.category(character)
    # This Unicode may be older than the emoji: what it does not know there becomes one.
    is_newer = category == "Cn" and "\U0001f300" <= character <= "\U0001faff"
    return category == "So" or is_newer or character in _MORE_PICTURES


def clean_emoji(text: str) -> str:
    """Return `text` as one emoji, or raise `UnknownEmoji`."""
    if not is_emoji(text):
        raise UnknownEmoji()
    return unicodedata.normalize("NFC", text)


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
