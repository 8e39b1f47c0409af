"""The rules of rooms."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from chatapp.auth.entities import User
from chatapp.auth.repository import UserRepository
from chatapp.core.events import Event
from chatapp.core.text import clean_line, clean_name, clean_short
from chatapp.rooms.access import RoomAccess
from chatapp.rooms.entities import LEVELS, Listed, Room, RoomMember, RoomName, title_of
from chatapp.rooms.errors import (
    DirectNeedsPeople,
    LastAdmin,
    MemberNotFound,
    RoomNameInvalid,
    RoomNotFound,
    TooManyPeople,
    TopicTooLong,
    UnknownLevel,
    UnknownPeople,
)
from chatapp.rooms.events import (
    DirectHidden,
    DirectMade,
    DirectOpened,
    DirectoryChanged,
    LevelChanged,
    MemberAdded,
    MemberChanged,
    MemberRemoved,
    MembersJoined,
    RoomArchived,
    RoomCreated,
    RoomKindChanged,
    RoomRenamed,
    RoomRestored,
    TopicChanged,
)
from chatapp.rooms.repository import RoomRepository

MAX_NAME_LENGTH = 80
MAX_TOPIC_LENGTH = 250
MAX_ADDED_AT_ONCE = 100
DIRECTORY_PAGE = 100
MAX_IN_A_DIRECT = 8
MAX_NAMED = 10  # in the sentence that says who is unknown


LastTimes = Callable[[Iterable[str]], dict[str, datetime]]
"""Tells when something was last said in each of these rooms."""

Names = Callable[[Iterable[str]], dict[str, str]]
"""Gives display names by username."""
Shown = TypeVar("Shown", RoomName, RoomMember, Room)


class RoomService:
    def __init__(
        self,
        access: RoomAccess,
        rooms: RoomRepository,
        users: UserRepository,
        publish: Callable[[Event], None],
        last_times: LastTimes,
        names: Names,
    ) -> None:
        self._access = access
        self._rooms = rooms
        self._users = users
        self._publish = publish
        self._last_times = last_times
        self._names = names

    def create(self, actor: User, name: str, usernames: Iterable[str] = ()) -> Room:
        """Make a room by invitation. The actor is its admin, named among the members or not."""
        return self._create(actor, name, usernames, is_open=False)

    def create_open(self, actor: User, name: str, usernames: Iterable[str] = ()) -> Room:
        """Make a room that stands in the directory, and that anybody joins."""
        return self._create(actor, name, usernames, is_open=True)

    def _create(self, actor: User, name: str, usernames: Iterable[str], *, is_open: bool) -> Room:
        name = clean_name(name, MAX_NAME_LENGTH, RoomNameInvalid)
        others = [
            user.username for user in self._known(usernames) if user.username != actor.username
        ]
        room = self._rooms.save_room(name, actor.username, is_open=is_open)
        self._rooms.add_room_members(room.id, name, others, actor.username)
        self._access.changed(room.id, [actor.username, *others])
        self._publish(RoomCreated(room=room, usernames=(actor.username, *others)))
        self._tell_directory(room)
        return room

    def open_direct(self, actor: User, usernames: Iterable[str]) -> Room:
        """Return the one conversation between the actor and these people, shown to the actor.

        The others see it with the first message. Its people never change, and nobody runs it.
        """
        known = [user.username for user in self._known(usernames)]
        others = [username for username in known if username != actor.username]
        if not 1 <= len(others) < MAX_IN_A_DIRECT:
            raise DirectNeedsPeople(limit=MAX_IN_A_DIRECT - 1)
        room, added = self._rooms.save_direct([actor.username, *others], actor.username)
        if added:
            self._access.changed(room.id, added)
            self._publish(DirectMade(room=room, usernames=tuple(added)))
        self._show(room, [actor.username])
        return self._titled(actor, room)

    def reveal(self, actor: User, room_id: str) -> None:
        """Show a direct conversation to all of its people: something was said in it."""
        membership = self._access.member(actor, room_id)
        hidden = [who.username for who in self._access.members(membership) if who.is_hidden]
        if hidden:
            self._show(self._access.room(membership), hidden)

    def _show(self, room: Room, usernames: Iterable[str]) -> None:
        shown = [
            username
            for username in usernames
            if self._rooms.update_hidden(room.id, username, is_hidden=False)
        ]
        if not shown:
            return
        self._access.changed(room.id, shown)
        for username in shown:
            titled = _titled(room, username, self._names(room.people))
            self._publish(DirectOpened(room=titled, username=username))

    def _hide(self, membership: RoomMember) -> None:
        room_id, username = membership.room_id, membership.username
        if self._rooms.update_hidden(room_id, username, is_hidden=True):
            self._access.changed(room_id, [username])
            self._publish(DirectHidden(room_id=room_id, username=username))

    def create_welcoming(self, actor: User, name: str) -> Room:
        """Make the open room that every new account begins in."""
        name = clean_name(name, MAX_NAME_LENGTH, RoomNameInvalid)
        room = self._rooms.save_room(name, actor.username, is_open=True, welcomes=True)
        self._access.changed(room.id, [actor.username])
        self._publish(RoomCreated(room=room, usernames=(actor.username,)))
        return room

    def begin(self, actor: User) -> None:
        """Bring somebody who is new into the rooms that welcome everybody."""
        for room in self._rooms.get_welcoming_rooms():
            self._add(room, [actor], added_by=actor)

    def join(self, actor: User, room_id: str) -> Room:
        """Come into an open room. Who is in it already changes nothing."""
        room = self._access.joinable(actor, room_id)
        if added := self._add(room, [actor], added_by=actor):
            self._tell_joined(room_id, added, actor)
        return room

    def rename(self, actor: User, room_id: str, name: str) -> Room:
        self._access.admin(actor, room_id)
        name = clean_name(name, MAX_NAME_LENGTH, RoomNameInvalid)
        self._rooms.update_room(room_id, name)
        self._access.room_changed(room_id)
        room = self._get(room_id)
        self._publish(RoomRenamed(room=room, by=actor.username))
        self._tell_directory(room)
        return room

    def change_topic(self, actor: User, room_id: str, topic: str) -> Room:
        """Say in a line what the room is about; an empty one takes it away."""
        self._access.admin(actor, room_id)
        topic = clean_short(topic, MAX_TOPIC_LENGTH, TopicTooLong)
        room = self._get(room_id)
        if room.topic == topic:
            return room
        self._rooms.update_topic(room_id, topic)
        self._access.changed(room_id)
        room = replace(room, topic=topic)
        self._publish(TopicChanged(room=room, by=actor.username))
        self._tell_directory(room)
        return room

    def open(self, actor: User, room_id: str) -> Room:
        """Let everybody find the room and join it, and so read all that was said in it."""
        return self._change_kind(actor, room_id, is_open=True)

    def close(self, actor: User, room_id: str) -> Room:
        """Let nobody in but by invitation. Who is in it stays."""
        return self._change_kind(actor, room_id, is_open=False)

    def _change_kind(self, actor: User, room_id: str, *, is_open: bool) -> Room:
        self._access.admin(actor, room_id)
        room = self._get(room_id)
        if room.is_open == is_open:
            return room
        self._rooms.update_kind(room_id, is_open=is_open)
        self._access.room_changed(room_id)
        room = replace(room, is_open=is_open)
        self._publish(RoomKindChanged(room=room, by=actor.username))
        self._publish(DirectoryChanged())
        return room

    def archive(self, actor: User, room_id: str) -> Room:
        """Let the room be read and nothing in it change, until it is restored."""
        return self._set_archived(actor, room_id, is_archived=True)

    def restore(self, actor: User, room_id: str) -> Room:
        return self._set_archived(actor, room_id, is_archived=False)

    def _set_archived(self, actor: User, room_id: str, *, is_archived: bool) -> Room:
        self._access.archivist(actor, room_id)
        room = self._get(room_id)
        if room.is_archived == is_archived:
            return room
        self._rooms.update_archived(room_id, is_archived=is_archived)
        self._access.room_changed(room_id)
        room = replace(room, is_archived=is_archived)
        told = RoomArchived if is_archived else RoomRestored
        self._publish(told(room=room, by=actor.username))
        self._tell_directory(room)
        return room

    def _tell_directory(self, room: Room) -> None:
        if room.is_open:
            self._publish(DirectoryChanged())

    def add_members(self, actor: User, room_id: str, usernames: Iterable[str]) -> list[str]:
        """Add people and return the usernames that were new; an unknown one adds nobody."""
        self._access.admin(actor, room_id)
        added = self._add(self._get(room_id), self._known(usernames), added_by=actor)
        if added:
            self._tell_joined(room_id, added, actor)
        return added

    def _add(self, room: Room, people: list[User], added_by: User) -> list[str]:
        display_names = {user.username: user.display_name for user in people}
        added = self._rooms.add_room_members(
            room.id, room.name, list(display_names), added_by.username
        )
        self._access.changed(room.id, added)
        for member in self._rooms.get_room_members(room.id):
            if member.username in added:
                name = display_names[member.username]
                self._publish(MemberAdded(member=member, display_name=name))
        return added

    def _tell_joined(self, room_id: str, usernames: list[str], actor: User) -> None:
        joined = MembersJoined(room_id=room_id, usernames=tuple(usernames), by=actor.username)
        self._publish(joined)

    def _known(self, usernames: Iterable[str]) -> list[User]:
        """Return the people of these names, each once, or refuse with the names of no one."""
        wanted = list(dict.fromkeys(username.strip().lower() for username in usernames))
        if len(wanted) > MAX_ADDED_AT_ONCE:
            raise TooManyPeople(limit=MAX_ADDED_AT_ONCE)
        known = {user.username: user for user in self._users.get_users(wanted) if user.is_active}
        unknown = [username for username in wanted if username not in known]
        if unknown:
            raise UnknownPeople(names=", ".join(unknown[:MAX_NAMED]))
        return [known[username] for username in wanted]

    def remove_member(self, actor: User, room_id: str, username: str) -> None:
        self._access.admin(actor, room_id)
        self._member(room_id, username)
        self._remove(room_id, username, by=actor.username)

    def leave(self, actor: User, room_id: str) -> None:
        """Leave a room. A direct conversation is hidden, until the next message in it."""
        membership = self._access.writer(actor, room_id)
        if membership.is_direct:
            return self._hide(membership)
        self._remove(room_id, actor.username, by=actor.username)
        return None

    def _remove(self, room_id: str, username: str, by: str) -> None:
        if not self._rooms.remove_room_members(room_id, [username]):
            raise LastAdmin()
        self._access.changed(room_id, [username])
        self._publish(MemberRemoved(room_id=room_id, username=username, by=by))

    def notify(self, actor: User, room_id: str, level: str) -> None:
        """Choose what the actor is told of in a room; also in one that is archived."""
        membership = self._access.member(actor, room_id)
        if level not in LEVELS:
            raise UnknownLevel()
        if membership.level == level:
            return
        self._rooms.update_level(room_id, actor.username, level)
        self._access.changed(room_id, [actor.username])
        self._publish(LevelChanged(room_id=room_id, username=actor.username, level=level))

    def make_admin(self, actor: User, room_id: str, username: str) -> None:
        self._access.admin(actor, room_id)
        self._member(room_id, username)
        self._rooms.add_room_admin(room_id, username)
        self._access.changed(room_id)
        self._tell_changed(room_id, username, by=actor.username)

    def unmake_admin(self, actor: User, room_id: str, username: str) -> None:
        self._access.admin(actor, room_id)
        if not self._member(room_id, username).is_room_admin:
            return
        if not self._rooms.remove_room_admin(room_id, username):
            raise LastAdmin()
        self._access.changed(room_id)
        self._tell_changed(room_id, username, by=actor.username)

    def _tell_changed(self, room_id: str, username: str, by: str) -> None:
        user = self._users.get_user(username)
        name = user.display_name if user else username
        member = self._member(room_id, username)
        self._publish(MemberChanged(member=member, display_name=name, by=by))

    # Reading

    def list_for(self, actor: User) -> Sequence[RoomName]:
        """Return the rooms that the actor is in, by name; none that is archived, nor direct."""
        rooms = self._access.rooms(actor)
        return tuple(room for room in rooms if not (room.is_archived or room.is_direct))

    def directs_for(self, actor: User) -> Sequence[RoomName]:
        """Return the direct conversations in the actor's side bar, by title."""
        rooms = self._access.rooms(actor)
        shown = [room for room in rooms if room.is_direct and not room.is_hidden]
        names = self._names({username for room in shown for username in room.people})
        titled = [_titled(room, actor.username, names) for room in shown]
        return sorted(titled, key=lambda room: (room.room_name.casefold(), room.room_id))

    def titles(self, actor: User) -> dict[str, str]:
        """Return how each of the actor's rooms is spoken of, by id."""
        rooms = self._access.rooms(actor)
        names = self._names({username for room in rooms for username in room.people})
        titled = [
            _titled(room, actor.username, names) if room.is_direct else room for room in rooms
        ]
        return {one.room_id: title_of(one.room_name, is_direct=one.is_direct) for one in titled}

    def archived(self, actor: User, sought: str = "") -> list[RoomName]:
        """Return the archived rooms that the actor is in, with `sought` in the name, by name."""
        folded = clean_line(sought[:MAX_NAME_LENGTH]).casefold()
        rooms = (room for room in self._access.rooms(actor) if room.is_archived)
        return [room for room in rooms if folded in room.room_name.casefold()]

    def directory(self, actor: User, sought: str = "") -> list[Listed]:
        """Return the first `DIRECTORY_PAGE` open rooms with `sought` in name or topic, by name."""
        sought = clean_line(sought[:MAX_NAME_LENGTH])
        rooms = self._rooms.get_listed_rooms(sought, DIRECTORY_PAGE)
        room_ids = [room.id for room in rooms]
        counts, times = self._rooms.get_member_counts(room_ids), self._last_times(room_ids)
        return [Listed(room, counts.get(room.id, 0), times.get(room.id)) for room in rooms]

    def members(self, actor: User, room_id: str) -> Sequence[RoomMember]:
        """Return everybody in the room, by username."""
        return self._access.members(self._access.member(actor, room_id))

    def membership(self, actor: User, room_id: str) -> RoomMember:
        return self._titled(actor, self._access.member(actor, room_id))

    def room(self, actor: User, room_id: str) -> Room:
        return self._titled(actor, self._access.room(self._access.member(actor, room_id)))

    def _titled(self, actor: User, shown: Shown) -> Shown:
        if not shown.is_direct:
            return shown
        return _titled(shown, actor.username, self._names(shown.people))

    def administered(self, actor: User, room_id: str) -> RoomMember:
        """Return the actor's membership of a room that they run."""
        return self._access.admin(actor, room_id)

    def _get(self, room_id: str) -> Room:
        room = self._rooms.get_room(room_id)
        if room is None:
            raise RoomNotFound()
        return room

    def _member(self, room_id: str, username: str) -> RoomMember:
        member = self._rooms.get_room_member(room_id, username)
        if member is None:
            raise MemberNotFound(username=username)
        return member


def _titled(shown: Shown, username: str, names: Mapping[str, str]) -> Shown:
    """Return a direct conversation as one of its people sees it: the others are its title."""
    others = tuple(other for other in shown.people if other != username)
    title = ", ".join(names.get(other, other) for other in others)
    if isinstance(shown, Room):
        return replace(shown, name=title, people=others)
    return replace(shown, room_name=title, people=others)
