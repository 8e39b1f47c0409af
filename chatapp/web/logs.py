"""Logs: a line an event, JSON in production, for people elsewhere; which request, which socket.

No secret and no word of a message is logged: paths come without their query, and errors
of the database are told by kind.
"""

import logging
import logging.config
import re
import secrets
import time
from contextvars import ContextVar
from typing import Any

from flask import Flask, g, has_request_context, request
from flask_login import current_user
from pythonjsonlogger.json import JsonFormatter
from werkzeug.wrappers import Response

MAX_LENGTH = 2_000  # of one message, in characters
MAX_PATH_LENGTH = 200
QUIET = ("assets.static", "health.health", "health.ready")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
FIELDS = "%(asctime)s %(levelname)s %(name)s %(message)s"

socket_id: ContextVar[str] = ContextVar("socket_id", default="")
"""Of the socket whose request is being answered."""

log = logging.getLogger(__name__)


class Ids(logging.Filter):
    """Adds who is asking to each line, and cuts what is too long."""

    def filter(self, record: logging.LogRecord) -> bool:
        if has_request_context():
            record.request_id = g.get("request_id", "")
        if sid := socket_id.get():
            record.socket_id = sid
        text = record.getMessage()
        if len(text) > MAX_LENGTH:
            record.msg, record.args = f"{text[:MAX_LENGTH]}… ({len(text)} characters)", None
        return True


class ForPeople(logging.Formatter):
    """One line an event, whatever is in it; only a traceback has lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return CONTROLS.sub(lambda found: repr(found[0])[1:-1], super().formatMessage(record))


def settings(*, is_production: bool) -> dict[str, Any]:
    """Return what `logging.config.dictConfig` takes."""
    formatters: dict[str, Any] = {
        "json": {"()": JsonFormatter, "fmt": FIELDS},
        "people": {"()": ForPeople, "fmt": FIELDS},
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"ids": {"()": Ids}},
        "formatters": formatters,
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json" if is_production else "people",
                "filters": ["ids"],
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        # Requests are told in production only: elsewhere a person looks at the same terminal.
        "loggers": {
            "chatapp": {"level": "INFO" if is_production else "WARNING"},
            "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
        },
    }


def init_app(app: Flask) -> None:
    if not app.testing:
        is_production = app.config["CHATAPP_ENV"] == "production"
        logging.config.dictConfig(settings(is_production=is_production))
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_id = secrets.token_hex(8)  # ours: one from outside could be anything
    g.began_at = time.monotonic()


def _end(response: Response) -> Response:
    if "request_id" in g:
        response.headers["X-Request-Id"] = g.request_id
    if request.endpoint not in QUIET:
        log.info("request", extra=_facts(response))
    return response


def _facts(response: Response) -> dict[str, object]:
    is_known = "_login_user" in g and current_user.is_authenticated
    return {
        "method": request.method,
        "path": request.path[:MAX_PATH_LENGTH],
        "status": response.status_code,
        "milliseconds": round((time.monotonic() - g.get("began_at", 0.0)) * 1_000),
        "username": current_user.user.username if is_known else "",
        "address": request.remote_addr or "",
    }
