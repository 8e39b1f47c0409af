"""Pages where people say how they are shown and how they like the chat to be."""

import re
from collections.abc import Callable

import pytest

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
