"""From the bus to sockets. It never changes when a feature is added."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext

from flask import Flask, has_app_context
from flask_socketio import SocketIO

from chatapp.auth.events import SignedOut, SignedOutEverywhere
from chatapp.core.events import Event, EventBus, room_channel, session_channel, user_channel
from chatapp.realtime.channels import NAMESPACE, ChannelManager
from chatapp.realtime.handlers import SocketHandlers, Teller
from chatapp.rooms.events import DirectMade, MemberAdded, MemberRemoved, RoomCreated


class Broadcaster:
    def __init__(self, app: Flask, socketio: SocketIO, features: Iterable[SocketHandlers]) -> None:
        self._app = app
        self._manager: ChannelManager = socketio.server.manager
        self._tellers: Mapping[type[Event], Teller] = {
            kind: teller for feature in features for kind, teller in feature.tellers.items()
        }

    def subscribe(self, bus: EventBus) -> None:
        """Hear everything. Channels follow membership, so the order matters.

        Who comes in hears of it in the new room; who goes out hears of that too, and
        of nothing after.
        """
        bus.subscribe(RoomCreated, self._let_in_first_members)
        bus.subscribe(DirectMade, self._let_in_first_members)
        bus.subscribe(MemberAdded, self._let_in)
        bus.subscribe(Event, self.tell)
        bus.subscribe(MemberRemoved, self._let_out)
        bus.subscribe(SignedOut, self._close)
        bus.subscribe(SignedOutEverywhere, self._close_all)

    def tell(self, event: Event) -> None:
        if not event.audience:  # Socket.IO would tell everybody
            return
        with nullcontext() if has_app_context() else self._app.app_context():
            teller = self._tellers.get(type(event))
            payload = teller(event) if teller else event.payload()
        self._manager.emit(event.name, payload, NAMESPACE, list(event.audience))

    def _let_in_first_members(self, event: RoomCreated | DirectMade) -> None:
        for username in event.usernames:
            self._manager.enter_all(user_channel(username), room_channel(event.room.id))

    def _let_in(self, event: MemberAdded) -> None:
        member = event.member
        self._manager.enter_all(user_channel(member.username), room_channel(member.room_id))

    def _let_out(self, event: MemberRemoved) -> None:
        self._manager.leave_all(user_channel(event.username), room_channel(event.room_id))

    def _close(self, event: SignedOut) -> None:
        self._manager.close_all(session_channel(event.session_key))

    def _close_all(self, event: SignedOutEverywhere) -> None:
        self._manager.close_all(user_channel(event.username))
