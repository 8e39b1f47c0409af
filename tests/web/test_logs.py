"""I9: a line an event, whatever is in it, and nothing that should not be there."""

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from chatapp.web import logs
from tests.cast import Browser, Cast

HOSTILE = [
    "one\ntwo",
    "one\r\ntwo",
    "\x1b[31mred\x1b[0m",
    "nul\x00byte",
    '{"level": "ERROR"}',
    "line\u2028separator",
    "\u202eedoc",
    "%s %d %(name)s",
    "x" * 100_000,
]


@pytest.fixture(params=[True, False], ids=["production", "development"])
def written(request: pytest.FixtureRequest) -> Iterator[tuple[io.StringIO, bool]]:
    """What a logger of ours writes, and whether it is JSON."""
    chosen = logs.settings(is_production=request.param)
    handler = logging.StreamHandler(stream := io.StringIO())
    formatter = chosen["formatters"][chosen["handlers"]["stderr"]["formatter"]]
    handler.setFormatter(formatter["()"](formatter["fmt"]))
    handler.addFilter(logs.Ids())
    logger = logging.getLogger("tests.logs")
    logger.addHandler(handler)
    logger.propagate = False
    yield stream, request.param
    logger.removeHandler(handler)
    logger.propagate = True


@pytest.mark.parametrize("text", HOSTILE)
def test_I9_an_event_is_one_line(written: tuple[io.StringIO, bool], text: str) -> None:
    stream, is_json = written

    logging.getLogger("tests.logs").warning("it said %s", text, extra={"path": text[:200]})

    (line,) = stream.getvalue().splitlines()
    assert "\x1b" not in line
    assert "\x00" not in line
    assert len(line) < 4_000
    if is_json:
        assert json.loads(line)["levelname"] == "WARNING"


def test_names_the_request_and_takes_no_name_from_outside(visitor: Browser, cast: Cast) -> None:
    answers = [visitor.get("/login", headers={"X-Request-Id": "mine"}) for _ in range(2)]

    ids = {answer.headers["X-Request-Id"] for answer in answers}
    assert len(ids) == 2
    assert "mine" not in ids


def test_tells_a_request_without_its_query(
    app: Flask, sign_in: Callable[[str], Browser], caplog: pytest.LogCaptureFixture
) -> None:
    ben = sign_in("ben")
    with caplog.at_level(logging.INFO, "chatapp.web.logs"):
        ben.get("/people?q=secret")

    (record,) = caplog.records
    told: dict[str, Any] = vars(record)
    assert (told["method"], told["path"], told["status"]) == ("GET", "/people", 200)
    assert told["username"] == "ben"
    assert "secret" not in repr(told)
