"""Static files, under a path that carries a hash of all of them.

Modules import each other by relative path and inherit the hash, so every file may be
cached for ever and nothing is compiled. Style sheets are short files to read and one
file to load: `css/all.css` is all of them in the order of `SHEETS`.
"""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, abort, current_app, request, url_for
from werkzeug.wrappers import Response

from chatapp.auth.login import public_from_the_start

bp = Blueprint("assets", __name__)

FOLDER = Path(__file__).parent.parent / "static"
FOR_EVER = 365 * 24 * 3600
ALL_SHEETS = "css/all.css"
SHEETS = (
    *("_layers", "tokens", "base", "layout", "parts", "forms"),
    *("sidebar", "messages", "composer", "typing", "members", "pages"),
)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.add_template_global(static_url)


@bp.get("/static/<version>/<path:filename>")
@public_from_the_start
def static(version: str, filename: str) -> Response:
    if filename not in _files():
        abort(404)
    kind, _ = mimetypes.guess_type(filename)
    response = Response(_files()[filename], mimetype=kind)
    response.add_etag()
    if version == _version():
        response.cache_control.public = True
        response.cache_control.max_age = FOR_EVER
        response.cache_control.immutable = True
    return response.make_conditional(request)


def static_url(filename: str) -> str:
    if current_app.debug:  # each page finds what was saved since the last one
        _files.cache_clear()
        _version.cache_clear()
    return url_for("assets.static", version=_version(), filename=filename)


@cache
def _files() -> dict[str, bytes]:
    """Return all there is to serve, by name: less than a megabyte, and nothing else is found."""
    files = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in sorted(FOLDER.rglob("*"))
        if path.is_file()
    }
    return {**files, ALL_SHEETS: b"\n".join(files[f"css/{sheet}.css"] for sheet in SHEETS)}


@cache
def _version() -> str:
    digest = hashlib.sha256()
    for name, content in _files().items():
        digest.update(name.encode())
        digest.update(content)
    return digest.hexdigest()[:12]
