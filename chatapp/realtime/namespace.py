"""The one namespace, `/chat`: connecting, channels, and an answer to every request."""

import logging
import math
from collections.abc import Callable, Iterable
from typing import Any

from flask_socketio import ConnectionRefusedError as ConnectionRefused
from flask_socketio import Namespace

from chatapp.auth.login import Caller
from chatapp.core.database import patience
from chatapp.core.errors import BadRequest, TooMany, describe
from chatapp.core.events import EVERYBODY, room_channel, session_channel, user_channel
from chatapp.realtime.channels import NAMESPACE
from chatapp.realtime.gate import COMER, check_csrf, comer_of
from chatapp.realtime.handlers import Handler, SocketHandlers, schema_of
from chatapp.realtime.limits import Buckets
from chatapp.services import services
from chatapp.web import logs
from chatapp.web.error_pages import as_refusal

CALLER = "chatapp.caller"  # where it stands in what is kept of the WSGI environment

log = logging.getLogger(__name__)


class UnknownRequest(BadRequest):
    code = "bad_event"
    sentence = "There is no such request."


Answer = Callable[..., dict[str, Any]]


class ChatNamespace(Namespace):  # type: ignore[misc]  # Flask-SocketIO has no types
    """What Flask-SocketIO does here makes a request of each event, which costs more than the rest.

    Here what is asked finds an application, and who is asking.
    """

    def __init__(
        self, features: Iterable[SocketHandlers], requests: Buckets, hints: Buckets
    ) -> None:
        super().__init__(NAMESPACE)
        self._answers: dict[str, Answer] = {
            name: answering(handler, hints if name in feature.hints else requests)
            for feature in features
            for name, handler in feature.requests.items()
        }

    def trigger_event(self, event: Any, *args: Any) -> Any:
        logs.socket_id.set(str(args[0]) if args else "")
        if isinstance(event, str) and (answer := self._answers.get(event)):
            return self._ask(answer, *args)
        if _is_handshake(event, args):
            return self._connect(*args)
        return describe(UnknownRequest())

    def _ask(self, answer: Answer, sid: str, *asked: object) -> dict[str, Any]:
        environ = self._environ(sid)
        with environ["flask.app"].app_context():
            return answer(environ[CALLER], *asked)

    def _environ(self, sid: str) -> dict[str, Any]:
        server = self.socketio.server
        environ: dict[str, Any] = server.environ[
            server.manager.eio_sid_from_sid(sid, self.namespace)
        ]
        return environ

    def _connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        app = environ["flask.app"]
        with app.app_context(), patience():
            try:
                comer = environ.get(COMER) or comer_of(app, environ)
                check_csrf(auth, comer.session, app.secret_key)
                self._enter_channels(sid, comer.caller)
                log.info("a socket connected", extra={"username": comer.caller.username})
            except Exception as error:  # noqa: BLE001 - every door answers
                refusal = as_refusal(error)
                log.info("a socket was refused", extra={"code": refusal.code})
                raise ConnectionRefused(refusal.message, describe(refusal)["error"]) from None
        # The rest is kept as long as the socket is open, and is never asked for again.
        kept = {"flask.app": app, CALLER: comer.caller}
        server = self.socketio.server
        server.environ[server.manager.eio_sid_from_sid(sid, self.namespace)] = kept

    def _enter_channels(self, sid: str, caller: Caller) -> None:
        """Enter my own channels first, then my rooms'; a removal meanwhile is not missed."""
        self._enter(sid, session_channel(caller.session_key))
        self._enter(sid, user_channel(caller.username))
        self._enter(sid, EVERYBODY)
        caller.comes_back()  # or was signed out before we could be told
        rooms = _room_channels_of(caller)
        for channel in rooms:
            self._enter(sid, channel)
        for channel in rooms - _room_channels_of(caller):
            self.socketio.server.leave_room(sid, channel, namespace=NAMESPACE)

    def _enter(self, sid: str, channel: str) -> None:
        self.socketio.server.enter_room(sid, channel, namespace=NAMESPACE)


def _is_handshake(event: Any, args: tuple[Any, ...]) -> bool:
    # A client can ask for "connect" too, but it cannot send a WSGI environment.
    environ = args[1] if event == "connect" and len(args) > 1 else None
    return isinstance(environ, dict) and callable(environ.get("flask.app"))


def _room_channels_of(caller: Caller) -> set[str]:
    return set(map(room_channel, services.access.rooms_of(caller.username)))


def answering(handler: Handler, allowed: Buckets) -> Answer:
    """Wrap a feature's handler: who asks, how often, is it well formed, and always an answer."""
    schema = schema_of(handler)

    def answer(caller: Caller, *args: object) -> dict[str, Any]:
        try:
            with patience():
                actor = caller.comes_back()
                if wait := allowed.take(actor.username):
                    raise TooMany(seconds=math.ceil(wait))
                if len(args) != 1:
                    raise BadRequest()
                return {"ok": True, **handler(actor, schema.model_validate(args[0]))}
        except Exception as error:  # noqa: BLE001 - every door answers
            return describe(as_refusal(error))

    return answer
