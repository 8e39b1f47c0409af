"""The rules of reactions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chatapp.auth.entities import User
from chatapp.chat.entities import Extra, Message
from chatapp.chat.log import Log, Names
from chatapp.chat.service import MessageService
from chatapp.core.events import Event
from chatapp.core.text import clean_emoji
from chatapp.reactions.entities import Mine, kind_of
from chatapp.reactions.errors import TooManyReactions
from chatapp.reactions.events import ReactionAdded, ReactionEvent, ReactionRemoved
from chatapp.reactions.repository import MAX_KINDS, ReactionRepository
from chatapp.rooms.access import RoomAccess

SHOWN = 20
"""People of each kind that come with a message: enough to see whether one is among them."""
LISTED = 1_000
"""People of each kind in the list of all: those who came last, where there are more."""


class ReactionService:
    def __init__(
        self,
        access: RoomAccess,
        messages: MessageService,
        reactions: ReactionRepository,
        log: Log,
        names: Names,
        publish: Callable[[Event], None],
    ) -> None:
        self._access = access
        self._messages = messages
        self._reactions = reactions
        self._log = log
        self._names = names
        self._publish = publish

    def add(self, actor: User, room_id: str, message_id: str, emoji: str) -> Message:
        """React to a message. With an emoji that one has put there already nothing changes."""
        message = self._messages.find(actor, room_id, message_id)
        kind = kind_of(emoji := clean_emoji(emoji))
        while not (there := self._reactions.get_kinds(message.id, actor.username)).get(kind):
            if kind not in there and len(there) >= MAX_KINDS:
                raise TooManyReactions(limit=MAX_KINDS)
            changed = self._reactions.add_reaction(message.id, emoji, actor.username, there)
            if changed:
                return self._tell(actor, changed, emoji, ReactionAdded)
            message = self._messages.find(actor, room_id, message_id)  # somebody was first
        return message

    def remove(self, actor: User, room_id: str, message_id: str, emoji: str) -> Message:
        """Take a reaction back. Where there is none of one's own nothing changes."""
        message = self._messages.find(actor, room_id, message_id)
        kind = kind_of(emoji := clean_emoji(emoji))
        while (there := self._reactions.get_kinds(message.id, actor.username)).get(kind):
            changed = self._reactions.remove_reaction(message.id, emoji, actor.username, there)
            if changed:
                return self._tell(actor, changed, emoji, ReactionRemoved)
            message = self._messages.find(actor, room_id, message_id)  # as above
        return message

    def _tell(
        self, actor: User, message: Message, emoji: str, kind: type[ReactionEvent]
    ) -> Message:
        told = kind(
            room_id=message.room_id,
            message_id=message.id,
            changes=message.changes,
            emoji=emoji,
            username=actor.username,
        )
        # One's own pages first: the row that follows may not say whether one is among them.
        self._publish(told)
        self._log.tell_changed(actor, message)
        return message

    # Reading

    def of_message(self, actor: User, room_id: str, message_id: str) -> list[dict[str, Any]]:
        """Return all reactions to a message, with the people who came last: at most `LISTED`."""
        message = self._messages.read(actor, room_id, message_id)
        return _with_names(self._reactions, self._names, [message.id], LISTED).get(message.id, [])

    def mine(self, actor: User, room_id: str, message_ids: Iterable[str]) -> Mapping[str, Mine]:
        """Return what the actor has put on messages of a room; others are left out."""
        membership = self._access.member(actor, room_id)
        return self._reactions.get_mine(membership.room_id, message_ids, actor.username)


def reacting(reactions: ReactionRepository, names: Names) -> Extra:
    """Return the `Extra` that brings reactions: by one query, and none where nothing changed."""

    def hanging(actor: User, messages: Sequence[Message]) -> Mapping[str, Any]:
        touched = [one.id for one in messages if one.changes and not one.is_deleted]
        return _with_names(reactions, names, touched, SHOWN) if touched else {}

    return hanging


def _with_names(
    reactions: ReactionRepository, names: Names, message_ids: Iterable[str], most: int
) -> dict[str, list[dict[str, Any]]]:
    found = reactions.get_reactions(message_ids, most)
    people = {who for given in found.values() for one in given for who in one.people}
    called = names(people) if people else {}
    return {
        message_id: [one.public(called) for one in given] for message_id, given in found.items()
    }
