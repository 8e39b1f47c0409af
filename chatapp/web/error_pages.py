"""From any error to one refusal, and from a refusal to a page or JSON."""

import logging
import secrets

from flask import Flask, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from chatapp.core.database import StorageAway, StorageError
from chatapp.core.errors import (
    BadRequest,
    ChatError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    TooMany,
    Unavailable,
    describe,
)
from chatapp.extensions import login_manager
from chatapp.web import uploads

logger = logging.getLogger(__name__)

STATUSES: dict[type[ChatError], int] = {
    Invalid: 400,
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooMany: 429,
    Unavailable: 503,
}


class InternalError(ChatError):
    code = "internal_error"
    sentence = "Something went wrong on our side. Its number is {incident}."


class BadCsrf(Invalid):
    code = "bad_csrf"
    sentence = "This page is out of date. Please load it again, then retry."


class MethodNotAllowed(Invalid):
    code = "method_not_allowed"
    sentence = "This address does not take that kind of request."


class TooLarge(Invalid):
    code = "too_large"
    sentence = "That was more than fits in one request."


_HTTP: dict[int, type[ChatError]] = {404: NotFound, 405: MethodNotAllowed, 413: TooLarge}


def as_refusal(error: Exception) -> ChatError:
    """Return the refusal that stands for `error`; what nobody expected is logged with a number."""
    if isinstance(error, ChatError):
        return error
    if isinstance(error, ValidationError):
        return BadRequest(fields=sorted({str(part) for e in error.errors() for part in e["loc"]}))
    if isinstance(error, StorageError):
        is_expected = isinstance(error, StorageAway)
        logger.warning("the database did not answer: %s", error, exc_info=not is_expected)
        return Unavailable()
    if isinstance(error, CSRFError):
        return BadCsrf()
    if isinstance(error, HTTPException):
        own = uploads.refusal_of_size() if error.code == 413 else None
        return (own or _HTTP.get(error.code or 500, BadRequest))()
    incident = secrets.token_hex(4)
    logger.error("incident %s", incident, exc_info=error)
    return InternalError(incident=incident)


def status_of(refusal: ChatError) -> int:
    """Return the HTTP status of the refusal's kind."""
    return next((STATUSES[kind] for kind in type(refusal).__mro__ if kind in STATUSES), 500)


def init_app(app: Flask) -> None:
    app.register_error_handler(Exception, _answer)


def _answer(error: Exception) -> Response | tuple[Response | str, int, dict[str, str]]:
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return error.get_response()  # a redirect of the router's
    refusal = as_refusal(error)
    status = status_of(refusal)
    if isinstance(error, HTTPException) and error.code in (405, 413):
        status = error.code
    headers = {"Retry-After": str(refusal.details["seconds"])} if status == 429 else {}
    if not _wants_page():
        return jsonify(describe(refusal)), status, headers
    if isinstance(refusal, NotSignedIn):
        return _to_sign_in()
    return _page(refusal, status), status, headers


def _wants_page() -> bool:
    accepted = request.accept_mimetypes
    return accepted["text/html"] > accepted["application/json"]


def _to_sign_in() -> Response:
    came_for = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("auth.login", next=came_for))


def _page(refusal: ChatError, status: int) -> str:
    if isinstance(refusal, Unavailable):
        g._login_user = login_manager.anonymous_user()  # the page must not ask the database again
    return render_template(
        "error.html",
        status=status,
        code=refusal.code,
        sentence=refusal.message,
        incident=refusal.details.get("incident"),
    )
