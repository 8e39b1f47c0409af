"""For whoever watches: is the program alive, and may people be sent to it?"""

from flask import Blueprint, Flask, current_app, jsonify, request
from werkzeug.wrappers import Response

from chatapp.auth.login import public_from_the_start
from chatapp.core.database import StorageError
from chatapp.core.errors import Unavailable
from chatapp.services import services
from migrations_seed.runner import pending

bp = Blueprint("health", __name__)


class NotMigrated(Unavailable):
    code = "not_migrated"
    sentence = "The database is not ready for this version. Run `flask --app wsgi migrate`."


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.before_request(require_migrated)


def require_migrated() -> None:
    """Refuse pages until the indexes are there: without them two messages could share a `seq`."""
    if request.blueprint not in (bp.name, "assets"):
        check_migrated()


def check_migrated() -> None:
    state = current_app.extensions
    if state.get("chatapp_is_migrated"):
        return
    if pending(services.database):
        raise NotMigrated()
    state["chatapp_is_migrated"] = True


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
