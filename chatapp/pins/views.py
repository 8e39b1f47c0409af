"""What is pinned in a room, for its details panel and for programs."""

from flask import Blueprint, jsonify, render_template, request
from werkzeug.wrappers import Response

from chatapp.auth.login import current_actor
from chatapp.services import services

bp = Blueprint("pins", __name__)


@bp.get("/rooms/<room_id>/pins")
def pins(room_id: str) -> Response | str:
    """Answer with JSON, or with lines of the panel to a page that asks for text/html."""
    pinned = services.pins.pinned(current_actor(), room_id)
    if request.accept_mimetypes.best == "text/html":
        names = services.accounts.names({message.sender for message in pinned})
        return render_template("pins/_list.html", pinned=pinned, names=names)
    return jsonify(pins=[message.public() for message in pinned])
