"""What every template can name: filters, the workspace, my rooms."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from flask import Flask, current_app, g
from flask_login import current_user
from markupsafe import Markup
from werkzeug.local import LocalProxy

from chatapp.auth.entities import User
from chatapp.chat import markdown
from chatapp.core.clock import iso
from chatapp.core.database import StorageError
from chatapp.people.entities import Preferences
from chatapp.rooms.entities import RoomName
from chatapp.services import services
from chatapp.web import rows
from chatapp.web.dress import looks, when

T = TypeVar("T")

HUES = 12
MANY = 10_000  # names that come again on every page


def init_app(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "first_line": markdown.line_of,
        "hue": hue,
        "initials": initials,
        "iso": iso,
        "looks": looks,
        "rendered": rendered,
        "when": when,
    }
    app.extensions["paths"] = app.url_map.bind("")
    app.jinja_env.globals["url_for"] = path_for
    app.jinja_env.globals["rows"] = rows
    app.context_processor(_context)


def path_for(endpoint: str, **values: Any) -> str:
    """Do what Flask's `url_for` does, also where there is no request: rows are made anywhere."""
    return str(current_app.extensions["paths"].build(endpoint, values))


def _context() -> dict[str, Any]:
    if current_app.debug:  # each page finds what was saved since the last one
        rows.forget()
    # Looked up when a template names them, and once a page.
    return {
        "workspace_name": LocalProxy(_workspace_name),
        "my_rooms": LocalProxy(_my_rooms),
        "my_zone": LocalProxy(_my_zone),
        "preferences": LocalProxy(_preferences),
        "my_directs": LocalProxy(_my_directs),
        "direct_states": LocalProxy(_direct_states),
    }


def _workspace_name() -> str:
    return _once("workspace_name", lambda: services.accounts.workspace().name, "chatapp")


def _my_rooms() -> Sequence[RoomName]:
    return _mine("my_rooms", services.rooms.list_for, ())


def _my_zone() -> str:
    return _mine("my_zone", services.people.zone, "")


def _preferences() -> Preferences:
    return _mine("preferences", services.people.preferences, Preferences())


def _my_directs() -> Sequence[RoomName]:
    return _mine("my_directs", services.rooms.directs_for, ())


def _direct_states() -> Mapping[str, str]:
    return _mine("direct_states", services.presence.states_in_directs, {})


def _mine(name: str, find: Callable[[User], T], otherwise: T) -> T:
    """Return what is found of whoever asks; of nobody there is nothing."""
    if not current_user.is_authenticated:
        return otherwise
    return _once(name, lambda: find(current_user.user), otherwise)


def _once(name: str, find: Callable[[], T], otherwise: T) -> T:
    if name not in g:
        try:
            setattr(g, name, find())
        except StorageError:
            setattr(g, name, otherwise)  # the page that says so is shown all the same
    found: T = getattr(g, name)
    return found


def rendered(html: str) -> Markup:
    """Return what `chat/markdown.py` made of a text, for the page; nothing else may pass here."""
    return Markup(markdown.framed(html))


@lru_cache(MANY)
def initials(name: str) -> str:
    """Return two letters for an avatar: of the first and last word, or of the only one."""
    words = name.split() or ["?"]
    letters = words[0][:1] + words[-1][:1] if len(words) > 1 else words[0][:2]
    return letters.upper()


@lru_cache(MANY)
def hue(username: str) -> int:
    """Return which of the avatar colours a person has: the same everywhere, 0 to 11."""
    return hashlib.sha256(username.encode()).digest()[0] % HUES
