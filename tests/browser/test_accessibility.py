"""axe finds nothing, on any page, light and dark, wide and 390 px."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Somebody

ABOUT_ME = ("/profile", "/preferences", "/account")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SETTLED = "() => !document.getAnimations().some((it) => it instanceof CSSTransition)"


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
class TestEveryPage:
    def test_has_no_fault_that_axe_can_find(
        self, somebody: Callable[..., Somebody], scheme: str, viewport: dict[str, int]
    ) -> None:
        ana = somebody("ana", color_scheme=scheme, viewport=viewport)
        ana.expected.append("404")
        ana.go("/setup")
        faults = _faults(ana, "set-up")
        link = ana.set_up()
        stranger = somebody("stranger", color_scheme=scheme, viewport=viewport)
        stranger.page.goto(link)
        faults += _faults(stranger, "sign-up")
        stranger.go("/login")
        faults += _faults(stranger, "sign-in")
        path = ana.make_room("Garden")
        faults += _faults(ana, "empty room")
        ana.say("See https://example.org\nwhich is two lines")
        ana.sees("See")
        ana.say(
            "- a list\n\n> a quote\n\n|a|b|\n|-|-|\n|1|`2`|\n\n```py\ndef f(x): # 1\n    'a'\n```"
        )
        expect(ana.page.locator("pre .k").first).to_be_visible()
        for key, mark in (("i", ".message__pin"), ("s", ".message__saved")):
            ana.page.locator("[data-rows] > .message").first.press(key)
            expect(ana.page.locator(mark)).to_be_visible()
        faults += _faults(ana, "room")
        faults += _of_a_message(ana)
        for page in (
            "/",
            "/invite",
            "/rooms",
            "/directs/new",
            "/rooms/new",
            "/saved",
            f"{path}/edit",
            *ABOUT_ME,
            "/nothing-here",
        ):
            ana.go(page)
            faults += _faults(ana, page)

        assert faults == []

    def test_does_not_scroll_sideways(
        self, somebody: Callable[..., Somebody], scheme: str, viewport: dict[str, int]
    ) -> None:
        ana = somebody("ana", color_scheme=scheme, viewport=viewport)
        ana.set_up("A workspace with a name that is as long as it may be at all")
        path = ana.make_room("A room with a name so long that it fits in no side bar of this world")
        ana.say("w" * 300)
        ana.sees("www")
        ana.say(f"```\n{'w' * 300}\n```\n\n|{'w|' * 60}\n|{'-|' * 60}")
        expect(ana.page.locator("pre")).to_be_visible()
        for page in (path, "/", "/invite", "/rooms/new", f"{path}/edit", *ABOUT_ME):
            ana.go(page)
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert ana.page.evaluate(overflow) == 0, page


def _of_a_message(ana: Somebody) -> list[str]:
    """An edited message that is answered: its menu, its versions, the answer being written."""
    ana.writing.press("ArrowUp")
    expect(ana.writing).not_to_have_value("")
    ana.writing.fill("edited, to see what was said before")
    ana.writing.press("Enter")
    expect(ana.page.locator("[data-versions]")).to_be_visible()
    ana.page.locator("[data-versions]").click()
    expect(ana.page.locator(".version")).to_have_count(2)
    faults = _faults(ana, "versions")
    ana.page.keyboard.press("Escape")
    ana.page.locator(".message").last.focus()
    ana.page.keyboard.press("Enter")
    expect(ana.page.get_by_role("menu")).to_be_visible()
    faults += _faults(ana, "menu of a message")
    ana.page.keyboard.press("Escape")
    ana.page.keyboard.press("+")
    ana.page.get_by_role("searchbox", name="Find an emoji").fill("grin")
    faults += _faults(ana, "picking an emoji")
    ana.page.keyboard.press("Enter")
    expect(ana.page.locator("[data-emoji]")).to_be_visible()
    ana.page.keyboard.press("r")
    ana.writing.press_sequentially("an answer")
    faults += _faults(ana, "answering")
    ana.page.get_by_role("button", name="Send message").click()
    expect(ana.page.locator(".quote")).to_be_visible()
    ana.page.locator(".message").first.focus()
    ana.page.keyboard.press("Delete")
    ana.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(ana.page.locator(".message__gone")).to_be_visible()
    return faults + _faults(ana, "an answer and a tombstone")


def _faults(person: Somebody, where: str) -> list[str]:
    person.page.wait_for_function(SETTLED)  # a colour on its way from one to another is neither
    found = Axe().run(person.page, options=RULES)
    return [
        f"{where}: {fault['id']} {fault['nodes'][0]['html']}"
        for fault in found.response["violations"]
    ]
