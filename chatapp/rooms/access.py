"""May they? The one gate to a room and to everything in it."""

from collections.abc import Iterable

from chatapp.auth.entities import User
from chatapp.rooms.entities import RoomMember
from chatapp.rooms.errors import RoomAdminOnly, RoomNotFound
from chatapp.rooms.repository import RoomRepository


class RoomAccess:
    def __init__(self, rooms: RoomRepository) -> None:
        self._rooms = rooms

    def member(self, actor: User, room_id: str) -> RoomMember:
        """Return the actor's membership: proof that the room is there and theirs to use."""
        membership = self._rooms.get_room_member(room_id, actor.username)
        if membership is None:
            raise RoomNotFound()
        return membership

    def admin(self, actor: User, room_id: str) -> RoomMember:
        membership = self.member(actor, room_id)
        if not membership.is_room_admin:
            raise RoomAdminOnly()
        return membership

    # Who may hear: asked by what tells sockets, on nobody's behalf

    def versions(self, room_ids: Iterable[str]) -> dict[str, int]:
        """Return a number for each of the rooms that grows whenever its membership changes."""
        return self._rooms.get_member_versions(room_ids)

    def usernames(self, room_id: str) -> set[str]:
        return {member.username for member in self._rooms.get_room_members(room_id)}
