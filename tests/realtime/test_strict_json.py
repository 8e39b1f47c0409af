"""JSON as browsers know it: corpus J of the threats, both ways."""

import json

import pytest

from chatapp.realtime import strict_json

REFUSED = {
    "NaN": "NaN",
    "infinity": "Infinity",
    "minus infinity": "-Infinity",
    "a number past all numbers": "1e400",
    "and below": "-1e400",
    "2^53 + 1": str(2**53 + 1),
    "2^63": str(2**63),
    "2^70": str(-(2**70)),
    "five thousand digits": "9" * 5000,
    "depth 21": "[" * 21 + "]" * 21,
    "depth 500": "[" * 500 + "]" * 500,
    "depth 100,000": "[" * 100_000 + "]" * 100_000,
    "depth 100,000 of objects": '{"a":' * 100_000,
    "a key twice": '{"a":1,"a":2}',
    "a key twice inside": '[{"b":{"a":1,"\\u0061":2}}]',
    "cut off": '{"a":1',
    "a byte order mark": "\ufeff{}",
    "a trailing comma": "[1,]",
    "a comment": "[1] // one",
    "single quotes": "{'a':1}",
    "two values": "1 2",
    "a raw control character": '"\x00"',
    "nothing": "",
    "leading zeros": "01",
    "hexadecimal": "0x10",
}
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


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
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
