"""Who reacted, where a row has no place for all of them, and whether one did oneself."""

from flask import Blueprint, jsonify, render_template, request
from werkzeug.wrappers import Response

from chatapp.auth.login import current_actor
from chatapp.reactions.schemas import MineQuery
from chatapp.services import services
from chatapp.web.queries import asked

bp = Blueprint("reactions", __name__)


@bp.get("/rooms/<room_id>/messages/<message_id>/reactions")
def of_message(room_id: str, message_id: str) -> Response | str:
    reactions = services.reactions.of_message(current_actor(), room_id, message_id)
    if request.accept_mimetypes.best == "text/html":
        return render_template("reactions/_people.html", reactions=reactions)
    return jsonify(reactions=reactions)


@bp.get("/rooms/<room_id>/reactions/mine")
def mine(room_id: str) -> Response:
    query = asked(MineQuery, request.args.to_dict(flat=False))
    found = services.reactions.mine(current_actor(), room_id, query.message)
    return jsonify(mine={message_id: one.public() for message_id, one in found.items()})
