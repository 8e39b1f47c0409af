"""JSON as browsers know it, both ways. Python's own takes and gives more than that.

`NaN` that is told to a room would disconnect every browser in it.
"""

import json
import math
from typing import Any

MAX_DEPTH = 20
MAX_INTEGER = 2**53  # what JSON numbers carry exactly


def loads(text: str) -> Any:
    """Return what `text` says, or raise `ValueError`.

    Refused beside malformed text: NaN and infinities, integers that JavaScript would
    round, keys that come twice, and nesting deeper than 20. Half of a surrogate pair is
    JSON: what a text may hold is asked where texts come in.
    """
    try:
        value = _decoder.decode(text)
    except RecursionError:
        raise ValueError("too deep") from None
    _check(value, MAX_DEPTH)
    return value


def dumps(value: Any, **_options: Any) -> str:
    """Return the text of a value, as short as it can be; a number that is none is refused."""
    return _encoder.encode(value)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


def _check(value: Any, depth: int) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number is too large")
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ValueError("a number is too large")
    elif isinstance(value, list | dict):
        if depth == 0:
            raise ValueError("too deep")
        for part in value.values() if isinstance(value, dict) else value:
            _check(part, depth - 1)


# Made once: `json.loads` and `json.dumps` make one for each call that has options.
_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse)
_encoder = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
