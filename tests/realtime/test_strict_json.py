"""JSON as browsers know it: corpus J of the threats, both ways."""

import json

import pytest

from chatapp.realtime import strict_json
from tests.corpora.json_texts import J

TAKEN = {
    "minus zero": ("-0", 0),
    "2^53": (str(2**53), 2**53),
    "a fraction": ("-1.5e3", -1500.0),
    "depth 20": ("[" * 20 + "]" * 20, None),
    "half of a surrogate pair": ('"\\ud800"', "\ud800"),
    "an escaped NUL": ('"\\u0000"', "\0"),
    "the same key in two objects": ('[{"a":1},{"a":2}]', [{"a": 1}, {"a": 2}]),
    "constants": ("[true,false,null]", [True, False, None]),
    "prototypes": ('{"__proto__":{}}', {"__proto__": {}}),
}


@pytest.mark.parametrize("text", J.values(), ids=J)
def test_I2_what_is_no_json_is_refused(text: str) -> None:
    for nested in (text, f"[0,{text}]", f'{{"a":{text}}}'):
        with pytest.raises(ValueError):  # noqa: PT011 - of several kinds; that is what is caught
            strict_json.loads(nested)


@pytest.mark.parametrize(("text", "value"), TAKEN.values(), ids=TAKEN)
def test_I2_what_is_json_is_taken(text: str, value: object) -> None:
    found = strict_json.loads(text)

    assert found == (json.loads(text) if value is None else value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_I2_what_is_no_json_is_not_said(number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        strict_json.dumps({"a": [number]})
