"""The emoji picker: by mouse, by keys, with what was chosen before."""

from typing import Any

from playwright.sync_api import expect

from chatapp.core.text import is_emoji
from tests.browser.conftest import Somebody


class TestThePicker:
    def test_inserts_where_one_writes_and_remembers(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        ana.writing.fill("Hello world")
        ana.writing.evaluate("(text) => text.setSelectionRange(6, 6)")

        picker = open_picker(ana)
        picker.get_by_role("radio", name="Medium", exact=True).check()
        picker.get_by_role("searchbox").fill("waving hand")
        picker.get_by_role("button", name="waving hand").click()

        expect(ana.writing).to_have_value("Hello 👋🏽world")
        expect(ana.writing).to_be_focused()
        expect(picker).to_be_hidden()
        ana.page.reload()
        picker = open_picker(ana)
        used = picker.get_by_role("group", name="Used last").get_by_role("button")
        expect(used).to_have_text(["👋🏽"])
        expect(picker.get_by_role("radio", name="Medium", exact=True)).to_be_checked()
        ana.page.keyboard.press("Escape")
        expect(picker).to_be_hidden()
        expect(ana.writing).to_have_value("Hello 👋🏽world")

    def test_is_walked_through_by_arrows(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        picker = open_picker(ana)
        focused = picker.locator("[data-pick]:focus")

        ana.page.keyboard.press("ArrowDown")
        expect(focused).to_have_attribute("aria-label", "grinning face")
        ana.page.keyboard.press("ArrowDown")
        ana.page.keyboard.press("ArrowRight")
        group = picker.get_by_role("group", name="Smileys & Emotion").get_by_role("button")
        expect(group.nth(10)).to_be_focused()
        ana.page.keyboard.press("ArrowUp")
        expect(group.nth(1)).to_be_focused()
        ana.page.keyboard.press("End")
        expect(focused).to_have_attribute("aria-label", "flag Wales")
        expect(focused).to_be_in_viewport()
        ana.page.keyboard.press("Home")
        ana.page.keyboard.press("ArrowUp")
        expect(picker.get_by_role("searchbox")).to_be_focused()
        ana.page.keyboard.press("ArrowDown")
        ana.page.keyboard.type("zzzz")  # typing goes on in the search
        expect(picker.get_by_role("status")).to_have_text("No emoji matches “zzzz”.")
        ana.page.keyboard.press("Enter")
        expect(picker).to_be_visible()

    def test_offers_nothing_that_the_server_would_refuse(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        picker = open_picker(ana)
        picker.get_by_role("radio", name="Dark", exact=True).check()

        offered = picker.locator("[data-pick]").all_text_contents()

        assert len(offered) > 1_800
        assert "🧑🏿‍🤝‍🧑🏿" in offered
        assert [emoji for emoji in offered if not is_emoji(emoji)] == []

    def test_that_cannot_be_had_says_so(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        ana.expected.append("")
        ana.context.set_offline(True)

        ana.page.get_by_role("button", name="Insert emoji").click()

        expect(ana.page.get_by_role("alert")).to_contain_text("The emoji could not be loaded.")


def open_picker(person: Somebody) -> Any:
    person.page.get_by_role("button", name="Insert emoji").click()
    picker = person.page.get_by_role("dialog", name="Emoji")
    expect(picker).to_be_visible()
    return picker
