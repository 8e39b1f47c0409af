"""Who may open a socket at all. Asked before Engine.IO makes anything of it."""

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, jsonify
from flask.sessions import SecureCookieSession
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from chatapp.auth.login import Caller, Cookies, caller_of
from chatapp.core.database import patience
from chatapp.core.errors import BadRequest, ChatError, Forbidden, Unavailable, describe
from chatapp.realtime.visits import VISIT, Visits
from chatapp.web.error_pages import BadCsrf, as_refusal, status_of
from chatapp.web.health import check_migrated

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SOCKET_PATH = "/socket.io"
COMER = "chatapp.comer"  # where it stands in the WSGI environment


class ForeignOrigin(Forbidden):
    code = "foreign_origin"
    sentence = "Sockets are opened from this site's own pages only."


class Restarting(Unavailable):
    code = "restarting"
    sentence = "The chat is restarting. Please try again in a moment."


@dataclass(frozen=True, slots=True)
class Comer:
    """Who opens a socket, and what else their cookie says."""

    caller: Caller
    session: SecureCookieSession


def comer_of(app: Flask, environ: "WSGIEnvironment") -> Comer:
    """Return who comes, or raise. A request of Flask's would cost more than all the rest."""
    interface = app.session_interface
    assert isinstance(interface, Cookies)
    session = interface.read(app, parse_cookie(environ.get("HTTP_COOKIE", "")))
    return Comer(caller_of(session, environ.get("REMOTE_ADDR", "")), session)


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
            comer = self._admit(environ)
            visit = self._visits.enter(comer.caller.username, comer.caller.address)
        except Exception as error:  # noqa: BLE001 - every door answers
            return self._refuse(as_refusal(error))(environ, start_response)
        try:
            return self._inner({**environ, VISIT: visit, COMER: comer}, start_response)
        finally:
            if not visit.is_kept:
                visit.leave()

    def _admit(self, environ: "WSGIEnvironment") -> Comer:
        """Return who comes in, or raise."""
        with self._app.app_context(), patience():
            if not self._is_open:
                raise Restarting()
            if not allows_origin(self._app.config["PUBLIC_URL"])(
                environ.get("HTTP_ORIGIN"), environ
            ):
                raise ForeignOrigin()
            check_migrated()
            comer = comer_of(self._app, environ)
            if not _is_handshake(environ):
                # Browsers do not show a page why a handshake was refused; it can ask like this.
                self._visits.check(comer.caller.username, comer.caller.address)
                raise BadRequest()
            return comer

    def _refuse(self, refusal: ChatError) -> Response:
        with self._app.app_context():
            response: Response = jsonify(describe(refusal))
            response.status_code = status_of(refusal)
            return response


def _is_handshake(environ: "WSGIEnvironment") -> bool:
    """Return whether a WebSocket of our kind is asked for; nothing else is served here."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and _is_of_our_kind(environ.get("QUERY_STRING", ""))
        and environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and "HTTP_SEC_WEBSOCKET_KEY" in environ
    )


@lru_cache(16)  # all of our pages ask for the same
def _is_of_our_kind(query_string: str) -> bool:
    query = parse_qs(query_string)
    return "sid" not in query and query == {**query, "EIO": ["4"], "transport": ["websocket"]}


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


def check_csrf(auth: object, session: Mapping[str, Any], secret_key: str) -> None:
    """Raise unless `auth` carries the CSRF token of the session that opens the socket.

    It is a token of Flask-WTF's, and without an end, as for forms (WTF_CSRF_TIME_LIMIT). Its own
    check wants a request, and makes a serializer each time.
    """
    token = auth.get("csrf") if isinstance(auth, dict) else None
    if not isinstance(token, str) or not token.isascii():
        raise BadCsrf()
    try:
        said = _csrf_serializer(secret_key).loads(token)
    except BadData as error:
        raise BadCsrf() from error
    expected = session.get("csrf_token")
    if not expected or not isinstance(said, str) or not hmac.compare_digest(said, expected):
        raise BadCsrf()


@lru_cache
def _csrf_serializer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt="wtf-csrf-token")
