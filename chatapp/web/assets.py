"""Static files, under a path that carries a hash of all of them.

Modules import each other by relative path and inherit the hash, so every file may be
cached for ever and nothing is compiled. What is short to read is one file to load:
`css/all.css` is all style sheets in the order of `SHEETS`, `js/main.js` brings the modules
that every page needs (see `modules.py`).
"""

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path

import brotli
from flask import Blueprint, Flask, Response, abort, current_app, request, url_for
from flask.sessions import SessionMixin

from chatapp.auth.login import Cookies, public_from_the_start
from chatapp.core import background
from chatapp.web import modules

bp = Blueprint("assets", __name__)

FOLDER = Path(__file__).parent.parent / "static"
FOR_EVER = 365 * 24 * 3600
ALL_SHEETS = "css/all.css"
SHEETS = (
    "_layers",
    "tokens",
    "base",
    "layout",
    "parts",
    "forms",
    "sidebar",
    "directory",
    "messages",
    "markdown",
    "actions",
    "pins",
    "reactions",
    "picker",
    "saves",
    "composer",
    "typing",
    "members",
    "presence",
    "pages",
    "settings",
)


ENCODINGS = ("br", "gzip")


class SessionsOfPages(Cookies):
    """Files are the same for everybody. Said to vary by cookie, they would be fetched again
    after each sign-in; Flask-Login looks into the session of every request, so Flask says it.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint != f"{bp.name}.{static.__name__}":
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.add_template_global(static_url)
    app.session_interface = SessionsOfPages()


@bp.get("/static/<version>/<path:filename>")
@public_from_the_start
def static(version: str, filename: str) -> Response:
    if filename not in _files():
        abort(404)
    response = _answer(filename)
    response.add_etag()
    if version == _version():
        response.cache_control.public = True
        response.cache_control.max_age = FOR_EVER
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True  # what is kept is asked about each time
    response.make_conditional(request)
    return response


def _answer(filename: str) -> Response:
    kind, _ = mimetypes.guess_type(filename)
    content = _files()[filename]
    encoding = request.accept_encodings.best_match(ENCODINGS)
    if encoding is None or kind not in current_app.config["COMPRESS_MIMETYPES"]:
        return Response(content, mimetype=kind)
    response = Response(_packed(content, encoding), mimetype=kind)
    response.content_encoding = encoding
    return response


def static_url(filename: str) -> str:
    if current_app.debug:  # each page finds what was saved since the last one
        _files.cache_clear()
        _version.cache_clear()
    return url_for("assets.static", version=_version(), filename=filename)


@cache
def _files() -> dict[str, bytes]:
    """Return all there is to serve, by name: about a megabyte, and nothing else is found."""
    files = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in sorted(FOLDER.rglob("*"))
        if path.is_file()
    }
    all_sheets = b"\n".join(files[f"css/{sheet}.css"] for sheet in SHEETS)
    return {**files, **modules.joined(files), ALL_SHEETS: all_sheets}


@cache
def _version() -> str:
    digest = hashlib.sha256()
    for name, content in _files().items():
        digest.update(name.encode())
        digest.update(content)
    return digest.hexdigest()[:12]


@cache
def _packed(content: bytes, encoding: str) -> bytes:
    """Return `content` as small as it gets; once, so it may take its time."""
    return background.offload(_pack, content, encoding)


def _pack(content: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(content, quality=11))
    # Without the time of packing: every process has to give the same bytes.
    return gzip.compress(content, mtime=0)
