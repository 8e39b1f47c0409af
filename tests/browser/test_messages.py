"""Two people and what can be done with messages, seen live by both."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Somebody, in_garden
from tests.cast import PASSWORD
from tests.server import Server
from tests.wire import Person


class TestQuietLines:
    def test_are_seen_live_between_what_is_said(self, ana: Somebody, ben: Somebody) -> None:
        path = in_garden(ana, ben)
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
            text = row(person, "Look").locator(".message__text")
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


class TestEditing:
    def test_is_seen_live_and_the_room_can_read_what_was_there(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        together(ana, ben)
        ben.say("The compst came")
        ana.sees("The compst came")
        ben.writing.fill("a draft, for later")

        row(ben, "compst").hover()
        ben.page.get_by_role("button", name="Edit message").click()
        expect(ben.writing).to_have_value("The compst came")
        ben.writing.fill("The **compost** came")
        ben.writing.press("Enter")

        for person in (ana, ben):
            expect(row(person, "The compost came").locator("strong")).to_have_text("compost")
        expect(ben.writing).to_have_value("a draft, for later")
        ana.page.get_by_role("button", name="edited").click()
        dialog = ana.page.get_by_role("dialog", name="Versions of this message")
        versions = ["The **compost** came", "The compst came"]
        expect(dialog.locator(".version__text")).to_have_text(versions)

    def test_of_the_last_message_begins_with_the_arrow_up_and_ends_with_escape(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        together(ana, ben)
        ana.say("One")
        ana.say("Two")
        ben.say("Three")
        ana.sees("Three")

        ana.writing.press("ArrowUp")
        expect(ana.writing).to_have_value("Two")
        ana.writing.press("Escape")
        expect(ana.writing).to_have_value("")
        ana.writing.press("ArrowUp")
        expect(ana.writing).to_have_value("Two")
        ana.writing.fill("Two and a half")
        ana.writing.press("Enter")

        ben.sees("Two and a half")
        assert ben.texts == ["One", "Two and a half", "Three"]

    def test_that_is_refused_says_why_and_loses_nothing(self, ana: Somebody, ben: Somebody) -> None:
        together(ana, ben)
        ben.say("Not for long")
        ana.sees("Not for long")
        ben.writing.press("ArrowUp")
        expect(ben.writing).to_have_value("Not for long")

        delete(ana, "Not for long")
        expect(ben.page.locator(".message__gone")).to_be_visible()
        ben.writing.fill("Forever")
        ben.writing.press("Enter")

        expect(ben.page.get_by_role("alert")).to_contain_text("This message was deleted.")
        expect(ben.writing).to_have_value("Forever")

    def test_that_is_begun_offline_opens_later_and_nothing_typed_becomes_a_message(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        together(ana, ben)
        ana.say("One")
        ben.sees("One")
        ana.expected.append("")
        offline(ana)

        ana.writing.press("ArrowUp")
        expect(ana.page.get_by_role("alert")).to_contain_text("opens here when you are connected")
        ana.writing.press_sequentially("One and a half")
        ana.writing.press("Enter")
        assert ana.texts == ["One"]
        ana.context.set_offline(False)

        expect(ana.writing).to_have_value("One")
        expect(ana.page.locator("#write-problem")).to_be_hidden()
        ana.writing.fill("One and a half")
        ana.writing.press("Enter")
        ben.sees("One and a half")
        assert ben.texts == ["One and a half"]

    def test_that_is_begun_offline_can_be_left(self, ana: Somebody, ben: Somebody) -> None:
        together(ana, ben)
        ana.say("One")
        ben.sees("One")
        ana.expected.append("")
        offline(ana)

        ana.writing.press("ArrowUp")
        ana.writing.press("Escape")
        ana.say("Two")
        ana.context.set_offline(False)

        ben.sees("Two")
        assert ben.texts == ["One", "Two"]


class TestDeleting:
    def test_leaves_a_line_in_its_place_for_both(self, ana: Somebody, ben: Somebody) -> None:
        together(ana, ben)
        for text in ("Before", "A secret", "After"):
            ben.say(text)
            ana.sees(text)

        row(ben, "A secret").focus()
        ben.page.keyboard.press("Delete")
        ben.page.get_by_role("dialog").get_by_role("button", name="Delete").click()

        for person in (ana, ben):
            expect(person.page.locator(".message__gone")).to_have_text("This message was deleted.")
            assert person.texts == ["Before", "After"]
            assert "A secret" not in person.page.content()
            seqs = person.page.evaluate(
                "[...document.querySelectorAll('.message')].map(m => +m.dataset.seq)"
            )
            assert seqs == [1, 2, 3]
        # Whoever did it by keys is where they were.
        expect(ben.page.locator(".message:focus")).to_have_attribute("data-seq", "2")

    def test_asks_first(self, ana: Somebody, ben: Somebody) -> None:
        together(ana, ben)
        ben.say("Stays")
        ben.sees("Stays")

        row(ben, "Stays").focus()
        ben.page.keyboard.press("Delete")
        ben.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()

        expect(ben.page.get_by_role("dialog")).to_have_count(0)
        assert ben.texts == ["Stays"]

    def test_says_that_it_cannot_for_as_long_as_that_is_so(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        together(ana, ben)
        ben.say("Not for long")
        row(ben, "Not for long").focus()
        ben.page.keyboard.press("Delete")
        question = ben.page.get_by_role("dialog")
        ben.expected.append("")
        offline(ben)
        question.get_by_role("button", name="Delete").click()
        expect(question.get_by_role("alert")).to_have_text("You are offline.")

        ben.context.set_offline(False)

        expect(question.get_by_role("alert")).to_be_hidden()
        question.get_by_role("button", name="Delete").click()
        expect(ben.page.locator(".message__gone")).to_be_visible()

    def test_is_for_the_sender_and_for_who_runs_the_room(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        in_garden(ana, ben)
        ana.say("From Ana")
        ben.say("From Ben")
        ana.sees("From Ben")
        ben.sees("From Ana")

        anybody = ["Add reaction", "Reply", "Copy link", "Copy text", "Save for later"]
        anybody.append("Show profile")
        assert offered(ben, "From Ana") == anybody
        everything = [*anybody[:2], "Edit message", *anybody[2:], "Delete message"]
        assert offered(ben, "From Ben") == everything
        runs_it = {*everything, "Pin to the room"} - {"Edit message"}
        assert set(offered(ana, "From Ben")) == runs_it
        delete(ana, "From Ben")

        expect(ben.page.locator(".message__gone")).to_have_text("This message was deleted by ana.")
        assert offered(ben, "This message was deleted") == ["Copy link", "Show profile"]


class TestWhoWasAway:
    def test_finds_what_changed_meanwhile(self, ana: Somebody, ben: Somebody) -> None:
        together(ana, ben)
        for text in ("One", "Two", "Three"):
            ben.say(text)
            ana.sees(text)
        ana.expected.append("")
        offline(ana)

        delete(ben, "Two")
        row(ben, "Three").focus()
        ben.page.keyboard.press("e")
        expect(ben.writing).to_have_value("Three")
        ben.writing.fill("Three, better")
        ben.writing.press("Enter")
        ben.sees("Three, better")
        assert ana.texts == ["One", "Two", "Three"]
        ana.context.set_offline(False)

        ana.sees("Three, better")
        expect(ana.page.locator(".message__gone")).to_be_visible()
        assert ana.texts == ["One", "Three, better"]


class TestRowsOutOfOrder:
    def test_leave_the_one_that_has_changed_more_often(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")

        left = ana.page.evaluate(
            """async () => {
              const main = document.querySelector('script[src$="main.js"]').src
              const { parseRows, place } = await import(main.replace("main.js", "rows.js"))
              const list = document.querySelector("[data-rows]")
              const row = (changes) => parseRows(
                `<li class="message" data-message-id="m" data-seq="1" data-sender="ana"` +
                ` data-client-id="c" data-created-at="2026-11-24T12:00:00Z"` +
                ` data-changes="${changes}">${changes}</li>`)[0]
              for (const changes of [1, 3, 3, 2]) place(list, row(changes))
              return [...list.querySelectorAll("[data-message-id]")].map((row) => row.textContent)
            }"""
        )

        assert left == ["3"]


class TestTheMenu:
    def test_is_worked_by_keys_alone(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        for text in ("One", "Two"):
            ana.say(text)
            expect(row(ana, text)).to_be_visible()
        page = ana.page

        page.locator(".message[tabindex='0']").focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        menu = page.get_by_role("menu", name="Message actions")
        expect(menu).to_be_visible()
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()
        expect(page.locator(".message:focus")).to_contain_text("One")
        page.keyboard.press("Enter")
        expect(menu.get_by_role("menuitem").first).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(menu.get_by_role("menuitem").last).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".message:focus")).to_contain_text("One")

    def test_opens_at_a_long_press_and_not_at_a_short_one(
        self, somebody: Callable[..., Somebody]
    ) -> None:
        ana = somebody(
            "ana", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
        )
        ana.set_up()
        ana.open_room("General")
        ana.writing.fill("Press me")
        ana.page.get_by_role("button", name="Send message").click()
        expect(row(ana, "Press me")).to_be_visible()
        menu = ana.page.get_by_role("menu", name="Message actions")

        touch(ana, row(ana, "Press me"), milliseconds=50)
        ana.page.evaluate("new Promise((done) => setTimeout(done))")  # what it began is done
        assert not menu.is_visible()
        touch(ana, row(ana, "Press me"), milliseconds=900)
        expect(menu).to_be_visible()
        menu.get_by_role("menuitem", name="Edit message").click()

        expect(ana.writing).to_have_value("Press me")


class TestReplying:
    def test_quotes_what_it_answers_and_follows_it(self, ana: Somebody, ben: Somebody) -> None:
        together(ana, ben)
        ben.say("The **compost** came\nsix bags")
        ana.sees("The compost came")

        row(ana, "compost").focus()
        ana.page.keyboard.press("r")
        expect(ana.page.locator("[data-writing]")).to_contain_text("Replying to Ben: The compost")
        ana.writing.press_sequentially("Great")
        ana.writing.press("Enter")

        expect(ana.page.locator("[data-writing]")).to_be_hidden()
        for person in (ana, ben):
            quote = row(person, "Great").locator(".quote")
            expect(quote).to_contain_text("Ben")
            expect(quote.locator("[data-quote-line]")).to_have_text("The compost came")
        edit(ben, "compost", "Seven bags came")
        for person in (ana, ben):
            expect(person.page.locator("[data-quote-line]")).to_have_text("Seven bags came")
        delete(ben, "Seven bags came")
        for person in (ana, ben):
            expect(person.page.locator("[data-quote-line]")).to_have_text(
                "This message was deleted."
            )
            assert "Seven bags" not in person.page.content()

    def test_that_is_given_up_keeps_what_was_typed(self, ana: Somebody, ben: Somebody) -> None:
        together(ana, ben)
        ben.say("A question")
        ana.sees("A question")
        row(ana, "A question").focus()
        ana.page.keyboard.press("r")
        ana.writing.press_sequentially("An answer")

        ana.page.reload()
        expect(ana.page.locator("[data-writing]")).to_contain_text("Replying to Ben")
        expect(ana.writing).to_have_value("An answer")
        ana.writing.press("Escape")

        expect(ana.page.locator("[data-writing]")).to_be_hidden()
        ana.writing.press("Enter")
        ben.sees("An answer")
        expect(ben.page.locator(".quote")).to_have_count(0)


class TestLinksToMessages:
    def test_lead_to_a_message_far_away_and_back_to_the_newest(
        self, ana: Somebody, ben: Somebody, site: Server
    ) -> None:
        together(ana, ben)
        path = ben.page.url.removeprefix(ben.url)
        talk(site, path, 300)  # far more than scrolling below loads
        ben.context.grant_permissions(["clipboard-read", "clipboard-write"])
        ben.go(f"{path}/messages/40")
        ben.be_online()

        meant = ben.page.locator("[data-seq='40']")
        expect(meant).to_be_in_viewport()
        expect(meant).to_be_focused()
        expect(meant).to_have_class(re.compile("message--spotted"))
        expect(meant).not_to_have_class(re.compile("message--spotted"))
        stream = ben.page.locator("[data-stream]")
        stream.evaluate("(stream) => { stream.scrollTop = -stream.scrollHeight }")
        expect(ben.page.locator("[data-seq='1']")).to_be_attached()
        stream.evaluate("(stream) => { stream.scrollTop = 0 }")
        expect(ben.page.locator("[data-seq='100']")).to_be_attached()
        ana.say("News from the end")
        expect(ben.page.get_by_text("News from the end")).to_have_count(0)

        ben.page.get_by_role("button", name="1 new message").click()
        ben.sees("News from the end")
        expect(ben.page.locator("[data-seq='1']")).to_have_count(0)
        row(ben, "News from the end").focus()
        ben.page.keyboard.press("Enter")
        ben.page.get_by_role("menuitem", name="Copy link").click()
        expect(ben.page.locator("[data-announce]")).to_have_text("Copied")
        copied = ben.page.evaluate("navigator.clipboard.readText()")
        assert copied == f"{ben.url}{path}/messages/301"

    def test_of_a_quote_load_what_is_not_there(
        self, ana: Somebody, ben: Somebody, site: Server
    ) -> None:
        together(ana, ben)
        path = ben.page.url.removeprefix(ben.url)
        first = talk(site, path, 120)
        talk(site, path, 1, reply_to=first)
        ben.page.reload()
        ben.be_online()
        expect(ben.page.locator("[data-seq='1']")).to_have_count(0)

        # The quote follows what is not in the page, and leads to it.
        say(site, "edit_message", path, message_id=first, text="the *very* first")
        expect(ben.page.locator("[data-quote-line]")).to_have_text("the very first")
        ben.page.locator(".quote").click()

        expect(ben.page.locator("[data-seq='1']")).to_be_focused()
        expect(ben.page.locator("[data-seq='1']")).to_be_in_viewport()
        assert ben.page.url == f"{ben.url}{path}"
        expect(ben.page.get_by_role("button", name="Latest")).to_be_visible()


def talk(site: Server, path: str, count: int, **more: str) -> str:
    """Post as Ana; return the id of the first message."""
    texts = [f"no. {number}" for number in range(1, count + 1)]
    return say(site, "post_message", path, *texts, **more)


def say(site: Server, event: str, path: str, *texts: str, **more: str) -> str:
    """Ask as Ana, over the wire, once for each text; return the id of the first message."""
    writer = Person(site.url)
    writer.post("/login", username="ana", password=PASSWORD)
    wire = writer.socket()
    asked = {"room_id": path.rpartition("/")[2], **more}
    acks = [wire.ask(event, {**asked, "text": text}) for text in texts or [more["text"]]]
    wire.close()
    return str(acks[0]["message"]["id"])


def together(ana: Somebody, ben: Somebody) -> None:
    """Seat both in General, which Ana runs."""
    ben.sign_up(ana.set_up())
    ana.open_room("General")
    ben.open_room("General")


def offline(person: Somebody) -> None:
    person.context.set_offline(True)
    expect(person.page.locator("body[data-conn=offline]")).to_be_attached()


def row(person: Somebody, text: str) -> Any:
    """Return the row whose own words hold `text`, as the server made it."""
    rows = person.page.locator(".message:not([data-from-ack], .message--pending)")
    words = person.page.locator(".message__text, .message__gone, .message__quiet")
    return rows.filter(has=words.filter(has_text=text))


def offered(person: Somebody, text: str) -> list[str]:
    """Return what the menu of a message offers."""
    row(person, text).focus()
    person.page.keyboard.press("Enter")
    words = [item.strip() for item in person.page.locator(".menu__words:visible").all_inner_texts()]
    person.page.keyboard.press("Escape")
    return words


def edit(person: Somebody, text: str, other: str) -> None:
    row(person, text).focus()
    person.page.keyboard.press("e")
    expect(person.writing).not_to_have_value("")
    person.writing.fill(other)
    person.writing.press("Enter")
    person.sees(other)


def delete(person: Somebody, text: str) -> None:
    row(person, text).focus()
    person.page.keyboard.press("Delete")
    person.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(person.page.get_by_role("dialog")).to_have_count(0)


def touch(person: Somebody, where: Any, milliseconds: int) -> None:
    """Put a finger there for a while."""
    box = where.bounding_box()
    session = person.context.new_cdp_session(person.page)
    point = {"x": box["x"] + 120, "y": box["y"] + 12}
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    person.page.wait_for_timeout(milliseconds)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
