"""O: what a database could take for more than a value."""

OPERATORS: dict[str, object] = {
    "greater than": {"$gt": ""},
    "not null": {"$ne": None},
    "any text": {"$regex": ".*"},
    "in": {"$in": [""]},
    "exists": {"$exists": True},
    "where": {"$where": "1"},
    "expression": {"$expr": {}},
    "nested": {"a": {"$gt": ""}},
    "empty list": [],
    "list of a text": [""],
    "empty object": {},
    "null": None,
    "true": True,
    "one": 1,
    "one and a half": 1.5,
    "empty text": "",
    "an operator's name": "$gt",
    "a dotted key": "a.b",
    "a prototype": "__proto__",
    "a constructor": "constructor",
}
