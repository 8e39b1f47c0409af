"""Pages for coming in and going out."""

from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response

from chatapp.auth import login
from chatapp.auth.errors import AlreadySetUp
from chatapp.auth.forms import PasswordForm, SetUpForm, SignInForm, SignUpForm
from chatapp.auth.login import current_actor, public, public_from_the_start, safe_next
from chatapp.auth.service import PEOPLE_A_PAGE
from chatapp.services import services

bp = Blueprint("auth", __name__)

Page = str | Response | tuple[str, int, dict[str, str]]


@bp.route("/setup", methods=["GET", "POST"])
@public_from_the_start
def setup() -> Page:
    if services.accounts.is_set_up():
        raise AlreadySetUp()
    form = SetUpForm()
    if form.validate_on_submit():
        with form.marking():
            founder = services.accounts.set_up(
                form.workspace.data,
                form.username.data,
                form.password.data,
                form.display_name.data,
            )
            login.enter(services.accounts.start_session(founder, login.device()))
            return redirect(url_for("auth.invite", welcome=1), 303)
    return render_template("auth/setup.html", form=form), form.status, form.headers


@bp.get("/invite")
def invite() -> Page:
    token = services.accounts.invite(current_actor())
    return render_template("auth/invite.html", invite_url=_invite_url(token))


@bp.post("/invite/renew")
def renew_invite() -> Page:
    services.accounts.renew_invite(current_actor())
    flash("The old link no longer works. This is the new one.")
    return redirect(url_for("auth.invite"), 303)


def _invite_url(token: str) -> str:
    # Never from the Host header where the address of the site is known.
    base = current_app.config["PUBLIC_URL"] or request.url_root
    return base.rstrip("/") + url_for("auth.signup", invite=token)


@bp.route("/signup", methods=["GET", "POST"])
@public
def signup() -> Page:
    form = SignUpForm()
    if request.method == "GET":
        form.invite.data = request.args.get("invite", "")
    services.accounts.check_invite(form.invite.data, login.address())
    if form.validate_on_submit():
        with form.marking():
            user = services.accounts.sign_up(
                form.username.data,
                form.display_name.data,
                form.password.data,
                form.invite.data,
                login.address(),
            )
            login.enter(services.accounts.start_session(user, login.device()))
            return redirect(url_for("rooms.home", first=1), 303)
    return render_template("auth/signup.html", form=form), form.status, form.headers


@bp.route("/login", methods=["GET", "POST"], endpoint="login")
@public
def sign_in() -> Page:
    form = SignInForm()
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(safe_next(request.args.get("next")))
        form.next.data = request.args.get("next", "")
    if form.validate_on_submit():
        with form.marking():
            session_id = services.accounts.sign_in(
                form.username.data, form.password.data, login.address(), login.device()
            )
            login.enter(session_id)
            return redirect(safe_next(form.next.data), 303)
    return render_template("auth/login.html", form=form), form.status, form.headers


@bp.post("/logout")
@public
def logout() -> Page:
    login.leave()
    return redirect(url_for("auth.login"), 303)


@bp.route("/account", methods=["GET", "POST"])
def account() -> Page:
    form = PasswordForm()
    if form.validate_on_submit():
        with form.marking():
            session_id = services.accounts.change_password(
                current_actor(),
                form.current.data,
                form.password.data,
                login.address(),
                login.device(),
            )
            login.enter(session_id)
            flash("Your password is changed. You are signed out everywhere else.")
            return redirect(url_for("auth.account"), 303)
    page = render_template(
        "auth/account.html",
        form=form,
        here=login.current_visitor().session,
        sessions=services.accounts.sessions(current_actor()),
    )
    return page, form.status, form.headers


@bp.post("/account/sessions/<handle>/end")
def end_session(handle: str) -> Page:
    services.accounts.end_session(current_actor(), handle)
    return _back_to_account("That sign-in has ended.")


@bp.post("/account/sessions/end-others")
def end_other_sessions() -> Page:
    here = login.current_visitor().session
    ended = services.accounts.end_other_sessions(current_actor(), here)
    return _back_to_account(
        "You are signed out everywhere else." if ended else "You were nowhere else."
    )


def _back_to_account(told: str) -> Response:
    flash(told)
    return redirect(url_for("auth.account"), 303)


@bp.get("/admin/people")
def manage_people() -> Page:
    people = services.accounts.list_people(current_actor(), request.args.get("after", ""))
    return render_template("auth/people.html", people=people, page_size=PEOPLE_A_PAGE)


@bp.post("/admin/people/<username>/deactivate")
def deactivate(username: str) -> Page:
    services.accounts.deactivate(current_actor(), username)
    return _back_to_people(f"{username} is deactivated and signed out everywhere.")


@bp.post("/admin/people/<username>/activate")
def activate(username: str) -> Page:
    services.accounts.activate(current_actor(), username)
    return _back_to_people(f"{username} can sign in again.")


@bp.post("/admin/people/<username>/make-site-admin")
def make_site_admin(username: str) -> Page:
    services.accounts.set_site_admin(current_actor(), username, is_site_admin=True)
    return _back_to_people(f"{username} is a site admin now.")


@bp.post("/admin/people/<username>/unmake-site-admin")
def unmake_site_admin(username: str) -> Page:
    services.accounts.set_site_admin(current_actor(), username, is_site_admin=False)
    return _back_to_people(f"{username} is no longer a site admin.")


def _back_to_people(told: str) -> Response:
    flash(told)
    return redirect(url_for("auth.manage_people"), 303)


@bp.get("/people")
def people() -> Response:
    found = services.accounts.suggest(current_actor(), request.args.get("q", ""))
    body: dict[str, Any] = {"people": [user.public() for user in found]}
    return jsonify(body)
