"""The page of what one has saved."""

from flask import Blueprint, jsonify, render_template, request
from pydantic import ValidationError
from werkzeug.wrappers import Response

from chatapp.auth.login import current_actor
from chatapp.core.errors import BadRequest
from chatapp.saves.schemas import SavedQuery
from chatapp.services import services

bp = Blueprint("saves", __name__)


@bp.get("/saved")
def saved() -> Response | str:
    shelf = services.saves.shelf(current_actor(), _query().before)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(shelf.public())
    names = services.accounts.names(shelf.people)
    return render_template("saves/index.html", shelf=shelf, names=names)


def _query() -> SavedQuery:
    try:
        return SavedQuery.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise BadRequest() from error
