"""Who is asking? The one answer, for pages and sockets alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

from flask import (
    Flask,
    Request,
    current_app,
    g,
    has_app_context,
    has_request_context,
    redirect,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import UserMixin, current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from chatapp.auth.devices import device_of
from chatapp.auth.entities import Session, User
from chatapp.auth.service import Identity
from chatapp.core.errors import NotSignedIn
from chatapp.extensions import login_manager
from chatapp.services import services

View = TypeVar("View", bound=Callable[..., Any])


class Cookies(SecureCookieSessionInterface):
    """The cookie is signed and has no age: what it names has an end of its own, kept here.

    Flask asks the clock how old a cookie is, and refuses those that come from the future. When a
    clock is set back, that would be everybody who has just signed in.
    """

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        return self.read(app, request.cookies)

    def read(self, app: Flask, cookies: Mapping[str, str]) -> SecureCookieSession:
        """Return what was signed here, or an empty session."""
        serializer = self.get_signing_serializer(app)
        signed = cookies.get(self.get_cookie_name(app))
        if serializer is None or not signed:
            return SecureCookieSession()
        try:
            return SecureCookieSession(serializer.loads(signed))
        except BadSignature:
            return SecureCookieSession()

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return Flask's, made once: the key of an application does not change."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer


class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """What Flask-Login carries around: the person, and the session they came in with."""

    def __init__(self, identity: Identity, session_id: str) -> None:
        self.user: User = identity.user
        self.session: Session = identity.session
        self._session_id = session_id

    def get_id(self) -> str:
        return self._session_id


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_visitor(session_id: str) -> Visitor | None:
    found = services.accounts.find_signed_in(session_id)
    return Visitor(found, session_id) if found else None


def current_actor() -> User:
    """Return the person who is asking, or raise `NotSignedIn`."""
    if "actor" in g:
        asking: User = g.actor
        return asking
    return current_visitor().user


def current_visitor() -> Visitor:
    """Return the same with the session of the page that is asked for."""
    visitor: Visitor = current_user._get_current_object()
    if not visitor.is_authenticated:
        raise NotSignedIn()
    return visitor


def address() -> str:
    """Return where the request comes from; empty at the console."""
    if has_request_context():
        return request.remote_addr or ""
    return str(g.get("address", "")) if has_app_context() else ""


def device() -> str:
    """Return what the browser that asks is called."""
    return device_of(request.headers.get("User-Agent", ""))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is at the other end of a socket. Whether they still may be is asked each time."""

    session_key: str
    username: str
    address: str

    def comes_back(self) -> User:
        """Ask on in this context; return who it is, or raise `NotSignedIn`."""
        found = services.accounts.find_holder(self.session_key)
        if found is None:
            raise NotSignedIn()
        g.actor, g.address = found.user, self.address
        return found.user


def caller_of(session: Mapping[str, Any], address: str) -> Caller:
    """Return who has a session of Flask's that need not be the one of a request, or raise."""
    found = services.accounts.find_signed_in(session.get("_user_id", ""))  # Flask-Login's name
    if found is None:
        raise NotSignedIn()
    return Caller(found.session.key, found.user.username, address)


def enter(session_id: str) -> None:
    """Sign this browser in. Nothing of the session before it lives on."""
    leave()
    visitor = load_visitor(session_id)
    session.permanent = True
    login_user(visitor)


def leave() -> None:
    """Sign this browser out, if it was in."""
    if current_user.is_authenticated:
        services.accounts.sign_out(current_visitor().session)
    logout_user()
    session.clear()


# Every route is closed unless it says otherwise.


def public(view: View) -> View:
    """Open a view to people who are not signed in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def public_from_the_start(view: View) -> View:
    """Open a view to everybody, even before the workspace is set up."""
    view.works_before_setup = True  # type: ignore[attr-defined]
    return public(view)


def init_app(app: Flask) -> None:
    app.session_interface = Cookies()
    login_manager.init_app(app)
    app.before_request(require_sign_in)


def require_sign_in() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "works_before_setup", False):
        return None
    if not services.accounts.is_set_up():
        return redirect(url_for("auth.setup"))
    if view is not None and not getattr(view, "is_public", False):
        current_actor()
    return None


def safe_next(target: str | None) -> str:
    """Return `target` if it is a path of this site, else the home page.

    Browsers read a backslash as a slash and skip control characters, also when
    they are percent-encoded once; any of those could lead to another host.
    """
    plain = unquote(target or "")
    is_path = plain.startswith("/") and not plain.startswith(("//", "/\\"))
    if not is_path or any(ord(character) < 0x20 or character == "\\" for character in plain):
        return url_for("rooms.home")
    return target or ""
