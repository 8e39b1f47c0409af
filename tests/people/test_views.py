"""Pages where people say how they are shown and how they like the chat to be."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from chatapp.core.errors import TooMany
from chatapp.people import service
from chatapp.people.entities import SmallPictures
from chatapp.people.pictures import MAX_BYTES
from chatapp.services import Services
from tests.cast import Browser, Cast
from tests.corpora.pictures import SVG, packed

SignIn = Callable[[str], Browser]


def attributes(page: str) -> dict[str, str]:
    """Return what <html> says of the reader's preferences."""
    root = re.search("<html[^>]*>", page)
    assert root is not None
    return dict(re.findall(r'data-(\w+)="(\w+)"', root[0]))


class TestPreferences:
    @pytest.mark.parametrize("path", ["/", "/preferences", "/account", "/rooms/new", "/no/page"])
    def test_stand_on_every_page_as_it_is_sent(self, sign_in: SignIn, path: str) -> None:
        ana = sign_in("ana")

        ana.post("/preferences", {"theme": "dark", "density": "compact", "announces": "no"})

        chosen = {"theme": "dark", "density": "compact", "enter": "send", "announces": "no"}
        assert attributes(ana.get(path).text) == chosen
        assert attributes(sign_in("ben").get(path).text)["theme"] == "system"

    def test_are_the_usual_ones_for_a_stranger(self, visitor: Browser, cast: Cast) -> None:
        assert attributes(visitor.get("/login").text)["theme"] == "system"

    def test_colour_the_bar_of_the_browser(self, sign_in: SignIn) -> None:
        ana = sign_in("ana")

        ana.post("/preferences", {"theme": "dark"})

        assert re.findall('theme-color" content="(.*?)"', ana.get("/").text) == ["#16181c"] * 2

    def test_that_there_are_not_are_refused_on_the_page(self, sign_in: SignIn) -> None:
        answer = sign_in("ana").post("/preferences", {"theme": "pink"})

        assert answer.status_code == 400
        assert "That is none of the choices there are." in answer.text

    def test_are_told_to_the_other_pages_of_the_same_person(self, sign_in: SignIn) -> None:
        ana, elsewhere, bens = sign_in("ana"), sign_in("ana").socket(), sign_in("ben").socket()

        ana.post("/preferences", {"enter": "line"})

        ((told),) = elsewhere.heard("preferences_changed")
        assert told["preferences"]["enter"] == "line"
        assert bens.heard("preferences_changed") == []


