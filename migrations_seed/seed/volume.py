"""A large workspace, written in bulk straight to the collections, to measure with.

A few rooms are large and most are small, in members as in messages. Messages come in the
order they were said, over all rooms, as they would in real life: what one page shows
does not lie together on disk. The same sizes give the same rooms and the same words again.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import accumulate, count, cycle, islice, product
from typing import Any
from uuid import UUID

import click
import pymongo
from bson import ObjectId
from pymongo import WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database

from chatapp.auth.passwords import Passwords
from chatapp.chat import markdown
from chatapp.core.clock import now
from migrations_seed.runner import NO_LIMIT
from migrations_seed.seed.words import COMMON, Chatter, listed

PASSWORD = "garden-gate-7"
FOUNDER = "ana"
NAMED = {"ana": "Ana", "ben": "Ben Okafor", "cleo": "Cleo Marin"}
FIRST_NAMES = listed(
    "Amal Bruno Chiara Dmitri Élise Farid Greta Hana Iker Jun Kofi Lena Milo Nadia Oskar Priya "
    "Quentin Rosa Sami Tove Uma Viktor Wanda Xenia Yusuf Zoë"
)
LAST_NAMES = listed(
    "Adeyemi Bauer Costa Dubois Eriksen Fischer García Haddad Ito Jansen Kowalski Lindqvist "
    "Moreau Nakamura Okafor Petrov Quinn Rossi Sato Tanaka Ueda Varga Weber Yilmaz Zhang"
)

ROOMS_A_PERSON = 10  # there is a person for every so many rooms
ANA_IN_ONE_OF = 10  # rooms
SMALL_ROOM = range(2, 9)  # members
SPAN = timedelta(days=730)  # between the first message and the last
BATCH = 5_000

Document = dict[str, Any]


class HalfFilled(Exception):
    """A load was interrupted here, or this is something else's database."""


def fill(database: Database[Any], rooms: int, messages: int) -> str:
    """Fill an empty database with `rooms` times `messages` messages; say what was done.

    A database in use is left alone.
    """
    if database["workspace"].find_one():
        return "There are people here already; nothing was added."
    if any(database[name].find_one() for name in ("users", "rooms", "messages")):
        raise HalfFilled("This database was left half filled; drop it and begin again.")
    with pymongo.timeout(NO_LIMIT):  # a batch takes the time it takes
        _Workspace(rooms).save(database, rooms * messages)
    return f"Sign in as {', '.join(NAMED)} or anybody else with the password {PASSWORD}."


class _Workspace:
    """Rooms by rank: the first has the most members and the most messages."""

    def __init__(self, rooms: int) -> None:
        self._random = random.Random(f"volume {rooms}")
        self._started = now()
        self._people = dict(islice(_people(), max(len(NAMED), rooms // ROOMS_A_PERSON)))
        self._rooms = [
            (ObjectId(), name, members)
            for name, members in zip(_room_names(), map(self._members, range(rooms)), strict=False)
        ]

    def _members(self, rank: int) -> list[str]:
        """Return who is in a room, its admin first; in the first one everybody is."""
        others = [username for username in self._people if username != FOUNDER]
        wanted = max(self._random.choice(SMALL_ROOM), len(self._people) // (rank + 1))
        chosen = self._random.sample(others, min(wanted, len(others)))
        return [FOUNDER, *chosen] if rank % ANA_IN_ONE_OF == 0 else chosen

    def save(self, database: Database[Any], messages: int) -> None:
        """Write everything; the workspace last, which waits for the journal for all of it."""
        password_hash = Passwords().hash(PASSWORD)  # one for all: hashing a thousand takes long
        _insert(database["users"], (self._user(name, password_hash) for name in self._people))
        _insert(database["rooms"], map(self._room, range(len(self._rooms))))
        _insert(database["room_members"], self._memberships())
        # Waiting for the disk with each batch would take twice as long.
        quick = database["messages"].with_options(write_concern=WriteConcern(w=1, j=False))
        with click.progressbar(self._said(messages), length=messages, label="Messages") as bar:
            _insert(quick, bar)
        database["workspace"].insert_one(
            {"_id": "workspace", "name": "Volume", "invite_nonce": "0", "site_admins": [FOUNDER]}
        )

    def _user(self, username: str, password_hash: str) -> Document:
        display_name = self._people[username]
        is_founder = username == FOUNDER
        return {
            "_id": username,
            "display_name": display_name,
            "folded_name": display_name.casefold(),
            "password_hash": password_hash,
            "created_at": self._started - SPAN,
            "is_site_admin": is_founder,
            "is_active": True,
            "epoch": 0,
            **({"founder": True} if is_founder else {}),
        }

    def _room(self, rank: int) -> Document:
        room_id, name, members = self._rooms[rank]
        return {
            "_id": room_id,
            "name": name,
            "created_at": self._started - SPAN,
            "created_by": members[0],
            "is_open": rank == 0,
            "admins": [members[0]],
            **({"welcomes": True, "listed_as": f"{name}\n".casefold()} if rank == 0 else {}),
        }

    def _memberships(self) -> Iterator[Document]:
        for rank, (room_id, name, members) in enumerate(self._rooms):
            for username in members:
                yield {
                    "_id": {"room_id": room_id, "username": username},
                    "room_name": name,
                    "is_open": rank == 0,
                    "is_room_admin": username == members[0],
                    "added_at": self._started - SPAN,
                    "added_by": members[0],
                }

    def _said(self, messages: int) -> Iterator[Document]:
        ranks = range(len(self._rooms))
        weights = list(accumulate(1 / (rank + 1) for rank in ranks))
        last = [0] * len(ranks)
        texts = Chatter(f"volume {len(ranks)}").texts()
        for number in range(messages):
            (rank,) = self._random.choices(ranks, cum_weights=weights)
            room_id, _, members = self._rooms[rank]
            last[rank] += 1
            yield {
                "_id": ObjectId(),
                "room_id": room_id,
                "seq": last[rank],
                **_words(next(texts)),
                # Some say more than others, and not only the admin.
                "sender": members[int(len(members) * self._random.random() ** 2)],
                "created_at": self._started - SPAN + SPAN * (number / messages),
                "client_id": str(UUID(int=self._random.getrandbits(128), version=4)),
            }


def _insert(collection: Collection[Any], documents: Iterable[Document]) -> None:
    remaining = iter(documents)
    while batch := list(islice(remaining, BATCH)):
        collection.insert_many(batch, ordered=False)


def _words(text: str) -> Document:
    """Return a text as it is stored; `Chatter` says nothing that Markdown would make more of."""
    return {"text": text, "html": f"<p>{text}</p>", "renderer": markdown.VERSION}


def _people() -> Iterator[tuple[str, str]]:
    """Return usernames with display names, without end."""
    yield from NAMED.items()
    for number in count(1):
        for first, last in product(FIRST_NAMES, LAST_NAMES):
            name = f"{first} {last}" if number == 1 else f"{first} {last} {number}"
            yield _username(name), name


def _username(display_name: str) -> str:
    return display_name.translate(_PLAIN).lower().replace(" ", ".")


_PLAIN = str.maketrans("Éëí", "Eei")


def _room_names() -> Iterator[str]:
    yield "General"
    for number, (one, other) in enumerate(cycle(product(COMMON, COMMON)), start=1):
        yield f"{one.capitalize()} {other} {number:05}"
