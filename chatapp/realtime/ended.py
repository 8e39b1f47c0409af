"""Sockets whose session has ended somewhere else: by a command, while Redis was away, with time."""

from collections.abc import Iterable

import socketio

from chatapp.auth.events import SignedOut
from chatapp.auth.service import AccountService
from chatapp.core import background
from chatapp.core.database import StorageError
from chatapp.core.events import session_channel, user_channel
from chatapp.realtime.channels import NAMESPACE, ChannelManager

SESSION, USER = session_channel(""), user_channel("")
LOOK_SECONDS = 30.0


class EndedSessions:
    """Every process reads the log of changes, a few times a second, whatever Redis does.

    That a session has reached its end stands in no log; for that it looks now and then.
    """

    def __init__(self, server: socketio.Server, accounts: AccountService) -> None:
        self._server = server
        self._manager: ChannelManager = server.manager
        self._accounts = accounts

    def start(self) -> None:
        """Look from the first socket on, as long as this process lives."""
        self._manager.on_start.append(
            lambda: background.spawn(background.every, LOOK_SECONDS, self.look, StorageError)
        )

    def hear(self, about: Iterable[str]) -> None:
        """Look after the sockets that a change is about."""
        channels = [name for name in about if name.startswith((SESSION, USER))]
        if sessions := {key for channel in channels for key in self._sessions_in(channel)}:
            background.spawn(self._close_ended, sessions)

    def look(self) -> None:
        """Close the sockets of sessions that have reached their end."""
        sessions = set(self._manager.here(SESSION))
        for key in sessions - self._accounts.live_sessions(sessions):
            self._close(key)

    def _sessions_in(self, channel: str) -> set[str]:
        return {
            name.removeprefix(SESSION)
            for sid, _ in list(self._manager.get_participants(NAMESPACE, channel))
            for name in self._manager.get_rooms(sid, NAMESPACE)
            if name and name.startswith(SESSION)
        }

    def _close_ended(self, sessions: set[str]) -> None:
        for key in sessions:
            if not self._accounts.is_signed_in(key):
                self._close(key)

    def _close(self, key: str) -> None:
        channel = session_channel(key)
        self._server.emit(SignedOut.name, {}, to=channel, namespace=NAMESPACE, ignore_queue=True)
        self._manager.close_here(channel)
