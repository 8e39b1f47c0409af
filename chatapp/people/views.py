"""Pages where people say how they are shown and how they like the chat to be."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from chatapp.auth.login import current_actor
from chatapp.people.entities import CHOICES
from chatapp.people.errors import PictureTooLarge
from chatapp.people.forms import PreferencesForm, ProfileForm, ZoneForm
from chatapp.people.pictures import MAX_BYTES
from chatapp.services import services
from chatapp.web.uploads import takes

bp = Blueprint("people", __name__)

ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
FOR_EVER = 365 * 24 * 3600  # another picture has another name

Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@bp.get("/people/<username>")
def person(username: str) -> Page:
    """Answer with JSON, or with a card to a page that asks for text/html."""
    profile = services.people.profile(current_actor(), username)
    if request.accept_mimetypes.best == "text/html":
        return render_template("people/_card.html", person=profile)
    return jsonify({"person": profile.public()})


@bp.route("/profile", methods=["GET", "POST"])
def profile() -> Page:
    actor = current_actor()
    shown = services.people.profile(actor, actor.username)
    form = ProfileForm(
        display_name=shown.display_name,
        emoji=shown.status.emoji if shown.status else "",
        text=shown.status.text if shown.status else "",
    )
    if form.validate_on_submit():
        with form.marking():
            services.people.introduce(
                actor, form.display_name.data, form.emoji.data, form.text.data, form.lasts.data
            )
            return _saved("people.profile")
    page = render_template(
        "people/profile.html",
        form=form,
        person=shown,
        max_bytes=MAX_BYTES,
        too_large=PictureTooLarge.sentence,
    )
    return page, form.status, form.headers


@bp.post("/profile/picture")
@takes(MAX_BYTES, PictureTooLarge)
def show_picture() -> Page:
    """Take a picture as it is, not in a form: nothing of it is read but by the decoder."""
    services.people.show_picture(current_actor(), request.get_data(cache=False))
    return "", 204


@bp.post("/profile/picture/remove")
def hide_picture() -> Page:
    services.people.hide_picture(current_actor())
    return "", 204


@bp.get("/pictures/<name>/<size>")
def picture(name: str, size: str) -> Page:
    response = Response(services.people.picture(current_actor(), name, size), mimetype="image/webp")
    response.headers["Content-Security-Policy"] = ALONE
    response.headers["Cache-Control"] = f"private, max-age={FOR_EVER}, immutable"
    return response


@bp.post("/profile/zone")
def zone() -> Page:
    services.people.tell_zone(current_actor(), ZoneForm().zone.data)
    return "", 204


@bp.route("/preferences", methods=["GET", "POST"])
def preferences() -> Page:
    form = PreferencesForm()
    if form.validate_on_submit():
        with form.marking():
            chosen = {name: form[name].data for name in CHOICES if form[name].data}
            services.people.prefer(current_actor(), chosen)
            return _saved("people.preferences")
    return render_template("people/preferences.html", form=form), form.status, form.headers


def _saved(endpoint: str) -> Page:
    """Answer a page that sends each change by itself shortly, and a form with its page."""
    if request.accept_mimetypes.best == "application/json":
        return "", 204
    flash("Saved.")
    return redirect(url_for(endpoint), 303)
