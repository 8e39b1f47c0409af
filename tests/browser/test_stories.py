"""Two people, two browsers, whole stories."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Somebody, in_garden
from tests.server import Server
from tests.wire import until


class TestTheFirstMinute:
    def test_set_up_invite_sign_up_and_talk_both_ways(self, ana: Somebody, ben: Somebody) -> None:
        link = ana.set_up()
        ben.sign_up(link)
        ana.open_room("General")
        ben.open_room("General")

        ana.say("Hello Ben")
        ben.sees("Hello Ben")
        ben.say("Hello Ana\nsee https://example.org/a?b=1&c=2")
        ana.sees("Hello Ana")

        address = ana.page.get_by_role("link", name="https://example.org/a?b=1&c=2")
        expect(address).to_have_attribute("href", "https://example.org/a?b=1&c=2")
        assert ana.texts == ben.texts

    def test_the_invite_link_is_copied_by_a_button(self, ana: Somebody) -> None:
        ana.context.grant_permissions(["clipboard-read", "clipboard-write"])
        link = ana.set_up()
        ana.go("/invite")

        ana.page.get_by_role("button", name="Copy").click()

        expect(ana.page.locator("[data-copied]")).not_to_be_empty()
        assert ana.page.evaluate("navigator.clipboard.readText()") == link

    def test_everything_said_is_there_after_a_kill(
        self, ana: Somebody, ben: Somebody, site: Server
    ) -> None:
        ben.sign_up(ana.set_up())
        ana.open_room("General")
        ana.say("Before the crash")
        ana.sees("Before the crash")
        expect(ana.page.locator("[data-state]")).to_have_count(0)

        ana.expected.append("")  # browsers report the broken connection
        site.kill()
        site.start()

        ben.open_room("General")
        ben.sees("Before the crash")
        ana.be_online()
        ben.say("After the crash")
        ana.sees("After the crash")


class TestRoomsSeenLive:
    def test_a_new_room_appears_for_those_added(self, ana: Somebody, ben: Somebody) -> None:
        ben.sign_up(ana.set_up())
        ben.open_room("General")

        ana.make_room("Garden", "ben")

        expect(ben.rooms.get_by_role("link", name="Garden")).to_be_visible()
        ben.rooms.get_by_role("link", name="Garden").click()
        ben.be_online()
        ben.say("Nice and green")
        ana.sees("Nice and green")

    def test_unknown_people_are_named_and_nothing_is_made(self, ana: Somebody) -> None:
        ana.set_up()
        ana.expected.append("400")  # the console reports the refused form
        ana.go("/rooms/new")
        ana.page.get_by_label("Room name").fill("Garden")
        ana.page.get_by_role("combobox", name="People").fill("zoe")
        ana.page.get_by_role("button", name="Make the room").click()

        expect(ana.page.get_by_text("Nobody here is called zoe.")).to_be_visible()
        expect(ana.rooms.get_by_role("link", name="Garden")).to_have_count(0)

    def test_a_new_name_is_seen_everywhere(self, ana: Somebody, ben: Somebody) -> None:
        path = in_garden(ana, ben)

        ana.go(f"{path}/edit")
        ana.page.get_by_label("Room name").fill("Orchard")
        ana.page.get_by_role("button", name="Rename").click()

        expect(ben.page.get_by_role("heading", level=1)).to_contain_text("Orchard")
        expect(ben.rooms.get_by_role("link", name="Orchard")).to_be_visible()
        expect(ben.page).to_have_title(re.compile("Orchard"))

    def test_who_is_removed_hears_nothing_more(self, ana: Somebody, ben: Somebody) -> None:
        path = in_garden(ana, ben)
        ana.say("Welcome to the garden")
        ben.sees("Welcome to the garden")

        ana.go(f"{path}/edit")
        ana.page.get_by_role("button", name=re.compile("Remove.*Ben")).click()
        ana.page.get_by_role("dialog").get_by_role("button", name="Remove").click()

        expect(ben.page.get_by_text("You are no longer in this room")).to_be_visible()
        expect(ben.rooms.get_by_role("link", name="Garden")).to_have_count(0)
        ana.go(path)
        ana.be_online()
        ana.say("Now we are alone")
        ana.sees("Now we are alone")
        assert "Now we are alone" not in ben.texts
        ben.expected.append("404")
        ben.go(path)
        expect(ben.page.get_by_text("There is no such room")).to_be_visible()


class TestALostConnection:
    def test_what_was_typed_meanwhile_arrives_once(self, ana: Somebody, ben: Somebody) -> None:
        ben.sign_up(ana.set_up())
        ana.open_room("General")
        ben.open_room("General")
        ana.expected.append("")

        ana.context.set_offline(True)
        ana.say("Said in the dark")
        ana.say("And again")
        expect(ana.page.locator("[data-offline-words]")).to_contain_text("2")
        ben.say("Are you there?")
        ben.sees("Are you there?")
        ana.context.set_offline(False)

        ben.sees("Said in the dark")
        ben.sees("And again")
        ana.sees("Are you there?")
        expect(ana.page.locator("[data-state]")).to_have_count(0)
        everything = ["Are you there?", "Said in the dark", "And again"]
        expect(ana.page.locator(".message__text")).to_have_text(everything)
        expect(ben.page.locator(".message__text")).to_have_text(everything)

    def test_what_was_typed_survives_a_reload(
        self, ana: Somebody, ben: Somebody, site: Server
    ) -> None:
        ben.sign_up(ana.set_up())
        ana.open_room("General")
        ana.expected.append("")
        ana.context.set_offline(True)
        ana.say("Still to be sent")
        expect(ana.page.locator("[data-offline-words]")).to_contain_text("1")

        ana.context.set_offline(False)
        ana.page.reload()

        ben.open_room("General")
        ben.sees("Still to be sent")
        assert ben.texts == ["Still to be sent"]

    def test_a_draft_survives_a_reload(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        ana.writing.fill("half a thought")
        until(lambda: "half a thought" in ana.page.evaluate("() => JSON.stringify(localStorage)"))

        ana.page.reload()

        expect(ana.writing).to_have_value("half a thought")


class TestHistory:
    def test_loads_upward_without_moving_what_one_reads(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        _say_three_hundred(ana)
        ana.page.reload()
        ana.be_online()
        ana.sees("no. 300")

        stream = ana.page.locator("[data-stream]")
        stream.hover()
        moved = []
        while not ana.page.locator(".message__text", has_text=re.compile("^no. 1$")).count():
            moved.append(ana.page.evaluate(_SCROLL_UP_AND_MEASURE))

        assert max(moved) <= 2
        seqs = ana.page.evaluate(
            "[...document.querySelectorAll('.message')].map(m => +m.dataset.seq)"
        )
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        assert len(seqs) <= 300


_SCROLL_UP_AND_MEASURE = """async () => {
  const stream = document.querySelector("[data-stream]")
  const rows = () => [...document.querySelectorAll(".message[data-seq]")]
  const box = (element) => element.getBoundingClientRect()
  const first = rows()[0].dataset.seq
  stream.scrollTop = 300 + stream.clientHeight - stream.scrollHeight
  const seen = rows().find((row) => box(row).bottom > box(stream).top)
  const before = box(seen).top
  while (rows()[0].dataset.seq === first) await new Promise(requestAnimationFrame)
  return Math.abs(box(seen).top - before)
}"""


def _say_three_hundred(ana: Somebody) -> None:
    """Post from the page itself, through the socket that is open there."""
    ana.page.evaluate(
        """async () => {
          const main = document.querySelector('script[src$="main.js"]').src
          const { ask } = await import(main.replace("main.js", "socket.js"))
          const room_id = document.querySelector(".conversation").dataset.roomId
          for (let number = 1; number <= 300; number++)
            await ask("post_message", { room_id, client_id: `${number}`, text: `no. ${number}` })
        }"""
    )


class TestTheKeyboard:
    def test_enter_sends_but_not_while_composing(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        ana.writing.fill("日本")

        ana.writing.dispatch_event(
            "keydown", {"key": "Enter", "isComposing": True, "bubbles": True}
        )
        expect(ana.writing).to_have_value("日本")
        ana.writing.press("Shift+Enter")
        ana.writing.press_sequentially("語")
        ana.writing.press("Enter")

        expect(ana.page.locator(".message__text")).to_have_text("日本\n語", use_inner_text=True)

    def test_leads_from_sign_in_to_a_message(self, ana: Somebody) -> None:
        ana.set_up()
        ana.be_online()  # a handshake on its way would be refused, which a browser complains about
        ana.page.get_by_role("button", name="Sign out").click()
        ana.go("/login")
        page = ana.page

        page.keyboard.type("ana")
        page.keyboard.press("Tab")
        page.keyboard.type("garden-gate-7")
        page.keyboard.press("Enter")
        expect(ana.rooms).to_be_visible()
        ana.be_online()
        page.keyboard.press("Control+k")
        page.keyboard.type("gen")
        page.keyboard.press("Enter")
        ana.be_online()
        page.keyboard.type("by keys alone")
        page.keyboard.press("Enter")

        ana.sees("by keys alone")
