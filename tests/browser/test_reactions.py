"""Two people who react to each other, with the mouse, by keys, by hand, and while one is away."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from chatapp.core import embedded
from chatapp.core.database import connect
from chatapp.reactions.service import SHOWN
from tests.browser.conftest import Somebody, in_garden
from tests.browser.test_messages import row, together, touch
from tests.cast import PASSWORD
from tests.server import Server
from tests.wire import Person

PHONE = {"width": 390, "height": 844}


class TestReacting:
    def test_is_seen_by_both_with_who_it_was(
        self, ana: Somebody, ben: Somebody, site: Server
    ) -> None:
        together(ana, ben)
        ben.say("The compost came")
        ana.sees("The compost came")

        row(ana, "compost").hover()
        ana.page.get_by_role("button", name="React with thumbs up").click()
        for person, name in ((ana, "👍, 1 person, you reacted"), (ben, "👍, 1 person")):
            expect(reaction(person, "👍")).to_have_attribute("aria-label", name)
        reaction(ben, "👍").click()

        for person in (ana, ben):
            expect(reaction(person, "👍")).to_have_attribute(
                "aria-label", "👍, 2 people, you reacted"
            )
        reaction(ana, "👍").hover()
        expect(ana.page.get_by_role("tooltip")).to_have_text("You and Ben reacted with 👍")
        ana.writing.hover()
        expect(ana.page.get_by_role("tooltip")).to_be_hidden()

        rename(site, "ben", "Benjamin")
        expect(row(ana, "compost").locator(".message__sender")).to_have_text("Benjamin")
        reaction(ana, "👍").hover()
        expect(ana.page.get_by_role("tooltip")).to_have_text("You and Benjamin reacted with 👍")

        reaction(ana, "👍").click()
        expect(reaction(ana, "👍")).to_have_attribute("aria-label", "👍, 1 person")
        expect(reaction(ana, "👍")).to_have_attribute("aria-pressed", "false")
        expect(reaction(ben, "👍")).to_have_attribute("aria-label", "👍, 1 person, you reacted")
        reaction(ben, "👍").click()
        for person in (ana, ben):
            expect(person.page.locator("[data-reactions]")).to_have_count(0)

    def test_by_keys_alone(self, ana: Somebody, ben: Somebody) -> None:
        together(ana, ben)
        ben.say("Six bags")
        ben.say("of compost")
        ana.sees("of compost")

        row(ana, "Six bags").focus()
        ana.page.keyboard.press("+")
        expect(ana.page.get_by_role("searchbox", name="Find an emoji")).to_be_focused()
        ana.page.keyboard.type("party pop")
        ana.page.keyboard.press("Enter")

        expect(reaction(ben, "🎉")).to_have_attribute("aria-label", "🎉, 1 person")
        expect(ana.page.locator(".message:focus")).to_contain_text("Six bags")
        ana.page.keyboard.press("Tab")
        while not reaction(ana, "🎉").evaluate("(it) => it === document.activeElement"):
            ana.page.keyboard.press("Tab")
        expect(ana.page.get_by_role("tooltip")).to_have_text("You reacted with 🎉")
        reaction(ben, "🎉").click()
        expect(reaction(ana, "🎉")).to_have_attribute("aria-label", re.compile("2 people"))
        # The row is another by now, and one is where one was.
        expect(reaction(ana, "🎉")).to_be_focused()
        ana.page.keyboard.press("Space")
        expect(reaction(ben, "🎉")).to_have_attribute("aria-label", "🎉, 1 person, you reacted")

    def test_with_a_finger(self, somebody: Callable[..., Somebody], ben: Somebody) -> None:
        ana = somebody("ana", viewport=PHONE, has_touch=True, is_mobile=True)
        together(ana, ben)
        ben.say("Press me")
        ana.sees("Press me")

        touch(ana, row(ana, "Press me"), milliseconds=900)
        menu = ana.page.get_by_role("menu", name="Message actions")
        menu.get_by_role("menuitem", name="React with red heart").tap()
        expect(reaction(ben, "❤️")).to_be_visible()
        reaction(ben, "❤️").click()
        expect(reaction(ana, "❤️")).to_have_attribute("aria-label", re.compile("2 people"))

        touch(ana, row(ana, "Press me"), milliseconds=900)
        menu.get_by_role("menuitem", name="Who reacted").tap()
        listed = ana.page.get_by_role("dialog", name="Reactions")
        expect(listed.locator(".reacted__person [dir]")).to_have_text(["ana", "Ben"])
        listed.get_by_role("button", name="Close").tap()
        assert ana.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    def test_while_away_is_there_afterwards(self, ana: Somebody, ben: Somebody) -> None:
        together(ana, ben)
        ben.say("One")
        ana.sees("One")
        ana.expected.append("")
        ana.context.set_offline(True)
        expect(ana.page.locator("body[data-conn=offline]")).to_be_attached()

        row(ana, "One").hover()
        ana.page.get_by_role("button", name="React with thumbs up").click()
        expect(ana.page.get_by_role("tooltip")).to_have_text("You are offline.")
        row(ben, "One").hover()
        ben.page.get_by_role("button", name="React with party popper").click()
        expect(reaction(ben, "🎉")).to_be_visible()
        ana.context.set_offline(False)

        expect(reaction(ana, "🎉")).to_have_attribute("aria-label", "🎉, 1 person")
        expect(ana.page.locator("[data-emoji]")).to_have_count(1)

    def test_ends_where_the_room_is_archived(self, ana: Somebody, ben: Somebody) -> None:
        in_garden(ana, ben)
        ana.say("Keep this")
        ben.sees("Keep this")
        row(ben, "Keep this").hover()
        ben.page.get_by_role("button", name="React with thumbs up").click()
        expect(reaction(ana, "👍")).to_be_visible()

        ana.page.get_by_role("button", name="Archive the room").click()
        ana.page.get_by_role("dialog").get_by_role("button", name="Archive the room").click()
        expect(ben.page.get_by_text("This room is archived.")).to_be_visible()
        reaction(ben, "👍").click()

        expect(ben.page.locator(".reaction--add")).to_be_hidden()
        expect(reaction(ben, "👍")).to_have_attribute("aria-pressed", "true")
        expect(reaction(ana, "👍")).to_have_attribute("aria-label", "👍, 1 person")


class TestACrowd:
    def test_is_counted_and_one_knows_whether_one_is_in_it(
        self, ana: Somebody, ben: Somebody, tmp_path: Path
    ) -> None:
        together(ana, ben)
        ben.say("Well done")
        ana.sees("Well done")
        row(ben, "Well done").hover()
        ben.page.get_by_role("button", name="React with thumbs up").click()
        expect(reaction(ana, "👍")).to_be_visible()
        crowd(tmp_path, SHOWN)

        row(ana, "Well done").hover()
        ana.page.get_by_role("button", name="React with party popper").click()  # tells the row

        # Ben was the first, and is no longer among those who are named.
        expect(reaction(ana, "👍")).to_have_attribute("aria-label", f"👍, {SHOWN + 1} people")
        mine = f"👍, {SHOWN + 1} people, you reacted"
        expect(reaction(ben, "👍")).to_have_attribute("aria-label", mine)
        reaction(ben, "👍").hover()
        expect(ben.page.get_by_role("tooltip")).to_have_text(
            re.compile(rf"^You, .*, and {SHOWN - 10} others reacted with 👍$")
        )
        ben.page.reload()
        ben.be_online()
        expect(reaction(ben, "👍")).to_have_attribute("aria-label", mine)

        other = ben.context.new_page()
        other.goto(ben.page.url)
        expect(other.locator("[data-emoji='👍']")).to_have_attribute("aria-label", mine)
        reaction(ben, "👍").click()
        left = f"👍, {SHOWN} people"
        for page in (ben.page, other):
            expect(page.locator("[data-emoji='👍']")).to_have_attribute("aria-label", left)


def reaction(person: Somebody, emoji: str) -> Any:
    return person.page.locator(f"[data-reactions] > [data-emoji='{emoji}']")


def rename(site: Server, username: str, display_name: str) -> None:
    person = Person(site.url)
    person.post("/login", username=username, password=PASSWORD)
    person.post("/profile", display_name=display_name)


def crowd(folder: Path, count: int) -> None:
    """Let so many more people react with a thumb; they have no accounts, which shows nowhere."""
    database = connect(embedded.start(folder / "data"))
    more = [f"p{number:03}" for number in range(count)]
    database["messages"].update_one(
        {"reactions.kind": "👍"}, {"$push": {"reactions.0.people": {"$each": more}}}
    )
    database.client.close()
