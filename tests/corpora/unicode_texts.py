"""U: texts that look like others, hide, reorder, grow, or cannot be stored."""

U_REFUSED: dict[str, str] = {
    "half of a surrogate pair": "a\ud800b",
    "the other half": "\udc00",
    "NUL": "a\x00b",
    "escape": "\x1b[31mred",
    "a C1 control": "a\x85b",
    "delete": "a\x7fb",
    "Zalgo": "Z\u0301\u0302\u0303\u0304\u0305\u0306algo",
    "4,000 combining marks": "a" + "\u0301" * 3_999,
}
U_TAKEN: dict[str, str] = {
    "right-to-left override": "a\u202edoc.exe",
    "isolates": "\u2066a\u2067b\u2068c\u2069",
    "zero width": "a\u200bb\u200cc\u200dd\u2060e\ufefff",
    "fillers": "\u3164\u115f\u1160\uffa0 x",
    "tags": "flag \U0001f3f4\U000e0067\U000e0062\U000e007f",
    "the longest ligature": "\ufdfa" * 100,
    "Turkish i": "İıIi",
    "sharp s": "ßẞ",
    "fullwidth": "ｆｕｌｌ",
    "Arabic": "مرحبا بالعالم",
    "Hebrew with points": "שָׁלוֹם",
    "Thai": "น้ำ กี่ ที่",
    "Devanagari": "क्षत्रिय",
    "an emoji family": "👨‍👩‍👧‍👦",
    "flags": "🇫🇷🇯🇵",
    "decomposed": "e\u0301",
    "composed": "\u00e9",
    "noncharacter": "a\ufffeb",
    "private use": "\ue000\U0010fffd",
    "line separators": "a\u2028b\u2029c",
}
