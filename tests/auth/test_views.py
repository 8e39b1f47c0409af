"""Pages for coming in and going out."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from chatapp.services import Services
from tests.auth.test_login import HOSTILE
from tests.cast import PASSWORD, Browser, Cast, knock

SET_UP = {"workspace": "Harbour", "username": "ana", "password": PASSWORD}
SignIn = Callable[[str], Browser]


def _dora(invite: str, **changed: str) -> dict[str, str]:
    return {
        "username": "dora",
        "display_name": "Dora Lind",
        "password": PASSWORD,
        "invite": invite,
        **changed,
    }


def _cookies(browser: Browser) -> dict[str, str]:
    return {key[2]: cookie.value for key, cookie in browser.client._cookies.items()}


def _with_cookies_of(browser: Browser) -> Browser:
    """Return a thief's browser: another one, with a copy of every cookie."""
    thief = Browser(browser.app)
    for name, value in _cookies(browser).items():
        thief.client.set_cookie(name, value)
    return thief


class TestAnEmptyDatabase:
    @pytest.mark.parametrize(
        "path", ["/", "/login", "/signup", "/rooms/new", "/invite", "/people", "/no/such/page"]
    )
    def test_sends_every_page_to_set_up(self, visitor: Browser, path: str) -> None:
        answer = visitor.get(path)

        assert (answer.status_code, answer.location) == (302, "/setup")

    @pytest.mark.parametrize("path", ["/health", "/ready", "/static/x/css/base.css"])
    def test_keeps_what_works_without_people(self, visitor: Browser, path: str) -> None:
        with visitor.get(path) as answer:
            assert answer.status_code == 200


class TestSettingUp:
    def test_signs_in_and_shows_the_invite_link(self, visitor: Browser, services: Services) -> None:
        answer = visitor.post("/setup", SET_UP, follow_redirects=True)

        page = answer.text
        ana = services.accounts.find("ana")
        assert ana is not None
        assert answer.request.path == "/invite"
        assert f"http://localhost/signup?invite={services.accounts.invite(ana)}" in page
        assert visitor.get("/").status_code == 200

    def test_calls_the_founder_as_they_say(self, visitor: Browser, services: Services) -> None:
        visitor.post("/setup", {**SET_UP, "display_name": "Ana Marin"})

        ana = services.accounts.find("ana")
        assert ana is not None
        assert ana.display_name == "Ana Marin"

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"workspace": " "}, "A workspace name has 1 to 64 characters."),
            ({"display_name": "x" * 65}, "A display name has 1 to 64 characters."),
            ({"username": "A b"}, "A username has 2 to 32"),
            ({"password": "short"}, "A password has 8 to 1024 characters."),
            ({"password": "password"}, "among the first anybody would try"),
        ],
    )
    def test_refused_marks_the_field_and_keeps_what_was_typed(
        self, visitor: Browser, services: Services, changed: dict[str, str], sentence: str
    ) -> None:
        answer = visitor.post("/setup", {**SET_UP, **changed})

        page = answer.text
        (field,) = changed
        assert answer.status_code == 400
        assert sentence in page
        assert re.search(rf'<input[^>]*aria-invalid="true"[^>]*id="{field}"', page)
        assert PASSWORD not in page
        assert not services.accounts.is_set_up()

    def test_answers_once_only(self, visitor: Browser, cast: Cast, services: Services) -> None:
        assert visitor.get("/setup").status_code == 409

        answer = visitor.post("/setup", {**SET_UP, "username": "mallory"})

        assert answer.status_code == 409
        assert services.accounts.find("mallory") is None


class TestTheInvitePage:
    def test_is_for_the_site_admin(self, sign_in: SignIn, services: Services, cast: Cast) -> None:
        token = services.accounts.invite(cast.ana)

        assert token in sign_in("ana").get("/invite").text
        refused = sign_in("ben").get("/invite")
        assert refused.status_code == 403
        assert token not in refused.text

    def test_renews_the_link(
        self, sign_in: SignIn, visitor: Browser, services: Services, cast: Cast
    ) -> None:
        old = services.accounts.invite(cast.ana)
        assert sign_in("ben").post("/invite/renew").status_code == 403
        assert visitor.get(f"/signup?invite={old}").status_code == 200

        answer = sign_in("ana").post("/invite/renew", follow_redirects=True)

        new = services.accounts.invite(cast.ana)
        assert new in answer.text
        assert old not in answer.text
        assert visitor.get(f"/signup?invite={old}").status_code == 403
        assert visitor.get(f"/signup?invite={new}").status_code == 200

    def test_names_the_public_address_whatever_host_was_asked_for(
        self, make_app: Callable[..., Flask]
    ) -> None:
        app = make_app(PUBLIC_URL="http://chat.example.org")
        founder = Browser(app)
        founder.post("/setup", SET_UP)

        for name, value in _cookies(founder).items():
            founder.client.set_cookie(name, value, domain="evil.example")

        page = founder.get("/invite", headers={"Host": "evil.example"}).text

        assert "http://chat.example.org/signup?invite=" in page
        assert "evil.example" not in page


