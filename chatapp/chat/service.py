"""The rules of messages."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from chatapp.auth.entities import User
from chatapp.chat import markdown
from chatapp.chat.entities import Draft, History, Message, Version, mark_of, moment_of
from chatapp.chat.errors import (
    EditedTooOften,
    MessageEmpty,
    MessageGone,
    MessageNotFound,
    MessageNotYours,
    MessageTooLong,
)
from chatapp.chat.log import Log
from chatapp.chat.repository import MessageRepository
from chatapp.core.space import Space
from chatapp.core.text import clean
from chatapp.rooms.access import RoomAccess
from chatapp.rooms.entities import RoomMember
from chatapp.rooms.service import RoomService

MAX_LENGTH = 4_000  # characters, at most 16 kB
PAGE = 40
MAX_EDITS = 100
MAX_CHANGED = 200
OVERLAP = timedelta(seconds=30)
"""A change is told of with the time before it is written: longer than any write can take, and
than the clocks of two processes are apart."""


class MessageService:
    def __init__(
        self,
        access: RoomAccess,
        rooms: RoomService,
        messages: MessageRepository,
        log: Log,
        space: Space,
        now: Callable[[], datetime],
    ) -> None:
        self._access = access
        self._rooms = rooms
        self._messages = messages
        self._log = log
        self._space = space
        self._now = now

    def post(
        self,
        actor: User,
        room_id: str,
        text: str,
        client_id: str | None = None,
        reply_to: str | None = None,
    ) -> Message:
        """Say `text` in a room. When this returns, the message survives any crash.

        Asked again with the same `client_id` it returns the first message and tells
        nobody, so after an unknown outcome asking again is always right. `reply_to` is the id
        of the message in this room that it answers, which may be deleted by now.
        """
        membership = self._access.writer(actor, room_id)
        self._space.check()
        text = _checked(text)
        if reply_to is not None:
            reply_to = self._find(membership, reply_to).id
        (html,) = markdown.render_all([text])
        draft = Draft(
            text=text,
            html=html,
            renderer=markdown.VERSION,
            sender=actor.username,
            client_id=client_id,
            reply_to=reply_to,
        )
        names = {actor.username: actor.display_name}
        message = self._log.add(membership.room_id, draft, actor, names)
        # After it was saved, also for the second time: whoever hides it meanwhile sees it again.
        if membership.is_direct:
            self._rooms.reveal(actor, membership.room_id)
        return message

    def edit(self, actor: User, room_id: str, message_id: str, text: str) -> Message:
        """Say it in other words; those it had are kept. Again in the same words is no edit."""
        message = self.find(actor, room_id, message_id)
        if message.sender != actor.username:
            raise MessageNotYours()
        self._space.check()
        text = _checked(text)
        (html,) = markdown.render_all([text])
        while message.text != text:
            if message.edits >= MAX_EDITS:
                raise EditedTooOften(limit=MAX_EDITS)
            edited = self._messages.edit_message(message, text, html, markdown.VERSION)
            if edited:
                self._log.tell_changed(actor, edited)
                return edited
            message = self.find(actor, room_id, message_id)  # another tab was first
        return message

    def delete(self, actor: User, room_id: str, message_id: str) -> Message:
        """Take a message back, with all the words it ever had. A second time changes nothing."""
        membership = self._access.writer(actor, room_id)
        message = self._find(membership, message_id)
        if message.sender != actor.username and not membership.is_room_admin:
            raise MessageNotYours()
        deleted = self._messages.delete_message(message.id, actor.username)
        if deleted is None:
            return self._find(membership, message_id)
        self._log.tell_deleted(deleted, actor.username)
        return deleted

    def retell(self, actor: User, room_id: str, message_id: str) -> Message:
        """Tell the room a message again, because what a feature hangs on it has changed."""
        message = self._messages.touch(self.find(actor, room_id, message_id).id)
        if message is None:
            raise MessageNotFound()
        self._log.tell_changed(actor, message)
        return message

    def find(self, actor: User, room_id: str, message_id: str) -> Message:
        """Return a message that the actor may do something about, or refuse.

        A quiet line is none, and in an archived room nothing is done any more.
        """
        return self._standing(self._access.writer(actor, room_id), message_id)

    def _standing(self, membership: RoomMember, message_id: str) -> Message:
        message = self._find(membership, message_id)
        if message.is_deleted:
            raise MessageGone()
        return message

    def _find(self, membership: RoomMember, message_id: str) -> Message:
        message = self._messages.get_message(message_id)
        if message is None or message.room_id != membership.room_id or message.is_quiet:
            raise MessageNotFound()
        return message

    # Reading

    def read(self, actor: User, room_id: str, message_id: str) -> Message:
        """Return a message that still stands, also of an archived room."""
        return self._standing(self._access.member(actor, room_id), message_id)

    def gather(self, actor: User, message_ids: Iterable[str]) -> History:
        """Return those of these messages that still stand, of any rooms that the actor is in."""
        rooms = {room.room_id for room in self._access.rooms(actor)}
        found = [
            message
            for message in self._messages.get_messages_by_id(message_ids)
            if message.room_id in rooms and not (message.is_deleted or message.is_quiet)
        ]
        extras = self._log.extras_of(actor, found)
        return History(messages=markdown.fresh(found), head=0, extras=extras)

    def versions(self, actor: User, room_id: str, seq: int) -> list[Version]:
        """Return the words that a message has and had, newest first."""
        membership = self._access.member(actor, room_id)
        message = self._messages.get_message_at(membership.room_id, seq)
        if message is None or message.is_quiet:
            raise MessageNotFound()
        # Read before the message could be deleted is read before it was: look again after.
        earlier = self._messages.get_versions(message.id)
        now = self._standing(membership, message.id)
        present = Version(text=now.text, written_at=now.edited_at or now.created_at)
        return [present, *reversed(earlier)]

    def history(
        self,
        actor: User,
        room_id: str,
        before: int | None = None,
        after: int | None = None,
        limit: int = PAGE,
        changed_since: int | None = None,
        around: int | None = None,
    ) -> History:
        """Return one page of a room's messages; see `MessageRepository.get_messages`.

        With `around` it is the page in whose middle the message of that `seq` stands. With
        `changed_since`, the mark of an earlier page, also those up to `after` that have changed
        since then: at most `MAX_CHANGED`, and with so many there may be more.
        """
        room_id = self._access.member(actor, room_id).room_id
        is_newest = before is None and after is None and around is None  # and ends with the head
        # The head and the mark first: what comes in between is on the page, never skipped.
        mark = mark_of(self._now())
        head = 0 if is_newest else self._messages.get_head(room_id)
        if around is not None:
            messages = self._messages.get_messages_around(room_id, around, limit)
        else:
            messages = self._messages.get_messages(room_id, before, after, limit)
        if after is not None and changed_since is not None:
            messages = self._changed(room_id, changed_since, after) + messages
        return History(
            messages=markdown.fresh(messages),
            head=max([head, *(message.seq for message in messages)]),
            mark=mark,
            extras=self._log.extras_of(actor, messages),
        )

    def _changed(self, room_id: str, mark: int, up_to: int) -> list[Message]:
        since = moment_of(mark) - OVERLAP
        changed = self._messages.get_changed(room_id, since, up_to, MAX_CHANGED)
        return sorted(changed, key=lambda message: message.seq)


def _checked(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise MessageTooLong(limit=MAX_LENGTH)
    text = clean(text)
    if not text.strip():
        raise MessageEmpty()
    if len(text) > MAX_LENGTH:  # a few characters grow when they are normalised
        raise MessageTooLong(limit=MAX_LENGTH)
    return text
