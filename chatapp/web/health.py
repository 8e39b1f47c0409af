"""For whoever watches: is the program alive, and may people be sent to it?"""

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from chatapp.auth.login import public_from_the_start
from chatapp.core.database import StorageError
from chatapp.services import services
from migrations_seed.runner import pending

bp = Blueprint("health", __name__)


@bp.get("/health")
@public_from_the_start
def health() -> Response:
    return jsonify(ok=True)


@bp.get("/ready")
@public_from_the_start
def ready() -> tuple[Response, int]:
    """Answer 503 while the database is away or migrations wait to be run."""
    try:
        waiting = pending(services.database)
    except StorageError:
        return jsonify(ok=False, database="away"), 503
    return jsonify(ok=not waiting, database="here", pending=waiting), 503 if waiting else 200
