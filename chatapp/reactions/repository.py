"""Reactions, as MongoDB keeps them: in the message, so that one write changes and counts."""

from collections.abc import Iterable, Mapping

from chatapp.chat.entities import Message
from chatapp.chat.repository import MessageRepository
from chatapp.core.database import Document, Documents, object_id
from chatapp.reactions.entities import Mine, Reaction, kind_of

MAX_KINDS = 20  # of one message


class ReactionRepository:
    """`reactions` in `messages`: a list of `{kind, emoji, people}`, the people as they came.

    A kind is found by its place in the list. Each write names what it expects there, and changes
    nothing where somebody else was first.
    """

    def __init__(self, database: Documents, messages: MessageRepository) -> None:
        self._documents = database["messages"]
        self._messages = messages

    # Changing

    def get_kinds(self, message_id: str, username: str) -> dict[str, bool]:
        """Return the kinds of reactions in their order, and of each whether it is theirs too."""
        found = self._documents.aggregate(
            [
                {"$match": {"_id": object_id(message_id)}},
                {"$unwind": "$reactions"},
                {"$project": {"kind": "$reactions.kind", "people": "$reactions.people"}},
                {"$project": {"kind": 1, "is_theirs": {"$in": [_said(username), "$people"]}}},
            ]
        )
        return {one["kind"]: one["is_theirs"] for one in found}

    def add_reaction(
        self, message_id: str, emoji: str, username: str, there: Iterable[str]
    ) -> Message | None:
        """Add a reaction where the kinds `there` still are; return the message, or None."""
        kind, kinds = kind_of(emoji), list(there)
        if kind in kinds:
            place = f"reactions.{kinds.index(kind)}"
            expected: Document = {f"{place}.kind": kind, f"{place}.people": {"$ne": username}}
            return self._change(message_id, expected, {"$push": {f"{place}.people": username}})
        expected = {
            "reactions.kind": {"$ne": kind},
            f"reactions.{MAX_KINDS - 1}": {"$exists": False},
        }
        reaction = {"kind": kind, "emoji": emoji, "people": [username]}
        return self._change(message_id, expected, {"$push": {"reactions": reaction}})

    def remove_reaction(
        self, message_id: str, emoji: str, username: str, there: Iterable[str]
    ) -> Message | None:
        """Remove a reaction likewise; with the last one of its kind the kind is gone.

        `$pullAll`, because mongomock 4.3 does not follow the place in a `$pull`.
        """
        kind, kinds = kind_of(emoji), list(there)
        place = f"reactions.{kinds.index(kind)}"
        alone: Document = {f"{place}.kind": kind, f"{place}.people": [username]}
        among: Document = {
            f"{place}.kind": kind,
            f"{place}.people": username,
            f"{place}.people.1": {"$exists": True},
        }
        return self._change(
            message_id, among, {"$pullAll": {f"{place}.people": [username]}}
        ) or self._change(message_id, alone, {"$pull": {"reactions": {"kind": kind}}})

    def _change(self, message_id: str, expected: Document, how: Document) -> Message | None:
        which = {"_id": object_id(message_id), "deleted_at": None, **expected}
        return self._messages.change(which, how)

    # Reading

    def get_reactions(self, message_ids: Iterable[str], most: int) -> dict[str, list[Reaction]]:
        """Return the reactions to each message that has some, each with the last `most` people."""
        found = self._documents.aggregate(
            [
                {"$match": {"_id": {"$in": [object_id(one) for one in message_ids]}}},
                {"$unwind": "$reactions"},
                {
                    "$project": {
                        "emoji": "$reactions.emoji",
                        "count": {"$size": "$reactions.people"},
                        "people": {"$slice": ["$reactions.people", -most]},
                    }
                },
            ]
        )
        reactions: dict[str, list[Reaction]] = {}
        for one in found:
            people = tuple(one["people"])
            reaction = Reaction(emoji=one["emoji"], count=one["count"], people=people)
            reactions.setdefault(str(one["_id"]), []).append(reaction)
        return reactions

    def get_mine(
        self, room_id: str, message_ids: Iterable[str], username: str
    ) -> Mapping[str, Mine]:
        """Return what a person has put on each of the messages that are in the room."""
        found = self._documents.aggregate(
            [
                {
                    "$match": {
                        "_id": {"$in": [object_id(one) for one in message_ids]},
                        "room_id": object_id(room_id),
                    }
                },
                {
                    "$project": {
                        "changes": 1,
                        "reactions": {
                            "$filter": {
                                "input": {"$ifNull": ["$reactions", []]},
                                "as": "one",
                                "cond": {"$in": [_said(username), "$$one.people"]},
                            }
                        },
                    }
                },
                {"$project": {"changes": 1, "emoji": "$reactions.emoji"}},
            ]
        )
        return {
            str(one["_id"]): Mine(emoji=tuple(one["emoji"]), changes=one.get("changes", 0))
            for one in found
        }


def _said(text: str) -> Document:
    """Return what stands for `text` itself, whatever it begins with."""
    return {"$literal": text}
