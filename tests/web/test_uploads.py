"""What comes in chunks is measured like everything else."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests.server import EVENTLET, THREADS, Server, running

LIMIT = 64 * 1024
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"


@pytest.fixture(scope="module", params=[EVENTLET, THREADS], ids=["eventlet", "threads"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("site"), request.param) as server:
        yield server


class TestABodyInChunks:
    @pytest.mark.parametrize("kind", [FORM, PARTS, "application/json"])
    def test_is_refused_when_it_is_too_large(self, server: Server, kind: str) -> None:
        assert _posted(server, kind, LIMIT + 1) == (413, "too_large")

    def test_is_read_when_it_fits(self, server: Server) -> None:
        # What is missed in it is the CSRF token, so it was read.
        assert _posted(server, FORM, LIMIT) == (400, "bad_csrf")

    def test_is_refused_when_it_is_far_too_large(self, server: Server) -> None:
        assert _posted(server, FORM, 40 * LIMIT) == (413, "too_large")


def _posted(server: Server, kind: str, size: int) -> tuple[int, str]:
    """Post that many bytes to the sign-in; return how it was refused."""
    pieces = (b"a" * min(8192, size - done) for done in range(0, size, 8192))
    headers = {"Content-Type": kind, "Accept": "application/json"}
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request("POST", "/login", pieces, headers, encode_chunked=True)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())["error"]["code"]
