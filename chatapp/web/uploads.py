"""How much a request may bring. Most bring a form; a view that takes more says so."""

from collections.abc import Callable
from typing import Any, TypeVar

import flask
from flask import Flask, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from chatapp.core.errors import ChatError

View = TypeVar("View", bound=Callable[..., Any])


def takes(max_bytes: int, refusal: type[ChatError]) -> Callable[[View], View]:
    """Let a view take so much; more is refused with a sentence of its own."""

    def mark(view: View) -> View:
        view.takes = (max_bytes, refusal)  # type: ignore[attr-defined]
        return view

    return mark


def refusal_of_size() -> type[ChatError] | None:
    """Return how the view that is asked for refuses too much, if in its own way."""
    taken = _taken()
    return taken[1] if taken else None


class Request(flask.Request):
    # Before the view: whoever looks for the CSRF token in a form looks at the size first.
    @property
    def max_content_length(self) -> int | None:
        taken = _taken(self) if self._max_content_length is None else None
        return taken[0] if taken else super().max_content_length

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value


def _taken(asked: flask.Request | None = None) -> tuple[int, type[ChatError]] | None:
    endpoint = (asked or request).endpoint
    return getattr(current_app.view_functions.get(endpoint or ""), "takes", None)


def _measure() -> None:
    """Refuse what comes in chunks, without saying how much it is, and is too large.

    Werkzeug 3.1 reads a form up to the limit and takes that for all of it.
    """
    limit = request.max_content_length
    if limit is None or "Transfer-Encoding" not in request.headers:
        return
    request.max_content_length = limit + 1
    if len(request.get_data()) > limit:
        raise RequestEntityTooLarge


def init_app(app: Flask) -> None:
    app.request_class = Request
    app.before_request(_measure)
