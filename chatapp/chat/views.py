"""The conversation page, and pages of history for scrolling."""

from flask import Blueprint, jsonify, render_template, request
from pydantic import ValidationError
from werkzeug.wrappers import Response

from chatapp.auth.login import current_actor
from chatapp.chat.entities import History
from chatapp.chat.schemas import HistoryQuery
from chatapp.core.errors import BadRequest
from chatapp.services import services

bp = Blueprint("chat", __name__)


@bp.get("/rooms/<room_id>")
def room(room_id: str) -> str:
    actor = current_actor()
    membership = services.rooms.membership(actor, room_id)
    history = services.messages.history(actor, room_id)
    members = services.rooms.members(actor, room_id)
    usernames = {member.username for member in members} | _senders(history)
    return render_template(
        "chat/room.html",
        me=membership,
        members=members,
        messages=history.messages,
        head=history.head,
        names=services.accounts.names(usernames),
        states=services.presence.states(actor, room_id),
    )


@bp.get("/rooms/<room_id>/messages")
def messages(room_id: str) -> Response | tuple[str, dict[str, str]]:
    """Answer with JSON, or with the same rows as HTML to a page that asks for text/html."""
    asked = _query()
    history = services.messages.history(
        current_actor(), room_id, asked.before, asked.after, asked.limit
    )
    if request.accept_mimetypes.best == "text/html":
        names = services.accounts.names(_senders(history))
        rows = render_template("chat/_page.html", messages=history.messages, names=names)
        return rows, {"X-Head": str(history.head), "Vary": "Accept"}
    return jsonify(history.public())


def _query() -> HistoryQuery:
    try:
        return HistoryQuery.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise BadRequest() from error


def _senders(history: History) -> set[str]:
    return {message.sender for message in history.messages}
