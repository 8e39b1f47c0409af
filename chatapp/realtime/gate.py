"""Who may open a socket at all. Asked before Engine.IO makes anything of it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, jsonify
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response
from wtforms import ValidationError

from chatapp.auth.login import current_actor
from chatapp.core.errors import ChatError, Forbidden, describe
from chatapp.web.error_pages import BadCsrf, as_refusal, status_of
from chatapp.web.health import require_migrated

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SOCKET_PATH = "/socket.io"


class ForeignOrigin(Forbidden):
    code = "foreign_origin"
    sentence = "Sockets are opened from this site's own pages only."


class Gate:
    """WSGI middleware around Socket.IO: the origin is ours, and somebody is signed in."""

    def __init__(self, app: Flask, inner: "WSGIApplication") -> None:
        self._app = app
        self._inner = inner

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(SOCKET_PATH):
            return self._inner(environ, start_response)
        refusal = self._refusal(environ)
        if refusal is None:
            return self._inner(environ, start_response)
        return self._refuse(refusal)(environ, start_response)

    def _refusal(self, environ: "WSGIEnvironment") -> ChatError | None:
        with self._app.request_context(environ):
            try:
                if not allows_origin(self._app.config["PUBLIC_URL"])(
                    environ.get("HTTP_ORIGIN"), environ
                ):
                    raise ForeignOrigin()
                require_migrated()
                current_actor()
            except Exception as error:  # noqa: BLE001 - every door answers
                return as_refusal(error)
        return None

    def _refuse(self, refusal: ChatError) -> Response:
        with self._app.app_context():
            response: Response = jsonify(describe(refusal))
            response.status_code = status_of(refusal)
            return response


def allows_origin(public_url: str) -> Callable[[str | None, dict[str, Any]], bool]:
    """Return the rule: the address of the site, or where that is not set, the host asked for.

    A request without an Origin is no browser's, so no other site can be behind it.
    """

    def allows(origin: str | None, environ: dict[str, Any]) -> bool:
        if origin is None:
            return True
        if public_url:
            return origin == public_url
        return urlsplit(origin).netloc == environ.get("HTTP_HOST")

    return allows


def check_csrf(auth: object) -> None:
    """Raise unless `auth` carries the CSRF token of the session that opens the socket."""
    token = auth.get("csrf") if isinstance(auth, dict) else None
    try:
        validate_csrf(token if isinstance(token, str) else "")
    except ValidationError as error:
        raise BadCsrf() from error
