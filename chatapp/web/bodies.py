"""How much a request may carry where it does not say so beforehand."""

from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge


def init_app(app: Flask) -> None:
    app.before_request(_measure)


def _measure() -> None:
    """Refuse what comes in chunks and is too large.

    Werkzeug 3.1 reads a form up to the limit and takes that for all of it.
    """
    limit = request.max_content_length
    if limit is None or "Transfer-Encoding" not in request.headers:
        return
    request.max_content_length = limit + 1
    if len(request.get_data()) > limit:
        raise RequestEntityTooLarge
