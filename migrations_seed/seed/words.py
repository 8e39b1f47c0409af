"""Words that look like talk to an index: few are frequent, most are rare, some are not Latin."""

import random
from collections.abc import Iterator
from itertools import accumulate, product


def listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


COMMON = listed(
    "the to a and is it you of that in we for on this have be not I with are so can at just "
    "but was if what do will there my me no they or as from all one out up get would like now "
    "think know see when how go about time your good an some then need here yes thanks could "
    "by make who has let today more should tomorrow too still really our back work did right "
    "look them why after thing again new week done please people maybe sure try first before "
    "last meeting great way only want much any which because over well where down same other "
    "next ready hello release build server plan garden harbour boat tide noon report draft fix "
    "review test page room message file list call later lunch train rain morning evening "
    "monday friday budget order invoice customer question answer idea problem number version"
)
ONSETS = listed("b br d dr f fl g gl h j k kl l m n p pr r s sk st t tr v w z")
VOWELS = listed("a e i o u ai ea ou")
ENDINGS = listed("l m n r s t x nd rk")
ELSEWHERE = listed(
    "καλημέρα θάλασσα αύριο ευχαριστώ λιμάνι "  # Greek
    "привет завтра встреча спасибо море сборка "  # Cyrillic
    "こんにちは 会議 明日は雨です 資料を送りました 港 "  # Japanese, without spaces between words
    "你好 明天开会 谢谢 花园 版本 "
    "مرحبا شكرا غدا الميناء "
    "नमस्ते धन्यवाद कल बैठक "
    "שלום תודה מחר "
    "안녕하세요 회의 내일 "
    "größe façade jalapeño żółw 🌱 🎉 👍🏽 👩‍👩‍👧"
)
MEAN_WORDS = 11  # of a message; half have fewer than eight
MOST_WORDS = 120
ONE_ELSEWHERE_IN = 25  # messages
ONE_RARE_IN = 50


def vocabulary() -> list[str]:
    """Return some 2,000 words, the most frequent first."""
    made = ["".join(parts) for parts in product(ONSETS, VOWELS, ENDINGS)]
    random.Random("vocabulary").shuffle(made)
    return [*COMMON, *made]


class Chatter:
    """Texts without end, the same ones for the same `seed`."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self._words = vocabulary()
        # Zipf's law: the second word is half as frequent as the first, the third a third.
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self._words) + 1)))

    def texts(self) -> Iterator[str]:
        while True:
            length = 1 + min(int(self._random.expovariate(1 / MEAN_WORDS)), MOST_WORDS)
            words = self._random.choices(self._words, cum_weights=self._weights, k=length)
            if self._random.random() < 1 / ONE_ELSEWHERE_IN:
                words.append(self._random.choice(ELSEWHERE))
            if self._random.random() < 1 / ONE_RARE_IN:  # found once, or a few times
                words.append(f"TICKET-{self._random.randrange(10**6)}")
            yield " ".join(words)
