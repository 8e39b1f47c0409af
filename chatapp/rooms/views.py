"""Pages about rooms: the list, the directory, making one, changing one."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from chatapp.auth.forms import ChatForm
from chatapp.auth.login import current_actor
from chatapp.rooms.forms import EditRoomForm, LevelForm, MembersForm, NewRoomForm, TopicForm
from chatapp.rooms.service import DIRECTORY_PAGE
from chatapp.services import services

bp = Blueprint("rooms", __name__)

Page = str | Response | tuple[str, int]


@bp.get("/")
def home() -> Page:
    """The rooms; with `first=1`, as after signing up, straight to the room if there is one only."""
    rooms = services.rooms.list_for(current_actor())
    if "first" in request.args and len(rooms) == 1:
        return redirect(url_for("chat.room", room_id=rooms[0].room_id))
    return render_template("rooms/index.html")


@bp.get("/rooms")
def directory() -> Page:
    """The open rooms, or those with `q` in name or topic."""
    actor, sought = current_actor(), request.args.get("q", "")
    listed = services.rooms.directory(actor, sought)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(rooms=[one.public() for one in listed])
    return render_template(
        "rooms/directory.html",
        listed=listed,
        mine={room.room_id for room in services.rooms.list_for(actor)},
        archived=services.rooms.archived(actor, sought),
        sought=sought,
        is_cut=len(listed) == DIRECTORY_PAGE,
    )


@bp.route("/rooms/new", methods=["GET", "POST"])
def new() -> Page:
    form = NewRoomForm()
    if form.validate_on_submit():
        with form.marking():
            create = services.rooms.create_open if form.is_open.data else services.rooms.create
            return _to_room(create(current_actor(), form.name.data, form.usernames).id)
    return render_template("rooms/new.html", form=form), form.status


@bp.get("/directs/new")
def new_direct() -> Page:
    return render_template("rooms/new_direct.html", form=MembersForm(formdata=None))


@bp.post("/directs")
def open_direct() -> Page:
    """Lead to the conversation with these people, the same one each time."""
    form = MembersForm()
    with form.marking():
        return _to_room(services.rooms.open_direct(current_actor(), form.usernames).id)
    return render_template("rooms/new_direct.html", form=form), form.status


@bp.route("/rooms/<room_id>/edit", methods=["GET", "POST"])
def edit(room_id: str) -> Page:
    """Show what admins can change; a POST renames."""
    membership = services.rooms.administered(current_actor(), room_id)
    form = EditRoomForm(name=membership.room_name)
    if form.validate_on_submit():
        with form.marking():
            services.rooms.rename(current_actor(), room_id, form.name.data)
            flash("Saved.")
            return _to_edit(room_id)
    return _edit_page(room_id, form=form)


@bp.post("/rooms/<room_id>/topic")
def change_topic(room_id: str) -> Page:
    form = TopicForm()
    with form.marking():
        services.rooms.change_topic(current_actor(), room_id, form.topic.data)
        flash("Saved.")
        return _to_edit(room_id)
    return _edit_page(room_id, topic_form=form)


@bp.post("/rooms/<room_id>/join")
def join(room_id: str) -> Page:
    return _to_room(services.rooms.join(current_actor(), room_id).id)


@bp.post("/rooms/<room_id>/open")
def open_room(room_id: str) -> Page:
    services.rooms.open(current_actor(), room_id)
    flash("Anybody can find this room and join it now.")
    return _to_room(room_id)


@bp.post("/rooms/<room_id>/close")
def close_room(room_id: str) -> Page:
    services.rooms.close(current_actor(), room_id)
    flash("People come into this room by invitation now.")
    return _to_room(room_id)


@bp.post("/rooms/<room_id>/archive")
def archive(room_id: str) -> Page:
    services.rooms.archive(current_actor(), room_id)
    return _to_room(room_id)


@bp.post("/rooms/<room_id>/restore")
def restore(room_id: str) -> Page:
    services.rooms.restore(current_actor(), room_id)
    return _to_room(room_id)


@bp.post("/rooms/<room_id>/notify")
def notify(room_id: str) -> Page:
    services.rooms.notify(current_actor(), room_id, LevelForm().level.data)
    flash("Saved.")
    return _to_room(room_id)


@bp.post("/rooms/<room_id>/members")
def add_members(room_id: str) -> Page:
    form = MembersForm()
    with form.marking():
        added = services.rooms.add_members(current_actor(), room_id, form.usernames)
        flash(f"Added {', '.join(added)}." if added else "Nobody new was named.")
        return _to_edit(room_id)
    return _edit_page(room_id, add_form=form)


@bp.post("/rooms/<room_id>/members/<username>/remove")
def remove_member(room_id: str, username: str) -> Page:
    services.rooms.remove_member(current_actor(), room_id, username)
    flash(f"{username} was removed.")
    if username == current_actor().username:
        return redirect(url_for("rooms.home"), 303)
    return _to_edit(room_id)


@bp.post("/rooms/<room_id>/members/<username>/admin")
def make_admin(room_id: str, username: str) -> Page:
    services.rooms.make_admin(current_actor(), room_id, username)
    flash(f"{username} is an admin now.")
    return _to_edit(room_id)


@bp.post("/rooms/<room_id>/members/<username>/unmake-admin")
def unmake_admin(room_id: str, username: str) -> Page:
    services.rooms.unmake_admin(current_actor(), room_id, username)
    flash(f"{username} is no longer an admin.")
    if username == current_actor().username:
        return _to_room(room_id)
    return _to_edit(room_id)


@bp.post("/rooms/<room_id>/leave")
def leave(room_id: str) -> Page:
    is_direct = services.rooms.membership(current_actor(), room_id).is_direct
    services.rooms.leave(current_actor(), room_id)
    flash("It is back with the next message." if is_direct else "You left the room.")
    return redirect(url_for("rooms.home"), 303)


def _to_room(room_id: str) -> Response:
    return redirect(url_for("chat.room", room_id=room_id), 303)


def _to_edit(room_id: str) -> Response:
    return redirect(url_for("rooms.edit", room_id=room_id), 303)


def _edit_page(room_id: str, **filled_in: ChatForm) -> Page:
    """Show all forms; one that was refused as it was filled in."""
    actor = current_actor()
    me = services.rooms.administered(actor, room_id)  # who may not, or no longer, sees no form
    room = services.rooms.room(actor, room_id)
    members = services.rooms.members(actor, room_id)
    forms: dict[str, ChatForm] = {
        "form": EditRoomForm(formdata=None, name=room.name),
        "topic_form": TopicForm(formdata=None, topic=room.topic),
        "add_form": MembersForm(formdata=None),
        **filled_in,
    }
    page = render_template(
        "rooms/edit.html",
        me=me,
        **forms,
        members=members,
        names=services.accounts.names(member.username for member in members),
    )
    return page, max(form.status for form in forms.values())
