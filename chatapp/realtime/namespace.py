"""The one namespace, `/chat`: connecting, channels, and an answer to every request."""

import logging
import math
from collections.abc import Callable, Iterable
from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError as ConnectionRefused
from flask_socketio import Namespace

from chatapp.auth.login import current_actor, current_visitor, load_visitor
from chatapp.core.database import patience
from chatapp.core.errors import BadRequest, NotSignedIn, TooMany, describe
from chatapp.core.events import room_channel, session_channel, user_channel
from chatapp.realtime.channels import NAMESPACE
from chatapp.realtime.gate import check_csrf
from chatapp.realtime.handlers import Handler, SocketHandlers, schema_of
from chatapp.realtime.limits import Buckets
from chatapp.services import services
from chatapp.web import logs
from chatapp.web.error_pages import as_refusal

log = logging.getLogger(__name__)


class UnknownRequest(BadRequest):
    code = "bad_event"
    sentence = "There is no such request."


class ChatNamespace(Namespace):  # type: ignore[misc]  # Flask-SocketIO has no types
    def __init__(
        self, features: Iterable[SocketHandlers], requests: Buckets, hints: Buckets
    ) -> None:
        super().__init__(NAMESPACE)
        self._requests: set[str] = set()
        for feature in features:
            for name, handler in feature.requests.items():
                allowed = hints if name in feature.hints else requests
                setattr(self, f"on_{name}", answering(handler, allowed))
                self._requests.add(name)

    def trigger_event(self, event: Any, *args: Any) -> Any:
        logs.socket_id.set(str(args[0]) if args else "")
        is_known = isinstance(event, str) and event in self._requests
        if not is_known and not _is_handshake(event, args):
            return describe(UnknownRequest())
        return super().trigger_event(event, *args)

    def on_connect(self, auth: object = None) -> None:
        # `auth` has a default because Flask-SocketIO calls again without it at a TypeError.
        try:
            check_csrf(auth)
            self._enter_channels()
            log.info("a socket connected", extra={"username": current_actor().username})
        except Exception as error:  # noqa: BLE001 - every door answers
            refusal = as_refusal(error)
            log.info("a socket was refused", extra={"code": refusal.code})
            raise ConnectionRefused(refusal.message, describe(refusal)["error"]) from None

    def _enter_channels(self) -> None:
        """Enter my own channels first, then my rooms'; a removal meanwhile is not missed."""
        sid: str = request.sid  # type: ignore[attr-defined]
        visitor = current_visitor()
        self._enter(sid, session_channel(visitor.session.key))
        self._enter(sid, user_channel(visitor.user.username))
        if load_visitor(visitor.get_id()) is None:  # signed out before we could be told
            raise NotSignedIn()
        rooms = _my_room_channels()
        for channel in rooms:
            self._enter(sid, channel)
        for channel in rooms - _my_room_channels():
            self.socketio.server.leave_room(sid, channel, namespace=NAMESPACE)

    def _enter(self, sid: str, channel: str) -> None:
        self.socketio.server.enter_room(sid, channel, namespace=NAMESPACE)


def _is_handshake(event: Any, args: tuple[Any, ...]) -> bool:
    # A client can ask for "connect" too, but it cannot send a WSGI environment.
    environ = args[1] if event == "connect" and len(args) > 1 else None
    return isinstance(environ, dict) and callable(environ.get("flask.app"))


def _my_room_channels() -> set[str]:
    return set(map(room_channel, services.access.rooms_of(current_actor().username)))


def answering(handler: Handler, allowed: Buckets) -> Callable[..., dict[str, Any]]:
    """Wrap a feature's handler: who asks, how often, is it well formed, and always an answer."""
    schema = schema_of(handler)

    def answer(*args: object) -> dict[str, Any]:
        try:
            with patience():
                actor = current_actor()
                if wait := allowed.take(actor.username):
                    raise TooMany(seconds=math.ceil(wait))
                if len(args) != 1:
                    raise BadRequest()
                return {"ok": True, **handler(actor, schema.model_validate(args[0]))}
        except Exception as error:  # noqa: BLE001 - every door answers
            return describe(as_refusal(error))

    return answer
