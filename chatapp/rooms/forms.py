"""What people type to make and change rooms. The rules are the service's."""

import re

from wtforms import BooleanField

from chatapp.auth.forms import ChatForm, text_field


class MembersForm(ChatForm):
    members = text_field("People")

    @property
    def usernames(self) -> list[str]:
        """The names typed, parted by commas or spaces, with or without a leading @."""
        parts = re.split(r"[\s,;]+", self.members.data)
        return [part.removeprefix("@") for part in parts if part.removeprefix("@")]


class NewRoomForm(MembersForm):
    name = text_field("Room name")
    is_open = BooleanField("Anybody here can find it and join")


class EditRoomForm(ChatForm):
    name = text_field("Room name")


class TopicForm(ChatForm):
    topic = text_field("Topic")


class LevelForm(ChatForm):
    level = text_field("Notify me of")
