"""deploy/nginx.conf, as it is but for its addresses, in front of a production server."""

import contextlib
import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import PASSWORD
from tests.server import EVENTLET, ROOT, free_port, make_certificate, running
from tests.wire import Person, until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
START_LIMIT_SECONDS = 10.0

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address that people type, with a certificate that this test alone trusts."""
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("WEBSOCKET_CLIENT_CA_BUNDLE", str(certificate))
    url = f"https://localhost:{free_port()}"
    settings = {"CHATAPP_ENV": "production", "PUBLIC_URL": url, "SECRET_KEY": "for a test " * 4}
    settings["CHATAPP_PROXIES"] = "1"
    with running(tmp_path, EVENTLET, **settings) as server:
        nginx = _start_nginx(tmp_path, server.port, int(url.rpartition(":")[2]))
        try:
            _wait_for(url)
            yield url
        finally:
            nginx.terminate()
            nginx.wait(START_LIMIT_SECONDS)


class TestBehindNginx:
    def test_people_sign_in_and_talk(self, site: str) -> None:
        person = Person(site)
        person._opener.addheaders.append(("Referer", f"{site}/setup"))  # as browsers send it
        person.set_up("ana")
        wire = person.socket()

        answer = wire.ask(
            "post_message",
            {
                "room_id": person.first_room(),
                "text": "hello",
                "client_id": "0f3c1c5e-6f0e-4b5e-9d62-0c8f9d3f6a11",
            },
        )
        wire.wait(lambda: bool(wire.of("message_posted")))
        wire.close()

        assert answer["ok"] is True

    def test_S16_no_secret_and_no_word_is_in_the_log(self, site: str, tmp_path: Path) -> None:
        ana = Person(site)
        ana._opener.addheaders.append(("Referer", f"{site}/setup"))
        invite = ana.set_up("ana")
        with contextlib.suppress(urllib.error.HTTPError):
            ana.post("/login", username="ana", password="a wrong password")
        wire = ana.socket()
        asked = {"room_id": ana.first_room(), "text": "a word between us"}
        assert wire.ask("post_message", asked)["ok"]
        wire.close()
        ana.get("/account")
        told = tmp_path / "server.log"
        until(lambda: "/account" in told.read_text())

        lines = [json.loads(line) for line in told.read_text().splitlines() if line[0] == "{"]
        requests = [line for line in lines if line["message"] == "request"]
        assert all(line["request_id"] and line["address"] == "127.0.0.1" for line in requests)
        assert {"/setup", "/login", "/account"} <= {line["path"] for line in requests}
        assert any(line["message"] == "a socket connected" and line["socket_id"] for line in lines)
        secrets = {PASSWORD, "a wrong password", "a word between us", "for a test for a test"}
        for secret in {
            *secrets,
            ana.csrf(),
            ana.cookie().partition("=")[2],
            invite.partition("=")[2],
        }:
            assert secret not in told.read_text()

    def test_an_answer_asks_for_https_once(self, site: str) -> None:
        with urllib.request.urlopen(f"{site}/login") as answer:
            asked = answer.headers.get_all("Strict-Transport-Security")

        assert asked == ["max-age=31536000"]

    def test_a_body_larger_than_any_form_stops_at_the_proxy(self, site: str) -> None:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{site}/login", data=b"x" * 70_000)

        with refused.value:
            assert refused.value.code == 413
            assert refused.value.headers["Server"].startswith("nginx")
            assert refused.value.headers["Strict-Transport-Security"]


def _start_nginx(folder: Path, chat_port: int, port: int) -> subprocess.Popen[bytes]:
    written = (ROOT / "deploy" / "nginx.conf").read_text()
    for pattern, here in (
        (r"listen \[::\].*\n", "\n"),
        (r"listen 80;", f"listen 127.0.0.1:{free_port()};"),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        (r"127\.0\.0\.1:5000", f"127.0.0.1:{chat_port}"),
        (r"/etc/letsencrypt/live/chat\.example\.org", str(folder)),
        (r"chat\.example\.org", "localhost"),
    ):
        written, found = re.subn(pattern, here, written)
        assert found, pattern
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{written}\n}}\n"
    )
    return subprocess.Popen([str(NGINX), "-p", folder, "-e", folder / "nginx.log", "-c", main])


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=2).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return
