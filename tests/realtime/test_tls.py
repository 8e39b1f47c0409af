"""Sockets where gunicorn itself ends TLS, which writes and reads in its own way."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import EVENTLET, Server, make_certificate, running
from tests.wire import Person, until

EXIT_LIMIT_SECONDS = 5.0


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server with a certificate that this test alone trusts."""
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("WEBSOCKET_CLIENT_CA_BUNDLE", str(certificate))
    key = str(tmp_path / "privkey.pem")
    command = (*EVENTLET[:-1], "--certfile", str(certificate), "--keyfile", key, EVENTLET[-1])
    with running(tmp_path, command) as server:
        yield server


def test_people_hear_each_other_in_order_and_are_told_when_it_ends(server: Server) -> None:
    ana, ben = Person(server.url), Person(server.url)
    for person in (ana, ben):
        person._opener.addheaders.append(("Referer", f"{server.url}/setup"))  # as browsers send it
    ben.sign_up(ana.set_up("ana"), "ben")
    room_id = ana.first_room()
    speaking, listening, leaving = ana.socket(), ben.socket(), ben.socket()
    texts = [f"no. {number} " + "ü" * (number * 30) for number in range(100)]

    for text in texts:
        assert speaking.ask("post_message", {"room_id": room_id, "text": text})["ok"]

    for wire in (speaking, listening):
        wire.wait(lambda wire=wire: len(wire.of("message_posted")) == len(texts))  # type: ignore[misc]
        assert [told["message"]["text"] for told in wire.of("message_posted")] == texts

    leaving.close()
    assert speaking.ask("post_message", {"room_id": room_id, "text": "still here"})["ok"]
    began_at = time.monotonic()
    server.stop()
    assert time.monotonic() - began_at < EXIT_LIMIT_SECONDS
    until(lambda: not listening.is_open)
    assert len(listening.of("restarting")) == 1
    assert "Traceback" not in server.log.read_text()
