"""Two people and what can be done with messages, seen live by both."""

from playwright.sync_api import expect

from tests.browser.conftest import Somebody


class TestQuietLines:
    def test_are_seen_live_between_what_is_said(self, ana: Somebody, ben: Somebody) -> None:
        ben.sign_up(ana.set_up())
        path = ana.make_room("Garden", "ben")
        ben.go(path)
        ben.be_online()
        ana.say("One")
        ben.sees("One")

        renaming = ana.context.new_page()
        renaming.goto(f"{ana.url}{path}/edit")
        renaming.get_by_label("Room name").fill("Orchard")
        renaming.get_by_role("button", name="Rename").click()
        expect(ana.page.locator(".message__quiet")).to_be_visible()
        ana.say("Two")

        ben.sees("Two")
        for person in (ana, ben):
            rows = person.page.locator(".message")
            expect(rows.nth(1)).to_contain_text("ana renamed the room to Orchard")
            expect(rows.nth(2)).to_contain_text("Two")
            # The same person within five minutes, yet not one group.
            expect(person.page.locator(".message--continued")).to_have_count(0)
