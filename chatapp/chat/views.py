"""The conversation page, and pages of history for scrolling."""

from flask import Blueprint, jsonify, render_template, request
from werkzeug.wrappers import Response

from chatapp.auth.login import current_actor
from chatapp.chat.entities import History
from chatapp.chat.errors import MessageNotFound
from chatapp.chat.schemas import MAX_SEQ, HistoryQuery
from chatapp.services import services
from chatapp.web.queries import asked

bp = Blueprint("chat", __name__)


@bp.get("/rooms/<room_id>")
def room(room_id: str) -> str:
    return _page(room_id, services.messages.history(current_actor(), room_id))


@bp.get("/rooms/<room_id>/messages/<int:seq>")
def room_at(room_id: str, seq: int) -> str:
    """The room around one of its messages: what a link to a message leads to."""
    actor = current_actor()
    history = services.messages.history(actor, room_id, around=min(seq, MAX_SEQ))
    if all(message.seq != seq for message in history.messages):
        raise MessageNotFound()
    return _page(room_id, history, seq)


def _page(room_id: str, history: History, at: int | None = None) -> str:
    actor = current_actor()
    members = services.rooms.members(actor, room_id)
    pinned = services.pins.pinned(actor, room_id)
    senders = {message.sender for message in pinned}
    usernames = {member.username for member in members} | history.people | senders
    return render_template(
        "chat/room.html",
        me=services.rooms.membership(actor, room_id),
        room=services.rooms.room(actor, room_id),
        members=members,
        history=history,
        pinned=pinned,
        saved=services.saves.saved_in(actor, room_id),
        at=at,
        names=services.accounts.names(usernames),
        states=services.presence.states(actor, room_id),
    )


@bp.get("/rooms/<room_id>/messages")
def messages(room_id: str) -> Response | tuple[str, dict[str, str]]:
    """Answer with JSON, or with the same rows as HTML to a page that asks for text/html."""
    query = asked(HistoryQuery, request.args.to_dict())
    history = services.messages.history(
        current_actor(),
        room_id,
        query.before,
        query.after,
        query.limit,
        query.changed_since,
        query.around,
    )
    if request.accept_mimetypes.best == "text/html":
        names = services.accounts.names(history.people)
        rows = render_template("chat/_page.html", history=history, names=names)
        seen = {"X-Head": str(history.head), "X-Mark": str(history.mark)}
        return rows, {**seen, "Vary": "Accept"}
    return jsonify(history.public())


@bp.get("/rooms/<room_id>/messages/<int:seq>/versions")
def versions(room_id: str, seq: int) -> Response | str:
    """Answer with the words that a message has and had, newest first."""
    found = services.messages.versions(current_actor(), room_id, min(seq, MAX_SEQ))
    if request.accept_mimetypes.best == "text/html":
        return render_template("chat/_versions.html", versions=found)
    return jsonify(versions=[version.public() for version in found])
