"""Static files, under a path that carries a hash of all of them.

Modules import each other by relative path and inherit the hash, so every file may be
cached for ever and nothing is compiled.
"""

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, current_app, send_from_directory, url_for
from werkzeug.wrappers import Response

from chatapp.auth.login import public_from_the_start

bp = Blueprint("assets", __name__)

FOLDER = Path(__file__).parent.parent / "static"
FOR_EVER = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.add_template_global(static_url)


@bp.get("/static/<version>/<path:filename>")
@public_from_the_start
def static(version: str, filename: str) -> Response:
    response = send_from_directory(FOLDER, filename)
    if version == _current_version():
        response.cache_control.public = True
        response.cache_control.max_age = FOR_EVER
        response.cache_control.immutable = True
    return response


def static_url(filename: str) -> str:
    return url_for("assets.static", version=_current_version(), filename=filename)


def _current_version() -> str:
    if current_app.debug:
        _version.cache_clear()
    return _version()


@cache
def _version() -> str:
    digest = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(FOLDER)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