class TestSigningUp:
    @pytest.fixture
    def invite(self, services: Services, cast: Cast) -> str:
        return services.accounts.invite(cast.ana)

    def test_makes_an_account_that_is_in_at_once(
        self, visitor: Browser, services: Services, invite: str
    ) -> None:
        answer = visitor.post("/signup", _dora(invite), follow_redirects=True)

        assert answer.request.path.startswith("/rooms/")  # there is one, so no choice to make
        assert "Dora Lind" in answer.text
        assert "General" in answer.text
        assert services.accounts.find("dora") is not None

    @pytest.mark.parametrize("invite", ["", "0" * 32])
    def test_without_the_invite_is_refused(
        self, visitor: Browser, services: Services, cast: Cast, invite: str
    ) -> None:
        assert visitor.get(f"/signup?invite={invite}").status_code == 403
        assert visitor.post("/signup", _dora(invite)).status_code == 403
        assert services.accounts.find("dora") is None

    def test_without_the_invite_is_fine_where_sign_up_is_open(
        self, make_app: Callable[..., Flask]
    ) -> None:
        app = make_app(CHATAPP_SIGNUP="open")
        Browser(app).post("/setup", SET_UP)

        assert Browser(app).get("/signup").status_code == 200
        assert Browser(app).post("/signup", _dora("")).status_code == 303

    @pytest.mark.parametrize(
        ("changed", "status", "sentence"),
        [
            ({"username": "ben"}, 409, "The username ben is taken."),
            ({"username": "."}, 400, "A username has 2 to 32"),
            ({"display_name": ""}, 400, "A display name has 1 to 64 characters."),
            ({"password": "dora"}, 400, "A password has 8 to 1024 characters."),
        ],
    )
    def test_refused_marks_the_field(
        self, visitor: Browser, invite: str, changed: dict[str, str], status: int, sentence: str
    ) -> None:
        answer = visitor.post("/signup", _dora(invite, **changed))

        page = answer.text
        (field,) = changed
        assert answer.status_code == status
        assert sentence in page
        assert f'id="{field}-error"' in page
        assert visitor.get("/").status_code == 302  # still outside


class TestSigningIn:
    def test_leads_where_one_was_going(self, visitor: Browser, cast: Cast) -> None:
        going = f"/rooms/{cast.garden.id}?x=1"
        sent = visitor.get(going)
        query = parse_qs(urlsplit(sent.location).query)
        assert urlsplit(sent.location).path == "/login"
        assert query["next"] == [going]

        answer = visitor.post(
            "/login", {"username": "ben", "password": PASSWORD, "next": query["next"][0]}
        )

        assert (answer.status_code, answer.location) == (303, going)

    @pytest.mark.parametrize("target", [target for target in HOSTILE if target])
    def test_S15_never_leads_to_another_site(
        self, app: Flask, cast: Cast, sign_in: SignIn, target: str
    ) -> None:
        answer = Browser(app).post(
            "/login", {"username": "ben", "password": PASSWORD, "next": target}
        )
        already_in = sign_in("ben").get("/login", query_string={"next": target})

        assert (answer.status_code, answer.location) == (303, "/")
        assert (already_in.status_code, already_in.location) == (302, "/")

    def test_S10_answers_alike_to_an_unknown_name_and_a_wrong_password(
        self, visitor: Browser, cast: Cast
    ) -> None:
        def answer(username: str) -> tuple[int, str]:
            refused = visitor.post("/login", {"username": username, "password": "wrong"})
            page = re.sub(r"(csrf[-_]token[^>]*(content|value)=)\"[^\"]+\"", r"\1", refused.text)
            return refused.status_code, page.replace(username, "…")

        assert answer("ben") == answer("bob")
        assert answer("ben")[0] == 400
        assert "The username or the password is not right." in answer("ben")[1]

    def test_S1_gives_a_session_that_is_new_and_keeps_nothing_of_the_one_before(
        self, visitor: Browser, cast: Cast
    ) -> None:
        with visitor.client.session_transaction() as session:
            session["planted"] = "by somebody else"
        before = _cookies(visitor)

        visitor.sign_in("ben")

        with visitor.client.session_transaction() as session:
            assert "planted" not in session
        assert _cookies(visitor) != before

    def test_again_ends_the_session_before(
        self, visitor: Browser, services: Services, cast: Cast
    ) -> None:
        visitor.sign_in("ben")
        thief = _with_cookies_of(visitor)

        visitor.sign_in("cleo")

        assert thief.get("/rooms/new").status_code == 302
        assert services.database["sessions"].count_documents({}) == 1

    def test_S4_sets_one_cookie_that_scripts_and_other_sites_cannot_use(
        self, visitor: Browser, cast: Cast
    ) -> None:
        answer = visitor.post("/login", {"username": "ben", "password": PASSWORD})

        (cookie,) = answer.headers.getlist("Set-Cookie")
        assert cookie.startswith("chatapp_5000=")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie

    def test_S4_over_https_sets_a_cookie_for_this_host_and_https_alone(
        self, make_app: Callable[..., Flask]
    ) -> None:
        browser = Browser(make_app(PUBLIC_URL="https://chat.example.org"))

        answer = browser.get("/setup", base_url="https://chat.example.org")

        (cookie,) = answer.headers.getlist("Set-Cookie")
        assert cookie.startswith("__Host-chatapp=")
        assert "Secure" in cookie

    def test_needs_the_token_of_the_page(
        self, visitor: Browser, services: Services, cast: Cast
    ) -> None:
        for token in ({}, {"csrf_token": "made up"}):
            answer = visitor.client.post(
                "/login", data={"username": "ben", "password": PASSWORD, **token}
            )
            assert answer.status_code == 400

        assert services.database["sessions"].count_documents({}) == 0


