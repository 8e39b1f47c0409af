"""Messages, as MongoDB keeps them."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import uuid4

from bson import ObjectId
from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteError

from chatapp.chat.entities import SAID, Draft, Message, Pin, Saved, Version
from chatapp.core.database import Document, Documents, StorageError, object_id

DUPLICATE_KEY = 11000
_READ = {"earlier": 0, "reactions": 0}
"""What is read of a message: not its earlier versions, which few ask for, nor what a feature
keeps in it, who reads that itself."""
_OF_WORDS = ("html", "renderer", "earlier", "edits", "edited_at", "reply_to", "pin", "reactions")
"""What goes with the words when a message is deleted."""


class MessageRepository:
    """Collection `messages`. Two unique indexes carry its promises:

    `(room_id, seq)` gives one gapless order, `(room_id, sender, client_id)` makes
    posting repeatable. A third, `(pin.room_id, pin.place)`, keeps pins in places of their own.
    """

    def __init__(self, database: Documents, now: Callable[[], datetime]) -> None:
        self._messages = database["messages"]
        self._now = now
        self._heads: dict[str, int] = {}

    # Adding

    def save_message(
        self, room_id: str, text: str, sender: str, client_id: str | None = None
    ) -> tuple[Message, bool]:
        """Add a message and return it with True, or the first of this `client_id` with False."""
        draft = Draft(text=text, sender=sender, client_id=client_id)
        (saved,) = self.save_messages(room_id, [draft])
        if isinstance(saved, Exception):
            raise saved
        return saved.message, saved.is_new

    def save_messages(self, room_id: str, drafts: Sequence[Draft]) -> list[Saved | Exception]:
        """Add messages in their order, by one write where nobody comes between.

        For each the outcome: saved, or a `StorageError` that says nothing of the others.

        `seq` is inserted as last + 1, never counted beforehand: a counter would let 6 be
        seen before 5, and leave a hole after a crash. The last `seq` is remembered as a
        guess; where another writer was first, the index says so and we look again.
        """
        left = [_to_document(room_id, draft) for draft in drafts]
        outcomes: list[Saved | Exception] = []
        while left:
            try:
                count, refusal = self._insert(room_id, left)
                outcomes += [Saved(message=_to_message(done), is_new=True) for done in left[:count]]
                left = left[count:]
                if refusal and (outcome := self._settle(left[0], refusal)):
                    outcomes.append(outcome)
                    left = left[1:]
            except StorageError as error:  # of all that are left the outcome is unknown
                return [*outcomes, *[error] * len(left)]
        return outcomes

    def _insert(self, room_id: str, documents: list[Document]) -> tuple[int, Document | None]:
        """Return how many were inserted, and why the next one was not."""
        head = self._heads.get(room_id) or self.get_head(room_id)
        now = self._now()
        for seq, document in enumerate(documents, start=head + 1):
            document |= {"seq": seq, "created_at": now}
        try:
            self._messages.insert_many(documents)
        except BulkWriteError as error:
            self._heads.pop(room_id, None)
            if not error.details["writeErrors"]:
                raise  # written, but not known to be durable
            refusal: Document = error.details["writeErrors"][0]
            return refusal["index"], refusal
        self._heads[room_id] = head + len(documents)
        return len(documents), None

    def _settle(self, document: Document, refusal: Document) -> Saved | Exception | None:
        """Return the outcome for a document that was refused; None: another `seq` may do."""
        if refusal["code"] != DUPLICATE_KEY:
            return WriteError(refusal.get("errmsg", ""), refusal["code"], refusal)
        first = self._find_first(document)
        return Saved(message=_to_message(first), is_new=False) if first else None

    def _find_first(self, document: Document) -> Document | None:
        return self._messages.find_one(
            {name: document[name] for name in ("room_id", "sender", "client_id")}, _READ
        )

    # Changing

    def touch(self, message_id: str) -> Message | None:
        """Note that what hangs on a message has changed, and return the message."""
        return self.change({"_id": object_id(message_id)}, {})

    def edit_message(self, message: Message, text: str, html: str, renderer: int) -> Message | None:
        """Give a message other words and keep those it has, by one write.

        Return None, and change nothing, where it was edited or deleted since it was read.
        """
        as_read = {
            "_id": ObjectId(message.id),
            "edits": message.edits or None,
            "deleted_at": None,
        }
        written_at = message.edited_at or message.created_at
        words = {"text": text, "html": html, "renderer": renderer, "edited_at": self._now()}
        earlier = {"text": message.text, "written_at": written_at}
        return self.change(
            as_read, {"$set": words, "$push": {"earlier": earlier}, "$inc": {"edits": 1}}
        )

    def delete_message(self, message_id: str, by: str) -> Message | None:
        """Take a message's words away, all it ever had; return None where that is done already."""
        return self.change(
            {"_id": object_id(message_id), "deleted_at": None},
            {
                "$set": {"text": "", "deleted_at": self._now(), "deleted_by": by},
                "$unset": dict.fromkeys(_OF_WORDS, ""),
            },
        )

    def pin_message(self, message: Message, by: str, place: int) -> Message | None:
        """Pin a message in a place of its room, by one write.

        Return None where the place is taken by now, or the message is pinned or deleted.
        """
        room_id = ObjectId(message.room_id)  # once more: an index that most messages are not in
        pin = {"room_id": room_id, "place": place, "at": self._now(), "by": by}
        try:
            return self.change(
                {"_id": ObjectId(message.id), "deleted_at": None, "pin": None},
                {"$set": {"pin": pin}},
            )
        except DuplicateKeyError:
            return None

    def unpin_message(self, message_id: str) -> Message | None:
        """Unpin a message; return None where it is not pinned."""
        return self.change(
            {"_id": object_id(message_id), "pin.place": {"$gte": 0}}, {"$unset": {"pin": ""}}
        )

    def change(self, which: Document, how: Document) -> Message | None:
        """Change the message that `which` finds, by one write, and count it.

        Also for features that keep what hangs on a message in it, under their own name.
        """
        counted = {
            **how,
            "$set": {**how.get("$set", {}), "changed_at": self._now()},
            "$inc": {**how.get("$inc", {}), "changes": 1},
        }
        changed = self._messages.find_one_and_update(
            which, counted, _READ, return_document=ReturnDocument.AFTER
        )
        return _to_message(changed) if changed else None

    # Reading

    def get_message(self, message_id: str) -> Message | None:
        document = self._messages.find_one({"_id": object_id(message_id)}, _READ)
        return _to_message(document) if document else None

    def get_message_at(self, room_id: str, seq: int) -> Message | None:
        document = self._messages.find_one({"room_id": object_id(room_id), "seq": seq}, _READ)
        return _to_message(document) if document else None

    def get_messages_by_id(self, message_ids: Iterable[str]) -> list[Message]:
        wanted = {"_id": {"$in": [object_id(message_id) for message_id in message_ids]}}
        return list(map(_to_message, self._messages.find(wanted, _READ)))

    def get_versions(self, message_id: str) -> list[Version]:
        """Return the words that a message had before, oldest first; those of now are no part."""
        found = self._messages.find_one({"_id": object_id(message_id)}, {"earlier": 1}) or {}
        return [Version(**earlier) for earlier in found.get("earlier", ())]

    def get_messages(
        self, room_id: str, before: int | None = None, after: int | None = None, limit: int = 40
    ) -> list[Message]:
        """Return at most `limit` messages of a room, oldest first.

        `before` and `after` are `seq` numbers, both exclusive. With `after` the page
        starts there; otherwise it ends at the newest, or just short of `before`.
        """
        bounds = {"$lt": before, "$gt": after}
        wanted: Document = {"room_id": object_id(room_id)}
        if seq := {name: bound for name, bound in bounds.items() if bound is not None}:
            wanted["seq"] = seq
        found = self._messages.find(wanted, _READ).sort("seq", 1 if after is not None else -1)
        return sorted(map(_to_message, found.limit(limit)), key=lambda message: message.seq)

    def get_messages_around(self, room_id: str, seq: int, limit: int) -> list[Message]:
        """Return `limit` messages with the one of this `seq` in the middle, fewer at an end."""
        before = self.get_messages(room_id, before=seq, limit=limit // 2) if limit > 1 else []
        return before + self.get_messages(room_id, after=seq - 1, limit=limit - limit // 2)

    def get_head(self, room_id: str) -> int:
        """Return the highest `seq` of a room, 0 where there is none."""
        last = self._messages.find_one(
            {"room_id": object_id(room_id)}, {"seq": 1}, sort=[("seq", -1)]
        )
        return int(last["seq"]) if last else 0

    def get_heads(self, room_ids: Iterable[str]) -> dict[str, int]:
        """Return the highest `seq` of each of the rooms that has one, by one query."""
        heads = self._messages.aggregate(
            [
                {"$match": {"room_id": {"$in": [object_id(room_id) for room_id in room_ids]}}},
                # Exactly so, MongoDB jumps from head to head in the index.
                {"$sort": {"room_id": -1, "seq": -1}},
                {"$group": {"_id": "$room_id", "seq": {"$first": "$seq"}}},
            ]
        )
        return {str(head["_id"]): head["seq"] for head in heads}

    def get_last_times(self, room_ids: Iterable[str]) -> dict[str, datetime]:
        """Return when the last message of each of the rooms that has one was written."""
        found = self._messages.aggregate(
            [
                {"$match": {"room_id": {"$in": [object_id(room_id) for room_id in room_ids]}}},
                {"$sort": {"room_id": -1, "seq": -1}},  # as above
                {"$group": {"_id": "$room_id", "created_at": {"$first": "$created_at"}}},
            ]
        )
        return {str(last["_id"]): last["created_at"] for last in found}

    def get_pinned(self, room_id: str) -> list[Message]:
        """Return the pinned messages of a room, the newest pin first."""
        pinned = self._messages.find({"pin.room_id": object_id(room_id)}, _READ)
        found = sorted(pinned, key=lambda one: one["pin"]["at"])
        return [_to_message(document) for document in reversed(found)]

    # What has changed. Told by the time: a number could not be counted up and written at once,
    # so who asks goes back by more than any write takes.

    def get_changed(self, room_id: str, since: datetime, up_to: int, limit: int) -> list[Message]:
        """Return messages up to a `seq` that changed since a moment: the `limit` changed last."""
        changed: Document = {
            "room_id": object_id(room_id),
            "seq": {"$lte": up_to},
            "changed_at": {"$gte": since},
        }
        found = self._messages.find(changed, _READ).sort("changed_at", -1)
        return list(map(_to_message, found.limit(limit)))

    def get_changes(self, room_ids: Iterable[str], since: datetime) -> dict[str, dict[str, int]]:
        """Return how often each message changed that did since a moment, by room and message."""
        rooms = [object_id(room_id) for room_id in room_ids]
        changed: Document = {"room_id": {"$in": rooms}, "changed_at": {"$gte": since}}
        counts: dict[str, dict[str, int]] = {}
        for found in self._messages.find(changed, {"room_id": 1, "changes": 1}):
            counts.setdefault(str(found["room_id"]), {})[str(found["_id"])] = found["changes"]
        return counts


class RenderingRepository:
    """Collection `renderings`: how far the messages have been rendered again, by the version that
    does it; and the renderings of messages, which are no change of them.
    """

    def __init__(self, database: Documents) -> None:
        self._renderings = database["renderings"]
        self._messages = database["messages"]
        # Can be made again, so it need not be durable at once: `advance` waits for what was before.
        self._hasty = self._messages.with_options(write_concern=WriteConcern(w=1))

    def get_place(self, version: int) -> str | None:
        """Return the id of the last message looked at, "" before the first, None when all were."""
        place = self._renderings.find_one({"_id": version}) or {"after": ""}
        after: str | None = place["after"]
        return after

    def advance(self, version: int, before: str, after: str | None) -> bool:
        """Move on from one place to another; return False where somebody else has moved on."""
        if not before:
            with suppress(DuplicateKeyError):
                self._renderings.insert_one({"_id": version, "after": ""})
        moved = self._renderings.update_one(
            {"_id": version, "after": before}, {"$set": {"after": after}}
        )
        return moved.modified_count == 1

    def get_texts(self, after: str, limit: int) -> list[Message]:
        """Return the next messages in the order of their ids, of all rooms."""
        wanted: Document = {"_id": {"$gt": ObjectId(after)}} if after else {}
        return [
            _to_message(found)
            for found in self._messages.find(wanted, _READ).sort("_id", 1).limit(limit)
        ]

    def save_rendering(self, message: Message) -> None:
        """Keep how a message is shown, unless its text is another by now."""
        self._hasty.update_one(
            {"_id": ObjectId(message.id), "text": message.text},
            {"$set": {"html": message.html, "renderer": message.renderer}},
        )


def _to_document(room_id: str, draft: Draft) -> Document:
    """Leave out what most messages do not have."""
    optional = {
        "kind": draft.kind if draft.kind != SAID else None,
        "about": dict(draft.about),
        "html": draft.html,
        "renderer": draft.renderer,
        "reply_to": object_id(draft.reply_to or ""),
        "thread": object_id(draft.thread or ""),
    }
    return {
        "_id": ObjectId(),
        "room_id": ObjectId(room_id),
        "text": draft.text,
        "sender": draft.sender,
        "client_id": draft.client_id or str(uuid4()),
        **{name: value for name, value in optional.items() if value},
    }


def _to_message(document: Document) -> Message:
    reply_to, thread = document.get("reply_to"), document.get("thread")
    pin = document.get("pin")
    return Message(
        id=str(document["_id"]),
        room_id=str(document["room_id"]),
        seq=document["seq"],
        text=document["text"],
        sender=document["sender"],
        created_at=document["created_at"],
        client_id=document["client_id"],
        kind=document.get("kind", SAID),
        about=document.get("about", {}),
        html=document.get("html"),
        renderer=document.get("renderer", 0),
        reply_to=str(reply_to) if reply_to else None,
        thread=str(thread) if thread else None,
        edited_at=document.get("edited_at"),
        edits=document.get("edits", 0),
        deleted_at=document.get("deleted_at"),
        deleted_by=document.get("deleted_by"),
        pin=Pin(place=pin["place"], at=pin["at"], by=pin["by"]) if pin else None,
        changes=document.get("changes", 0),
        changed_at=document.get("changed_at"),
    )
