"""S rows of THREATS.md that concern every page: copied cookies, CSRF, proxies, headers."""

import re
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Flask, request
from werkzeug.test import TestResponse

from chatapp.services import Services
from config import ConfigError, config_for
from tests.cast import PASSWORD, Browser, Cast, at_once, gather, knock
from tests.server import EVENTLET, running
from tests.wire import Person, until

SignIn = Callable[[str], Browser]
SAFE = {"GET", "HEAD", "OPTIONS"}
OPEN_TO_ALL = {
    "/login",
    "/logout",
    "/signup",
    "/setup",
    "/health",
    "/ready",
    "/static/<version>/<path:filename>",
}
TICKING = (*EVENTLET[:-1], "tests.faults.ticking:app")
MANY = 50
LONGEST_GAP_SECONDS = 0.1


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield every method and rule of the app."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule.rule


def filled(rule: str, cast: Cast) -> str:
    path = rule.replace("<room_id>", cast.garden.id).replace("<username>", "cleo")
    return re.sub("<[^>]+>", "1", path)


def thief_of(browser: Browser) -> Browser:
    thief = Browser(browser.app)
    for key, cookie in browser.client._cookies.items():
        thief.client.set_cookie(key[2], cookie.value)
    return thief


def test_S2_a_copied_cookie_opens_no_route_after_sign_out(
    app: Flask, sign_in: SignIn, cast: Cast
) -> None:
    ana = sign_in("ana")
    token = ana.csrf()
    thief = thief_of(ana)
    ana.post("/logout")

    for method, rule in routes(app):
        if rule in OPEN_TO_ALL:
            continue
        answer = thief.client.open(
            filled(rule, cast),
            method=method,
            data={"csrf_token": token} if method == "POST" else None,
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == 401, f"{method} {rule}"
    assert knock(thief).status_code == 401


def test_R12_who_signed_in_is_in_when_the_clock_is_set_back(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = time.time() + 3_600
    with monkeypatch.context() as patched:
        patched.setattr("itsdangerous.timed.time.time", lambda: ahead)
        ana = Browser(app).sign_in("ana")

    assert ana.get("/").status_code == 200
    key, cookie = next(iter(ana.client._cookies.items()))
    ana.client.set_cookie(key[2], cookie.value[:-1])
    assert ana.get("/", headers={"Accept": "application/json"}).status_code == 401


def test_S5_every_change_needs_the_token_and_no_get_changes_anything(
    app: Flask, sign_in: SignIn, cast: Cast, services: Services
) -> None:
    ana = sign_in("ana")
    for _ in range(2):
        for method, rule in routes(app):
            before = contents(services)
            answer = ana.client.open(filled(rule, cast), method=method)
            if method not in SAFE:
                assert answer.status_code == 400, f"{method} {rule}"
            assert contents(services) == before, f"{method} {rule}"


def contents(services: Services) -> str:
    database = services.database
    return repr({name: list(database[name].find()) for name in database.list_collection_names()})


def test_S5_a_token_is_good_for_its_own_session_alone(sign_in: SignIn) -> None:
    ben, cleo = sign_in("ben"), sign_in("cleo")

    answer = ben.client.post("/rooms/new", data={"name": "Mine", "csrf_token": cleo.csrf()})

    assert answer.status_code == 400


@pytest.mark.full_hashing
def test_S10_an_unknown_name_takes_as_long_and_says_as_much(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(CHATAPP_SIGN_IN_ADDRESS="1000")
    services: Services = app.extensions["chatapp"]
    invite = services.accounts.invite(gather(services).ana)
    for number in range(1, 20):
        services.accounts.sign_up(f"ben{number}", f"Person {number}", PASSWORD, invite)

    def answers(username: str) -> tuple[set[tuple[int, str]], float]:
        seen, seconds = set(), []
        for number in range(20):
            visitor = Browser(app)
            who = {"username": f"{username}{number or ''}", "password": "wrong"}
            token = visitor.csrf()
            began = time.perf_counter()
            answer = visitor.client.post("/login", data={**who, "csrf_token": token})
            seconds.append(time.perf_counter() - began)
            seen.add((answer.status_code, plain(answer, who["username"])))
        return seen, statistics.median(seconds)

    known, unknown = answers("ben"), answers("bob")

    assert known[0] == unknown[0]
    assert 0.5 < known[1] / unknown[1] < 2  # a hash is most of it; without one it were 0.1


def plain(answer: TestResponse, username: str) -> str:
    page = re.sub(r"(csrf[-_]token[^>]*(content|value)=)\"[^\"]+\"", r"\1", answer.text)
    return page.replace(username, "…")


def test_S11_fifty_who_sign_in_do_not_stop_the_others(tmp_path: Path) -> None:
    with running(tmp_path, TICKING, CHATAPP_SIGN_IN_ADDRESS="1000") as server:
        Person(server.url).set_up("ana")
        people = [Person(server.url) for _ in range(MANY)]
        gap_file = tmp_path / "data" / "loop_gap"

        def gap() -> float:
            gap_file.unlink()
            at_once(
                *[
                    partial(person.post, "/login", username="ana", password=PASSWORD)
                    for person in people
                ]
            )
            until(gap_file.exists)
            return float(gap_file.read_text())

        # The best of a few: a machine that stands still itself says nothing about us.
        assert min(gap() for _ in range(3)) <= LONGEST_GAP_SECONDS


class TestS16Secrets:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"SECRET_KEY": ""},
            {"SECRET_KEY": "x" * 31},
            {"PUBLIC_URL": ""},
            {"PUBLIC_URL": "*"},
            {"PUBLIC_URL": "null"},
            {"PUBLIC_URL": "http://chat.example.org"},
            {"PUBLIC_URL": "https://a.example https://b.example"},
            {"CHATAPP_PROXIES": "-1"},
            {"CHATAPP_PROXIES": "many"},
        ],
    )
    def test_S16_production_does_not_start_on_what_is_unsafe(self, wrong: dict[str, str]) -> None:
        safe = {
            "CHATAPP_ENV": "production",
            "SECRET_KEY": "x" * 32,
            "PUBLIC_URL": "https://chat.example.org",
        }
        config_for(safe)

        with pytest.raises(ConfigError, match=next(iter(wrong))):
            config_for(safe | wrong)


