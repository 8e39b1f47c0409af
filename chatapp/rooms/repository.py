"""Rooms and their members, as MongoDB keeps them: one aggregate, two collections."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from chatapp.core.database import Document, Documents, Lookup, object_id
from chatapp.rooms.entities import EVERYTHING, Room, RoomMember, RoomName


class RoomRepository:
    """Collections `rooms` and `room_members`. Absent is None, False or an empty list.

    `rooms.admins` lists the usernames of a room's admins. It exists for one question,
    asked and answered in one atomic write: is there another admin than this one? It may
    lack an admin after a crash, but never names somebody who is none.

    `rooms.listed_as` is what an open room is found by in the directory, and in which order:
    its name and topic, folded. No other room has it, nor one that is archived.

    `rooms.direct` names the people of a direct conversation, which is one for the same people.
    """

    def __init__(self, database: Documents, now: Callable[[], datetime]) -> None:
        self._rooms = database["rooms"]
        self._members = database["room_members"]
        self._now = now
        self._lists = Lookup(self.get_rooms_for_users)

    # Rooms

    def save_room(
        self, name: str, created_by: str, *, is_open: bool = False, welcomes: bool = False
    ) -> Room:
        """Add a room, and `created_by` as its first member and admin.

        A room that `welcomes` takes in every new account, while it is open.
        """
        document: Document = {
            "_id": ObjectId(),
            "name": name,
            "created_at": self._now(),
            "created_by": created_by,
            "is_open": is_open,
            "admins": [created_by],
            **({"listed_as": _listed_as(name, "")} if is_open else {}),
            **({"welcomes": True} if welcomes else {}),
        }
        self._rooms.insert_one(document)
        room = _to_room(document)
        self._add_member(room.id, _copied(room), created_by, created_by, is_room_admin=True)
        return room

    def save_direct(self, people: Iterable[str], created_by: str) -> tuple[Room, list[str]]:
        """Return the direct conversation of these people, and to whom it is new.

        There is one, whoever asks first: the index decides. It is hidden from those to whom
        it is new. Safe to repeat, also where an earlier time was cut off.
        """
        key = " ".join(sorted(people))  # usernames hold no space
        document: Document = {
            "_id": ObjectId(),
            "name": "",
            "created_at": self._now(),
            "created_by": created_by,
            "is_open": False,
            "admins": [],
            "direct": key,
        }
        found = self._rooms.find_one({"direct": key})
        if found is None:
            try:
                self._rooms.insert_one(document)
                found = document
            except DuplicateKeyError:
                found = self._rooms.find_one({"direct": key})
        room = _to_room(found or document)
        copied = {**_copied(room), "is_hidden": True}
        added = [
            username
            for username in room.people
            if self._add_member(room.id, copied, username, created_by, is_room_admin=False)
        ]
        if added:
            self._count_change(room.id)
        return room, added

    def get_room(self, room_id: str) -> Room | None:
        document = self._rooms.find_one({"_id": object_id(room_id)})
        return _to_room(document) if document else None

    def get_welcoming_rooms(self) -> list[Room]:
        """Return the rooms that new accounts begin in."""
        found = [_to_room(document) for document in self._rooms.find({"welcomes": True})]
        return [room for room in found if room.is_open and not room.is_archived]

    def get_listed_rooms(self, sought: str, limit: int) -> list[Room]:
        """Return the first rooms of the directory that have `sought` in name or topic, by name."""
        wanted: Document = {"$gt": "", "$regex": re.escape(sought.casefold())}
        found = self._rooms.find({"listed_as": wanted}).sort("listed_as", 1).limit(limit)
        return [_to_room(document) for document in found]

    def update_room(self, room_id: str, name: str) -> None:
        """Rename a room, here and in every membership; safe to repeat."""
        self._update(room_id, {"name": name}, self._list, self._copy_to_members)

    def update_topic(self, room_id: str, topic: str) -> None:
        self._update(room_id, {"topic": topic}, self._list)

    def update_kind(self, room_id: str, *, is_open: bool) -> None:
        """Open or close a room, here and in every membership; safe to repeat."""
        self._update(room_id, {"is_open": is_open}, self._list, self._copy_to_members)

    def update_archived(self, room_id: str, *, is_archived: bool) -> None:
        """Archive or restore a room, here and in every membership; safe to repeat."""
        self._update(room_id, {"is_archived": is_archived}, self._list, self._copy_to_members)

    def _update(self, room_id: str, change: Document, *copies: Callable[[Room], None]) -> None:
        self._rooms.update_one({"_id": object_id(room_id)}, {"$set": change})
        self._copy(room_id, *copies)

    def _copy(self, room_id: str, *copies: Callable[[Room], None]) -> None:
        """Bring what is kept of a room elsewhere up to date, again if it was changed meanwhile."""
        copied = None
        while (room := self.get_room(room_id)) and room != copied:
            for copy in copies:
                copy(room)
            copied = room

    def _copy_to_members(self, room: Room) -> None:
        self._members.update_many({"_id.room_id": object_id(room.id)}, {"$set": _copied(room)})

    def _list(self, room: Room) -> None:
        """Put the room into the directory or take it out."""
        listed_as = {"listed_as": _listed_as(room.name, room.topic)}
        is_listed = room.is_open and not room.is_archived
        change = {"$set": listed_as} if is_listed else {"$unset": listed_as}
        self._rooms.update_one({"_id": object_id(room.id)}, change)

    # Members

    def add_room_members(
        self, room_id: str, room_name: str, usernames: Iterable[str], added_by: str
    ) -> list[str]:
        """Add members and return the usernames that were new."""
        added = [
            username
            for username in usernames
            if self._add_member(
                room_id, {"room_name": room_name}, username, added_by, is_room_admin=False
            )
        ]
        self._copy(room_id, self._copy_to_members)
        self._count_change(room_id)
        return added

    def _add_member(
        self, room_id: str, copied: Document, username: str, added_by: str, *, is_room_admin: bool
    ) -> bool:
        # One by one: mongomock 4.3 cannot run bulk_write([UpdateOne(...)]).
        added = self._members.update_one(
            {"_id": _member_key(room_id, username)},
            {
                "$setOnInsert": {
                    **copied,
                    "is_room_admin": is_room_admin,
                    "added_at": self._now(),
                    "added_by": added_by,
                }
            },
            upsert=True,
        )
        return added.upserted_id is not None

    def remove_room_members(self, room_id: str, usernames: Iterable[str]) -> bool:
        """Remove members; return False, and change nothing more, at the last admin."""
        is_done = all(self._remove_member(room_id, username) for username in usernames)
        self._count_change(room_id)
        return is_done

    def update_hidden(self, room_id: str, username: str, *, is_hidden: bool) -> bool:
        """Hide a direct conversation from one of its people or show it; False: it was so before."""
        updated = self._members.update_one(
            {"_id": _member_key(room_id, username), "is_hidden": not is_hidden},
            {"$set": {"is_hidden": is_hidden}},
        )
        return bool(updated.matched_count)

    def update_level(self, room_id: str, username: str, level: str) -> None:
        key = _member_key(room_id, username)
        self._members.update_one({"_id": key}, {"$set": {"level": level}})

    def _count_change(self, room_id: str) -> None:
        """Say that the members are others now. Always after the change: see `ChannelManager`."""
        self._rooms.update_one({"_id": object_id(room_id)}, {"$inc": {"members_version": 1}})

    def get_member_versions(self, room_ids: Iterable[str]) -> dict[str, int]:
        """Return how often the members changed, of the rooms that there are."""
        wanted = {"_id": {"$in": [object_id(room_id) for room_id in room_ids]}}
        found = self._rooms.find(wanted, {"members_version": 1})
        return {str(room["_id"]): room.get("members_version", 0) for room in found}

    def _remove_member(self, room_id: str, username: str) -> bool:
        key = _member_key(room_id, username)
        while member := self.get_room_member(room_id, username):
            if member.is_room_admin and not self.remove_room_admin(room_id, username):
                return False
            # Not if they were made an admin just now: then the list has to be asked again.
            self._members.delete_one({"_id": key, "is_room_admin": False})
        return True

    def add_room_admin(self, room_id: str, username: str) -> None:
        # The membership first: after a crash the list may only be too short.
        self._set_admin(room_id, username, is_room_admin=True)
        self._rooms.update_one({"_id": object_id(room_id)}, {"$addToSet": {"admins": username}})
        if not self.is_room_admin(room_id, username):  # unmade or removed meanwhile
            self._unlist_admin(room_id, username)

    def remove_room_admin(self, room_id: str, username: str) -> bool:
        """Make an admin a plain member; return False where there is no other admin."""
        another = [
            {"admins.1": {"$exists": True}},
            {"admins.0": {"$exists": True, "$ne": username}},
        ]
        taken_off = self._rooms.update_one(
            {"_id": object_id(room_id), "$or": another}, {"$pull": {"admins": username}}
        )
        if not taken_off.matched_count:
            return False
        self._set_admin(room_id, username, is_room_admin=False)
        self._unlist_admin(room_id, username)  # made one again meanwhile
        return True

    def _unlist_admin(self, room_id: str, username: str) -> None:
        self._rooms.update_one({"_id": object_id(room_id)}, {"$pull": {"admins": username}})

    def _set_admin(self, room_id: str, username: str, *, is_room_admin: bool) -> None:
        self._members.update_one(
            {"_id": _member_key(room_id, username)}, {"$set": {"is_room_admin": is_room_admin}}
        )

    def get_room_members(self, room_id: str) -> list[RoomMember]:
        """Return the members by username."""
        found = self._members.find({"_id.room_id": object_id(room_id)})
        return sorted(map(_to_member, found), key=lambda member: member.username)

    def get_usernames(self, room_ids: Iterable[str]) -> dict[str, set[str]]:
        """Return who is in each of the rooms that have members, by one query."""
        wanted = {"_id.room_id": {"$in": [object_id(room_id) for room_id in room_ids]}}
        found: dict[str, set[str]] = {}
        for document in self._members.find(wanted, {"_id": 1}):
            found.setdefault(str(document["_id"]["room_id"]), set()).add(
                document["_id"]["username"]
            )
        return found

    def get_member_counts(self, room_ids: Iterable[str]) -> dict[str, int]:
        """Return how many are in each of the rooms that there are."""
        counted = self._members.aggregate(
            [
                {"$match": {"_id.room_id": {"$in": [object_id(room_id) for room_id in room_ids]}}},
                {"$group": {"_id": "$_id.room_id", "members": {"$sum": 1}}},
            ]
        )
        return {str(room["_id"]): room["members"] for room in counted}

    def get_room_member(self, room_id: str, username: str) -> RoomMember | None:
        document = self._members.find_one({"_id": _member_key(room_id, username)})
        return _to_member(document) if document else None

    def is_room_member(self, room_id: str, username: str) -> bool:
        return self.get_room_member(room_id, username) is not None

    def is_room_admin(self, room_id: str, username: str) -> bool:
        member = self.get_room_member(room_id, username)
        return member is not None and member.is_room_admin

    def get_rooms_for_user(self, username: str) -> list[RoomName]:
        """Return the rooms that `username` is in, by name."""
        return self._lists.find(username) or []

    def get_rooms_for_users(self, usernames: Iterable[str]) -> dict[str, list[RoomName]]:
        """Return the rooms of each who is in any, by name, in one query."""
        lists: dict[str, list[RoomName]] = {}
        wanted = {"_id.username": {"$in": list(usernames)}}
        for document in self._members.find(wanted, _IN_A_LIST):
            lists.setdefault(document["_id"]["username"], []).append(_to_name(document))
        for rooms in lists.values():
            rooms.sort(key=lambda room: (room.room_name.casefold(), room.room_id))
        return lists


def _member_key(room_id: str, username: str) -> Document:
    # MongoDB compares embedded documents field by field in order: this order, only here.
    return {"room_id": object_id(room_id), "username": username}


_IN_A_LIST = {
    "room_name": 1,
    "is_open": 1,
    "is_archived": 1,
    "people": 1,
    "is_hidden": 1,
    "level": 1,
}


def _copied(room: Room) -> Document:
    """Return what each membership has of its room, for lists and for the gate."""
    people = {"people": list(room.people)} if room.is_direct else {}
    return {
        "room_name": room.name,
        "is_open": room.is_open,
        "is_archived": room.is_archived,
        **people,
    }


def _listed_as(name: str, topic: str) -> str:
    # A line end comes before whatever a name holds, so the order is that of names.
    return f"{name}\n{topic}".casefold()


def _to_name(document: Document) -> RoomName:
    return RoomName(
        room_id=str(document["_id"]["room_id"]),
        room_name=document["room_name"],
        is_open=document.get("is_open", False),
        is_archived=document.get("is_archived", False),
        people=tuple(document.get("people", ())),
        is_hidden=document.get("is_hidden", False),
        level=document.get("level", EVERYTHING),
    )


def _to_room(document: Document) -> Room:
    return Room(
        id=str(document["_id"]),
        name=document["name"],
        created_at=document["created_at"],
        created_by=document["created_by"],
        is_open=document["is_open"],
        is_archived=document.get("is_archived", False),
        topic=document.get("topic", ""),
        people=tuple(document.get("direct", "").split()),
    )


def _to_member(document: Document) -> RoomMember:
    return RoomMember(
        room_id=str(document["_id"]["room_id"]),
        username=document["_id"]["username"],
        room_name=document["room_name"],
        is_room_admin=document["is_room_admin"],
        added_at=document["added_at"],
        added_by=document["added_by"],
        is_open=document.get("is_open", False),
        is_archived=document.get("is_archived", False),
        people=tuple(document.get("people", ())),
        is_hidden=document.get("is_hidden", False),
        level=document.get("level", EVERYTHING),
    )
