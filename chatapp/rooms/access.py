"""May they? The one gate to a room and to everything in it."""

from collections.abc import Iterable

from chatapp.auth.entities import User
from chatapp.core.events import room_channel, user_channel
from chatapp.memory.memory import Memory
from chatapp.rooms.entities import Room, RoomMember, RoomName
from chatapp.rooms.errors import ArchivedRoom, RoomAdminOnly, RoomNotFound
from chatapp.rooms.repository import RoomRepository


class RoomAccess:
    """What it is asked for every message it remembers; who changes it says `changed`."""

    def __init__(self, rooms: RoomRepository, memory: Memory) -> None:
        self._rooms = rooms
        self._memory = memory

    def member(self, actor: User, room_id: str) -> RoomMember:
        """Return the actor's membership: proof that the room is there and theirs to use."""
        membership = self._memory.recall(
            room_channel(room_id),
            actor.username,
            lambda: self._rooms.get_room_member(room_id, actor.username),
        )
        if membership is None:
            raise RoomNotFound()
        return membership

    def writer(self, actor: User, room_id: str) -> RoomMember:
        """Return the actor's membership of a room in which something may still change."""
        membership = self.member(actor, room_id)
        if membership.is_archived:
            raise ArchivedRoom()
        return membership

    def admin(self, actor: User, room_id: str) -> RoomMember:
        return _running(self.writer(actor, room_id))

    def host(self, actor: User, room_id: str) -> RoomMember:
        """Return the membership of an admin, or of anybody in a direct conversation."""
        membership = self.writer(actor, room_id)
        return membership if membership.is_direct else _running(membership)

    def archivist(self, actor: User, room_id: str) -> RoomMember:
        """Return the membership of an admin, also where the room is archived."""
        return _running(self.member(actor, room_id))

    def rooms(self, actor: User) -> tuple[RoomName, ...]:
        """Return the rooms that the actor is in, by name."""
        return self._rooms_of(actor.username)

    def members(self, membership: RoomMember) -> tuple[RoomMember, ...]:
        """Return everybody in the room of somebody's membership, by username."""
        return self._memory.recall(
            room_channel(membership.room_id),
            "all members",  # no username: those have no space
            lambda: tuple(self._rooms.get_room_members(membership.room_id)),
        )

    def room(self, membership: RoomMember) -> Room:
        """Return the room of somebody's membership."""
        room = self._memory.recall(
            room_channel(membership.room_id),
            "the room",  # no username either
            lambda: self._rooms.get_room(membership.room_id),
        )
        if room is None:
            raise RoomNotFound()
        return room

    def joinable(self, actor: User, room_id: str) -> Room:
        """Return a room that the actor may come into by themselves, or is in already."""
        room = self._rooms.get_room(room_id)
        if room is None or not (
            room.is_open or self._rooms.is_room_member(room_id, actor.username)
        ):
            raise RoomNotFound()
        if room.is_archived:
            raise ArchivedRoom()
        return room

    # Who may hear: asked by what tells sockets, on nobody's behalf

    def rooms_of(self, username: str) -> frozenset[str]:
        """Return the ids of the rooms that somebody is in."""
        return frozenset(room.room_id for room in self._rooms_of(username))

    def _rooms_of(self, username: str) -> tuple[RoomName, ...]:
        return self._memory.recall(
            _list_of(username), "rooms", lambda: tuple(self._rooms.get_rooms_for_user(username))
        )

    def version(self, room_id: str) -> int:
        """Return a number that grows whenever the membership of the room changes."""
        return self._memory.recall(
            room_channel(room_id),
            "members version",
            lambda: self._rooms.get_member_versions([room_id]).get(room_id, 0),
        )

    def versions(self, room_ids: Iterable[str]) -> dict[str, int]:
        """Return the versions of the rooms that there are, as they are stored."""
        return self._rooms.get_member_versions(room_ids)

    def usernames(self, room_ids: Iterable[str]) -> dict[str, set[str]]:
        """Return who is in each of the rooms that there are, as it is stored."""
        return self._rooms.get_usernames(room_ids)

    def people_by_room(self, usernames: Iterable[str]) -> dict[str, set[str]]:
        """Return which of these people are in which room, in one query at most."""
        by_list = {_list_of(username): username for username in usernames}

        def ask(lists: list[str]) -> dict[str, tuple[RoomName, ...]]:
            found = self._rooms.get_rooms_for_users(by_list[name] for name in lists)
            return {_list_of(username): tuple(rooms) for username, rooms in found.items()}

        people: dict[str, set[str]] = {}
        for name, rooms in self._memory.recall_each(by_list, "rooms", ask).items():
            for room in rooms:
                people.setdefault(room.room_id, set()).add(by_list[name])
        return people

    def changed(self, room_id: str, usernames: Iterable[str] = ()) -> None:
        """Return when every process knows that these have come or gone, or their roles changed."""
        self._memory.changed(
            room_channel(room_id),
            *(about(username) for username in usernames for about in (user_channel, _list_of)),
        )

    def room_changed(self, room_id: str) -> None:
        """Return when every process knows that the room is another in everybody's list."""
        self._memory.changed(
            room_channel(room_id), *map(_list_of, self.usernames([room_id]).get(room_id, ()))
        )


def _running(membership: RoomMember) -> RoomMember:
    if not membership.is_room_admin:
        raise RoomAdminOnly()
    return membership


def _list_of(username: str) -> str:
    """Return what a change of the rooms of somebody, or of their names, is about."""
    return f"rooms of {username}"
