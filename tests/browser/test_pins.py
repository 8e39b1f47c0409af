"""Two people and what they keep in sight: pins of the room, and what one saves for oneself."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Somebody, in_garden


def row(person: Somebody, text: str) -> Locator:
    found: Locator = person.page.locator("[data-rows] > .message", has_text=text)
    return found


class TestPins:
    def test_are_live_for_both_and_lead_to_their_message(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        in_garden(ana, ben)
        ben.say("Water the **beds** at six")
        ben.say("And then?")
        ana.sees("And then?")

        # By the key, on a row that has the focus.
        row(ana, "Water").focus()
        ana.page.keyboard.press("i")

        for person in (ana, ben):
            expect(row(person, "Water").locator(".message__pin")).to_have_text("Pinned by ana")
            expect(pins(person)).to_have_text(re.compile("Ben.*Water the beds at six"))
        pins(ben).get_by_role("link").click()
        expect(row(ben, "Water")).to_be_focused()
        expect(ben.page).to_have_url(re.compile(r"/rooms/\w+$"))

        # Ben does not run the room.
        row(ben, "Water").press("Enter")
        expect(ben.page.get_by_role("menuitem", name="Copy link")).to_be_visible()
        expect(ben.page.get_by_role("menuitem", name=re.compile("[Pp]in"))).to_have_count(0)
        ben.page.keyboard.press("Escape")

        # By the menu, and what was edited shows its new words.
        row(ana, "And then?").hover()
        row(ana, "And then?").get_by_role("button", name="More actions").click()
        ana.page.get_by_role("menuitem", name="Pin to the room").click()
        expect(pins(ben)).to_have_text([re.compile("And then"), re.compile("Water")])
        row(ben, "And then?").focus()
        ben.page.keyboard.press("e")
        ben.writing.fill("What then?")
        ben.writing.press("Enter")
        expect(pins(ana)).to_have_text([re.compile("What then"), re.compile("Water")])

        row(ana, "Water").focus()
        ana.page.keyboard.press("i")
        row(ben, "What then?").focus()
        ben.page.keyboard.press("Delete")
        ben.page.get_by_role("button", name="Delete").click()
        for person in (ana, ben):
            expect(pins(person)).to_have_count(0)
            expect(person.page.locator(".message__pin")).to_have_count(0)

    def test_are_right_after_a_while_away(self, ana: Somebody, ben: Somebody) -> None:
        in_garden(ana, ben)
        ben.say("One")
        ben.say("Two")
        ana.sees("Two")
        row(ana, "One").press("i")
        expect(pins(ben)).to_have_count(1)

        ben.expected.append("")
        ben.context.set_offline(True)
        expect(ben.page.locator("body[data-conn=offline]")).to_be_attached()
        row(ana, "One").press("i")
        expect(pins(ana)).to_have_count(0)
        row(ana, "Two").press("i")
        expect(pins(ana)).to_have_count(1)
        ben.context.set_offline(False)

        expect(pins(ben)).to_have_text(re.compile("Two"))
        expect(row(ben, "Two").locator(".message__pin")).to_be_visible()
        expect(row(ben, "One").locator(".message__pin")).to_have_count(0)


def pins(person: Somebody) -> Locator:
    found: Locator = person.page.locator("[data-pins] > li")
    return found


class TestSaves:
    def test_are_ones_own_in_every_tab_and_can_be_taken_back(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        path = in_garden(ana, ben)
        ana.say("Seeds are in the shed")
        ben.sees("Seeds")
        other, shelf = ben.context.new_page(), ben.context.new_page()
        for page, address in ((other, path), (shelf, "/saved")):
            page.goto(ben.url + address)
            expect(page.locator("body[data-conn=online]")).to_be_attached()
        expect(shelf.get_by_text("Nothing saved yet")).to_be_visible()

        row(ben, "Seeds").focus()
        ben.page.keyboard.press("s")

        for page in (ben.page, other):
            expect(page.locator(".message__saved")).to_have_count(1)
        item = shelf.locator("[data-saved-list] > li")
        expect(item).to_have_text(re.compile("#Garden.*Seeds are in the shed", re.S))
        ana.page.reload()
        ana.sees("Seeds")
        expect(ana.page.locator(".message__saved")).to_have_count(0)

        # The row comes anew, and is still marked.
        row(ana, "Seeds").press("i")
        expect(row(ben, "Seeds").locator(".message__pin")).to_be_visible()
        expect(row(ben, "Seeds").locator(".message__saved")).to_have_count(1)

        item.get_by_role("button", name="Remove").click()
        for page in (ben.page, other):
            expect(page.locator(".message__saved")).to_have_count(0)
        item.get_by_role("button", name="Save again").click()
        expect(ben.page.locator(".message__saved")).to_have_count(1)
        item.get_by_role("link", name="#Garden").click()
        expect(shelf.locator(".message--spotted")).to_contain_text("Seeds")

        row(ana, "Seeds").press("Delete")
        ana.page.get_by_role("button", name="Delete").click()
        expect(ben.page.locator(".message__saved")).to_have_count(0)
        shelf.goto(ben.url + "/saved")
        expect(shelf.get_by_text("Nothing saved yet")).to_be_visible()