class TestTheProfilePage:
    def test_shows_what_is_there_and_keeps_what_was_typed(self, sign_in: SignIn) -> None:
        ben = sign_in("ben")
        form = {"display_name": "Ben O.", "emoji": "🏡", "text": "<b>At home</b>", "lasts": "60"}

        saved = ben.post("/profile", form, follow_redirects=True).text
        assert "Saved." in saved
        assert 'value="Ben O."' in saved
        assert "&lt;b&gt;At home&lt;/b&gt;" in saved
        assert 'value="keep" selected' in saved

        refused = ben.post("/profile", {**form, "emoji": "home", "text": "Elsewhere"})
        assert refused.status_code == 400
        assert "That is not an emoji." in refused.text
        assert 'value="Elsewhere"' in refused.text

    def test_names_the_person_in_what_was_said_before(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        services.messages.post(cast.ben, cast.garden.id, "hello")
        ana = sign_in("ana")
        assert "Ben Okafor" in ana.get(f"/rooms/{cast.garden.id}").text

        sign_in("ben").post("/profile", {"display_name": "Benedict"})

        page = ana.get(f"/rooms/{cast.garden.id}").text
        assert "Benedict" in page
        assert "Ben Okafor" not in page

    def test_is_told_with_what_stands_beside_the_name(self, sign_in: SignIn) -> None:
        anas, cleos = sign_in("ana").socket(), sign_in("cleo").socket()

        sign_in("ben").post("/profile", {"display_name": "Zoe Quist", "emoji": "🏡"})

        (told,) = anas.heard("profile_changed")
        assert told["person"]["status"]["emoji"] == "🏡"
        assert ">ZQ<" in told["avatar"]
        # They are together in General, but Ben is in Garden too: once all the same.
        assert len(cleos.heard("profile_changed")) == 1


class TestTheCard:
    def test_is_a_part_of_a_page_or_json(self, sign_in: SignIn, services: Services) -> None:
        ben, ana = sign_in("ben"), sign_in("ana")
        ben.post("/profile", {"display_name": "<i>Ben</i>", "emoji": "🏡", "text": "<b>x</b>"})
        ben.post("/profile/zone", {"zone": "Africa/Lagos"})

        card = ana.get("/people/ben", headers={"Accept": "text/html"}).text
        assert "&lt;i&gt;Ben&lt;/i&gt;" in card
        assert "&lt;b&gt;x&lt;/b&gt;" in card
        assert 'data-zone="Africa/Lagos"' in card

        told = ana.get("/people/ben", headers={"Accept": "application/json"}).get_json()
        assert told["person"].keys() == {
            *("username", "display_name", "is_site_admin", "is_active", "status", "zone", "picture")
        }

    def test_of_nobody_is_not_there(self, sign_in: SignIn) -> None:
        assert sign_in("ana").get("/people/nobody").status_code == 404


class TestAPicture:
    def send(self, browser: Browser, sent: bytes, **headers: str) -> Any:
        named = {"X-CSRFToken": browser.csrf(), "Accept": "application/json", **headers}
        return browser.client.post("/profile/picture", data=sent, headers=named)

    def source(self, page: str, username: str = "ben") -> str:
        found = re.search(rf'data-of="{username}".*?src="(/pictures/.*?)"', page, re.DOTALL)
        assert found is not None
        return found[1]

    def test_stands_beside_the_name_wherever_it_is(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        services.messages.post(cast.ben, cast.garden.id, "said before")
        ben, ana = sign_in("ben"), sign_in("ana")
        before = ana.get(f"/rooms/{cast.garden.id}").text
        socket = ana.socket()

        assert self.send(ben, packed("PNG")).status_code == 204

        services.messages.post(cast.ben, cast.garden.id, "said by who was asked for before")
        (told,) = socket.heard("profile_changed")
        page = ana.get(f"/rooms/{cast.garden.id}").text
        address = f"/pictures/{told['person']['picture']}/small"
        assert "/pictures/" not in before
        assert address in told["avatar"]
        assert page.count(address) >= 3  # two messages, a member
        assert address in ben.get("/").text
        assert address.replace("small", "large") in ana.get("/people/ben").text

    def test_X4_is_served_as_nothing_but_a_picture_for_a_year(
        self, sign_in: SignIn, visitor: Browser
    ) -> None:
        ben, ana = sign_in("ben"), sign_in("ana")
        self.send(ben, packed("PNG"))
        address = self.source(ben.get("/profile").text)

        for size in ("small", "large"):
            answer = ana.get(address.replace("large", size))
            assert answer.data[:4] == b"RIFF"
            assert answer.content_type == "image/webp"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            policy = answer.headers["Content-Security-Policy"]
            assert policy == "default-src 'none'; sandbox; frame-ancestors 'none'"
            assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert visitor.get(address).status_code == 302
        assert ana.get(address.replace("large", "username")).status_code == 404

    def test_of_before_is_gone_when_another_takes_its_place(
        self, sign_in: SignIn, services: Services
    ) -> None:
        ben, ana = sign_in("ben"), sign_in("ana")
        self.send(ana, packed("PNG"))
        services.database["pictures"].insert_one({"_id": "left by a crash", "username": "ben"})
        self.send(ben, packed("PNG"))
        first = self.source(ben.get("/profile").text)

        self.send(ben, packed("JPEG"))
        second = self.source(ben.get("/profile").text)

        assert first != second
        assert ana.get(first).status_code == 404
        assert ana.get(second).status_code == 200
        assert services.database["pictures"].count_documents({}) == 2
        ben.post("/profile/picture/remove")
        assert "/pictures/" not in ben.get("/profile").text
        assert services.database["pictures"].count_documents({"username": "ben"}) == 0

    def test_that_is_none_leaves_the_one_there_is(self, sign_in: SignIn) -> None:
        ben = sign_in("ben")
        self.send(ben, packed("PNG"))
        address = self.source(ben.get("/profile").text)

        answer = self.send(ben, SVG)

        assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "not_a_picture")
        assert self.source(ben.get("/profile").text) == address

    @pytest.mark.parametrize("is_known", [True, False])
    def test_X7_of_more_than_5_mb_is_refused_however_it_comes(
        self, sign_in: SignIn, is_known: bool
    ) -> None:
        ben = sign_in("ben")
        sent: Any = b"x" * (MAX_BYTES + 1)
        more = {} if is_known else {"Transfer-Encoding": "chunked"}

        answer = self.send(ben, sent, **more)

        assert answer.status_code in (400, 413)
        if is_known:
            assert answer.get_json()["error"]["code"] == "picture_too_large"

    def test_X7_is_all_that_may_be_so_large(self, sign_in: SignIn) -> None:
        ben = sign_in("ben")

        for path in ("/profile", "/preferences", "/account", "/rooms/new"):
            answer = ben.post(path, {"name": "x" * 70_000}, headers={"Accept": "application/json"})
            assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "too_large")

    def test_without_the_token_of_the_page_is_refused(self, sign_in: SignIn) -> None:
        answer = self.send(sign_in("ben"), packed("PNG"), **{"X-CSRFToken": ""})

        assert answer.get_json()["error"]["code"] == "bad_csrf"

    def test_X7_is_sent_twenty_times_in_a_quarter_of_an_hour_at_most(
        self, sign_in: SignIn, cast: Cast, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        small = SmallPictures(small=b"small", large=b"large")
        monkeypatch.setattr(service, "made_small", lambda sent: small)

        for _ in range(20):
            services.people.show_picture(cast.ben, b"")
        with pytest.raises(TooMany):
            services.people.show_picture(cast.ben, b"")
        services.people.show_picture(cast.ana, b"")
