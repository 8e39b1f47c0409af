"""Socket.IO managers that can move all sockets of a channel at once, in every process.

The stock managers move a socket by its id, and an id is known in its own process only.
"""

from typing import Any

import socketio

from chatapp.core import background

NAMESPACE = "/chat"
_MOVED = "$channels"  # rides the queue as an event of this name, which no client is ever sent


class ChannelManager(socketio.Manager):  # type: ignore[misc]  # python-socketio has no types
    """For one process."""

    def enter_all(self, listeners: str, channel: str) -> None:
        """Every socket in `listeners` enters `channel`."""
        self._move("enter", listeners, channel)

    def leave_all(self, listeners: str, channel: str) -> None:
        """Every socket in `listeners` leaves `channel`."""
        self._move("leave", listeners, channel)

    def close_all(self, listeners: str) -> None:
        """Every socket in `listeners` is closed."""
        self._move("close", listeners, listeners)

    def _move(self, how: str, listeners: str, channel: str) -> None:
        for sid, eio_sid in list(self.get_participants(NAMESPACE, listeners)):
            if how == "enter":
                self.enter_room(sid, NAMESPACE, channel)
            elif how == "leave":
                self.leave_room(sid, NAMESPACE, channel)
            else:
                # Closing waits for what is still queued; nobody else should.
                background.spawn(self.server.eio.disconnect, eio_sid)


class SharedChannelManager(ChannelManager, socketio.RedisManager):  # type: ignore[misc]
    """For several processes with one Redis; what it carries is a hint, the truth is stored."""

    def _move(self, how: str, listeners: str, channel: str) -> None:
        super()._move(how, listeners, channel)
        self._publish(
            {
                "method": "emit",
                "event": _MOVED,
                "data": [how, listeners, channel],
                "namespace": NAMESPACE,
                "host_id": self.host_id,
            }
        )

    def _handle_emit(self, message: dict[str, Any]) -> None:
        if message["event"] == _MOVED:
            super()._move(*message["data"])
        else:
            super()._handle_emit(message)


def channel_manager(queue_url: str) -> ChannelManager:
    if not queue_url:
        return ChannelManager()
    limits = {"socket_timeout": 2, "socket_connect_timeout": 2}  # a hung Redis must not hang us
    return SharedChannelManager(queue_url, channel="chatapp", redis_options=limits)
