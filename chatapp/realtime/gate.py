"""Who may open a socket at all. Asked before Engine.IO makes anything of it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, jsonify
from flask.sessions import SessionMixin
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response
from wtforms import ValidationError

from chatapp.auth.login import Caller, caller_of
from chatapp.core.errors import BadRequest, ChatError, Forbidden, Unavailable, describe
from chatapp.realtime.visits import VISIT, Visits
from chatapp.web.error_pages import BadCsrf, as_refusal, status_of
from chatapp.web.health import check_migrated

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SOCKET_PATH = "/socket.io"
# Where the caller, and the session that Flask has read, stand in the WSGI environment
CALLER, SESSION = "chatapp.caller", "chatapp.session"


class ForeignOrigin(Forbidden):
    code = "foreign_origin"
    sentence = "Sockets are opened from this site's own pages only."


class Restarting(Unavailable):
    code = "restarting"
    sentence = "The chat is restarting. Please try again in a moment."


class Gate:
    """WSGI middleware around Socket.IO: the origin is ours, somebody is signed in, few enough.

    Who was let in is counted until the socket has ended, or `inner` made none.
    """

    def __init__(self, app: Flask, inner: "WSGIApplication", visits: Visits) -> None:
        self._app = app
        self._inner = inner
        self._visits = visits
        self._is_open = True

    def close(self) -> None:
        """Let nobody in any more: the process is about to end."""
        self._is_open = False

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(SOCKET_PATH):
            return self._inner(environ, start_response)
        try:
            caller, session = self._admit(environ)
            visit = self._visits.enter(caller.username, caller.address)
        except Exception as error:  # noqa: BLE001 - every door answers
            return self._refuse(as_refusal(error))(environ, start_response)
        known = {VISIT: visit, CALLER: caller, SESSION: session}
        try:
            return self._inner({**environ, **known}, start_response)
        finally:
            if not visit.is_kept:
                visit.leave()

    def _admit(self, environ: "WSGIEnvironment") -> tuple[Caller, SessionMixin | None]:
        """Return who comes in, and what their cookie says, or raise."""
        with self._app.app_context():
            if not self._is_open:
                raise Restarting()
            if not allows_origin(self._app.config["PUBLIC_URL"])(
                environ.get("HTTP_ORIGIN"), environ
            ):
                raise ForeignOrigin()
            check_migrated()
            request = self._app.request_class(environ)
            session = self._app.session_interface.open_session(self._app, request)
            caller = caller_of(session or {}, request.remote_addr or "")
            if not _is_handshake(environ):
                # Browsers do not show a page why a handshake was refused; it can ask like this.
                self._visits.check(caller.username, caller.address)
                raise BadRequest()
            return caller, session

    def _refuse(self, refusal: ChatError) -> Response:
        with self._app.app_context():
            response: Response = jsonify(describe(refusal))
            response.status_code = status_of(refusal)
            return response


def _is_handshake(environ: "WSGIEnvironment") -> bool:
    """Return whether a WebSocket of our kind is asked for; nothing else is served here."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    return (
        environ["REQUEST_METHOD"] == "GET"
        and query == {**query, "EIO": ["4"], "transport": ["websocket"]}
        and "sid" not in query
        and environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and "HTTP_SEC_WEBSOCKET_KEY" in environ
    )


def allows_origin(public_url: str) -> Callable[[str | None, dict[str, Any]], bool]:
    """Return the rule: the address of the site, or where that is not set, the host asked for.

    Browsers always name an origin; who does not has no page of ours to come from.
    """

    def allows(origin: str | None, environ: dict[str, Any]) -> bool:
        if origin is None:
            return False
        if public_url:
            return origin == public_url
        return urlsplit(origin).netloc == environ.get("HTTP_HOST")

    return allows


def check_csrf(auth: object) -> None:
    """Raise unless `auth` carries the CSRF token of the session that opens the socket."""
    token = auth.get("csrf") if isinstance(auth, dict) else None
    is_token = isinstance(token, str) and token.isascii()
    try:
        validate_csrf(token if is_token else "")
    except ValidationError as error:
        raise BadCsrf() from error
