"""The page of what one has saved."""

from flask import Blueprint, jsonify, render_template, request
from werkzeug.wrappers import Response

from chatapp.auth.login import current_actor
from chatapp.saves.schemas import SavedQuery
from chatapp.services import services
from chatapp.web.queries import asked

bp = Blueprint("saves", __name__)


@bp.get("/saved")
def saved() -> Response | str:
    query = asked(SavedQuery, request.args.to_dict())
    shelf = services.saves.shelf(current_actor(), query.before)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(shelf.public())
    names = services.accounts.names(shelf.people)
    return render_template("saves/index.html", shelf=shelf, names=names)
