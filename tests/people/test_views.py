"""Pages where people say how they are shown and how they like the chat to be."""

import re
from collections.abc import Callable

import pytest

from chatapp.services import Services
from tests.cast import Browser, Cast

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
            *("username", "display_name", "is_site_admin", "is_active", "status", "zone")
        }

    def test_of_nobody_is_not_there(self, sign_in: SignIn) -> None:
        assert sign_in("ana").get("/people/nobody").status_code == 404
