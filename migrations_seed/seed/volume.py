"""Many rooms and messages, written in bulk straight to the collections."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import click
from bson import ObjectId
from pymongo.collection import Collection
from pymongo.database import Database

from chatapp.chat import markdown
from chatapp.core.clock import now

BATCH = 10_000
SENDER = "volume"
WORDS = ("the", "tide", "turns", "at", "noon", "so", "bring", "the", "boat", "round", "again")

Document = dict[str, Any]


def fill(database: Database[Any], rooms: int, messages: int) -> None:
    """Add `rooms` rooms of one member called `volume`, each with `messages` messages."""
    started = now()
    ids = [ObjectId() for _ in range(rooms)]
    _insert(database["rooms"], (_room(id_, number, started) for number, id_ in enumerate(ids)))
    _insert(
        database["room_members"], (_member(id_, number, started) for number, id_ in enumerate(ids))
    )
    everything = (_message(id_, seq, started) for id_ in ids for seq in range(1, messages + 1))
    with click.progressbar(everything, length=rooms * messages, label="Messages") as bar:
        _insert(database["messages"], bar)


def _insert(collection: Collection[Any], documents: Iterable[Document]) -> None:
    remaining = iter(documents)
    while batch := list(islice(remaining, BATCH)):
        collection.insert_many(batch, ordered=False)


def _room(id_: ObjectId, number: int, started: datetime) -> Document:
    return {
        "_id": id_,
        "name": _name(number),
        "created_at": started,
        "created_by": SENDER,
        "is_open": False,
        "admins": [SENDER],
    }


def _member(id_: ObjectId, number: int, started: datetime) -> Document:
    return {
        "_id": {"room_id": id_, "username": SENDER},
        "room_name": _name(number),
        "is_room_admin": True,
        "added_at": started,
        "added_by": SENDER,
    }


def _message(id_: ObjectId, seq: int, started: datetime) -> Document:
    text = f"{' '.join(_words(seq))} #{seq}"
    return {
        "room_id": id_,
        "seq": seq,
        "text": text,
        "html": f"<p>{text}</p>",  # as the renderer would, in no time
        "renderer": markdown.VERSION,
        "sender": SENDER,
        "created_at": started + timedelta(milliseconds=seq),
        "client_id": f"volume-{seq}",
    }


def _words(seq: int) -> Iterator[str]:
    return (WORDS[(seq * 7 + place) % len(WORDS)] for place in range(4 + seq % 9))


def _name(number: int) -> str:
    return f"Volume {number:05}"