class TestSigningOut:
    def test_S2_ends_the_session_for_every_copy_of_its_cookie(
        self, sign_in: SignIn, cast: Cast
    ) -> None:
        ben = sign_in("ben")
        thief = _with_cookies_of(ben)
        assert thief.get("/").status_code == 200

        answer = ben.post("/logout")

        assert (answer.status_code, answer.location) == (303, "/login")
        for path in ("/", f"/rooms/{cast.garden.id}", "/people?q=a"):
            for browser in (ben, thief):
                assert browser.get(path, headers={"Accept": "text/html"}).status_code == 302
                refused = browser.get(path, headers={"Accept": "application/json"})
                assert refused.status_code == 401
                assert refused.get_json()["error"]["code"] == "not_signed_in"

    def test_S2_refuses_the_old_cookie_at_the_socket_too(self, sign_in: SignIn) -> None:
        ben = sign_in("ben")
        thief = _with_cookies_of(ben)
        assert knock(thief).status_code != 401

        ben.post("/logout")

        refused = knock(thief)
        assert refused.status_code == 401
        assert refused.get_json()["error"]["code"] == "not_signed_in"

    def test_leaves_the_other_browsers_of_the_same_person_in(self, sign_in: SignIn) -> None:
        laptop, phone = sign_in("ben"), sign_in("ben")

        laptop.post("/logout")

        assert phone.get("/").status_code == 200

    def test_by_nobody_is_harmless(self, visitor: Browser, cast: Cast) -> None:
        assert visitor.post("/logout").status_code == 303

    def test_is_not_done_by_following_a_link(self, sign_in: SignIn) -> None:
        ben = sign_in("ben")

        assert ben.get("/logout").status_code == 405
        assert ben.client.post("/logout").status_code == 400
        assert ben.get("/").status_code == 200


class TestASessionThatRanOut:
    def test_is_refused(self, sign_in: SignIn, services: Services) -> None:
        ben = sign_in("ben")
        assert ben.get("/").status_code == 200
        (stored,) = services.database["sessions"].find()

        services.database["sessions"].update_one(
            {"_id": stored["_id"]},
            {"$set": {"expires_at": stored["created_at"] - timedelta(seconds=1)}},
        )

        assert ben.get("/").status_code == 302


class TestSuggestingPeople:
    def test_gives_names_and_nothing_else(self, sign_in: SignIn) -> None:
        answer = sign_in("ana").get("/people?q=be")

        assert answer.get_json() == {"people": [{"username": "ben", "display_name": "Ben Okafor"}]}

    @pytest.mark.parametrize("query", ["", "?q=", "?q=zzz", "?q=.*", "?q[$gt]="])
    def test_gives_nobody_where_nobody_is_meant(self, sign_in: SignIn, query: str) -> None:
        assert sign_in("ana").get(f"/people{query}").get_json() == {"people": []}

    def test_refuses_what_is_no_text(self, sign_in: SignIn) -> None:
        assert sign_in("ana").get("/people?q=%00").status_code == 400