FORGED = {
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "for=192.0.2.1;proto=https;host=evil.example",
}


class TestS17Proxies:
    def asked(self, app: Flask, **forged: str) -> list[str]:
        seen: list[str] = []

        @app.before_request
        def look() -> None:
            seen.extend((request.remote_addr or "", request.scheme, request.host))

        Browser(app).get("/health", headers={**FORGED, **forged})
        return seen

    def test_S17_are_believed_by_nobody_who_has_none(self, make_app: Callable[..., Flask]) -> None:
        assert self.asked(make_app()) == ["127.0.0.1", "http", "localhost"]

    def test_S17_are_believed_as_far_as_they_are_ours(self, make_app: Callable[..., Flask]) -> None:
        app = make_app(CHATAPP_PROXIES="1")

        assert self.asked(app) == ["192.0.2.1", "https", "evil.example"]

    def test_S17_one_cannot_be_skipped_by_naming_more(self, make_app: Callable[..., Flask]) -> None:
        named = {"X-Forwarded-For": "198.51.100.9, 192.0.2.1"}

        assert self.asked(make_app(CHATAPP_PROXIES="1"), **named)[0] == "192.0.2.1"


def test_S18_every_answer_carries_the_headers(app: Flask, sign_in: SignIn, cast: Cast) -> None:
    ana = sign_in("ana")
    for method, rule in routes(app):
        for accept in ("text/html", "application/json"):
            answer = ana.client.open(filled(rule, cast), method=method, headers={"Accept": accept})
            headers = answer.headers
            where = f"{method} {rule}"
            assert "default-src 'none'" in headers["Content-Security-Policy"], where
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], where
            assert headers["X-Content-Type-Options"] == "nosniff", where
            assert headers["Referrer-Policy"] == "same-origin", where
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", where
            assert "Permissions-Policy" in headers, where
            if not rule.startswith("/static"):
                assert headers["Cache-Control"] == "no-store", where


def test_S18_https_is_for_good(make_app: Callable[..., Flask]) -> None:
    answer = Browser(make_app(PUBLIC_URL="https://chat.example.org")).get("/health")

    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_S4_every_cookie_of_the_suite_is_safe(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(PUBLIC_URL="https://chat.example.org")
    browser = Browser(app)
    address = {"base_url": "https://chat.example.org"}
    services: Services = app.extensions["chatapp"]
    services.accounts.set_up("Harbour", "ana", PASSWORD)
    first = browser.get("/login", **address)
    token = first.text.split('name="csrf-token" content="')[1].split('"')[0]
    form = {"username": "ana", "password": PASSWORD, "csrf_token": token}
    headers = {"Referer": "https://chat.example.org/login"}
    second = browser.client.post("/login", data=form, headers=headers, **address)
    assert second.status_code == 303

    set_cookies = [*first.headers.getlist("Set-Cookie"), *second.headers.getlist("Set-Cookie")]
    assert len(set_cookies) == 2
    for cookie in set_cookies:
        flags = {part.strip() for part in cookie.split(";")[1:]}
        assert cookie.startswith("__Host-chatapp=")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= flags
        assert not any(flag.startswith("Domain") for flag in flags)
