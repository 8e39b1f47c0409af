"""Several processes of one chat, with one Redis between them.

What Redis carries is a hint, the truth is stored. So it may be slow, hang or be away: then
messages are late in other processes (`heartbeat.py`), and never heard by the wrong people.
"""

import logging
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chatapp.core import background
from chatapp.realtime import strict_json
from chatapp.realtime.channels import NAMESPACE, ChannelManager
from chatapp.realtime.redis_channel import RedisChannel
from chatapp.rooms.access import RoomAccess

CHANNEL = "chatapp"

logger = logging.getLogger(__name__)


class _Said(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Told(_Said):
    kind: Literal["told"]
    event: str
    data: dict[str, Any]
    to: Annotated[list[str], Field(min_length=1)]  # none would be everybody
    versions: dict[str, int]


class _Moved(_Said):
    kind: Literal["moved"]
    how: Literal["enter", "leave", "close"]
    listeners: str
    channel: str


class _Changed(_Said):
    kind: Literal["changed"]


class _Heard(_Said):
    """What another process of ours publishes, and nothing else on the channel is."""

    sender: str
    said: list[Annotated[_Told | _Moved | _Changed, Field(discriminator="kind")]]


class SharedChannelManager(ChannelManager):
    """Tells and moves sockets in all processes.

    A removal has to hold in every process once it is acknowledged, and Redis cannot promise
    that. So what is told to a room carries the version that its membership had *after* the
    news was saved, and a process that has not followed the channels to that version does so
    first. See docs/decisions/0018.
    """

    def __init__(self, access: RoomAccess, queue_url: str) -> None:
        super().__init__(access)
        self._others = RedisChannel(queue_url, CHANNEL)

    def initialize(self) -> None:
        super().initialize()
        self._others.start()
        background.spawn(self._listen)

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str = NAMESPACE,
        room: str | Iterable[str] | None = None,
        *args: Any,
        to: str | Iterable[str] | None = None,
        ignore_queue: bool = False,
        **options: Any,
    ) -> None:
        channels = to or room
        if ignore_queue or not channels:
            return super().emit(event, data, namespace, channels, *args, **options)
        names = [channels] if isinstance(channels, str) else list(channels)
        versions = self._versions(names)
        self._tell(event, data, names, versions, *args, **options)
        self._say({"kind": "told", "event": event, "data": data, "to": names, "versions": versions})
        return None

    def hint(self) -> None:
        """Let the other processes note a change now, rather than at their next beat."""
        self._say({"kind": "changed"})

    def _move(self, how: str, listeners: str, channel: str) -> None:
        self._move_here(how, listeners, channel)
        self._say({"kind": "moved", "how": how, "listeners": listeners, "channel": channel})

    def _say(self, what: dict[str, Any]) -> None:
        self._others.say(strict_json.dumps(what))

    def _listen(self) -> None:
        for published in self._others.heard():
            for what in _understood(published):
                try:
                    self._follow(what)
                except Exception:  # the next is to be heard all the same
                    logger.exception("what another process said was not followed")

    def _follow(self, what: _Told | _Moved | _Changed) -> None:
        if isinstance(what, _Told):
            self._tell(what.event, what.data, what.to, what.versions)
        elif isinstance(what, _Moved):
            self._move_here(what.how, what.listeners, what.channel)
        else:
            background.spawn(self.on_hint)


def _understood(published: bytes) -> list[_Told | _Moved | _Changed]:
    """Return what another process of ours says; whoever reaches Redis can publish anything."""
    try:
        return _Heard.model_validate_json(published).said
    except ValidationError:
        logger.warning("something on the channel in Redis is not ours; it is ignored")
        return []


def channel_manager(queue_url: str, access: RoomAccess) -> ChannelManager:
    return SharedChannelManager(access, queue_url) if queue_url else ChannelManager(access)
