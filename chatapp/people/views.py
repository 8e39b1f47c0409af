"""Pages where people say how they are shown and how they like the chat to be."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from chatapp.auth.login import current_actor
from chatapp.people.entities import CHOICES
from chatapp.people.forms import PreferencesForm
from chatapp.services import services

bp = Blueprint("people", __name__)

Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


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
