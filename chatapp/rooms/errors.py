"""Refusals of the room gate and the room rules."""

from chatapp.core.errors import Conflict, Forbidden, Invalid, NotFound


class RoomNotFound(NotFound):
    """The same for a room one is not in as for one that never was."""

    code = "room_not_found"
    sentence = "There is no such room, or you are not in it."


class RoomAdminOnly(Forbidden):
    code = "room_admin_only"
    sentence = "Only an admin of this room can do that."


class ArchivedRoom(Conflict):
    code = "room_archived"
    sentence = "This room is archived: it can be read, and nothing in it changes."


class RoomNameInvalid(Invalid):
    code = "room_name_invalid"
    sentence = "A room name has 1 to {limit} characters."
    field = "name"


class TopicTooLong(Invalid):
    code = "topic_too_long"
    sentence = "A topic has at most {limit} characters."
    field = "topic"


class UnknownPeople(Invalid):
    code = "unknown_people"
    sentence = "Nobody here is called {names}."
    field = "members"


class TooManyPeople(Invalid):
    code = "too_many_people"
    sentence = "At most {limit} people can be added at once."
    field = "members"


class UnknownLevel(Invalid):
    code = "unknown_level"
    sentence = "One is told of everything in a room, of mentions or of nothing."


class DirectNeedsPeople(Invalid):
    code = "direct_needs_people"
    sentence = "A direct conversation is with 1 to {limit} other people."
    field = "members"


class MemberNotFound(NotFound):
    code = "member_not_found"
    sentence = "{username} is not in this room."


class LastAdmin(Conflict):
    code = "last_admin"
    sentence = "A room needs an admin. Make somebody else an admin first."
