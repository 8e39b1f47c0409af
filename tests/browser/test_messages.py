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


class TestMarkdown:
    def test_is_seen_as_it_was_meant_and_code_can_be_taken_along(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        ben.context.grant_permissions(["clipboard-read", "clipboard-write"])
        ben.sign_up(ana.set_up())
        ana.open_room("General")
        ben.open_room("General")

        ana.say("**Look** at\n```python\ndef f():\n    return 1 < 2\n```")

        for person in (ana, ben):
            text = person.page.locator(".message:not([data-from-ack]) .message__text")
            expect(text.locator("strong")).to_have_text("Look")
            expect(text.locator("pre .k").first).to_have_text("def")
        ben.page.get_by_role("button", name="Copy the code").click()
        expect(ben.page.locator("[data-announce]")).to_have_text("Copied")
        copied = ben.page.evaluate("navigator.clipboard.readText()")
        assert copied == "def f():\n    return 1 < 2\n"

    def test_is_typed_text_until_the_server_has_it(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        ana.expected.append("")
        ana.context.set_offline(True)

        ana.say("**not yet**\n  two spaces")

        expect(ana.page.locator(".message__text")).to_have_text(
            "**not yet**\n  two spaces", use_inner_text=True
        )
        ana.context.set_offline(False)
        expect(ana.page.locator(".message__text strong")).to_have_text("not yet")
