"""One sees who is writing."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Somebody
from tests.server import Server
from tests.wire import Person, Wire, until

COUNT_HINTS = """
  const stock = WebSocket.prototype.send
  window.hints = 0
  WebSocket.prototype.send = function (frame) {
    window.hints += String(frame).includes('["typing"')
    return stock.call(this, frame)
  }
"""


def line(page: Page) -> Locator:
    return page.locator("[data-typing-words]")


def hints(person: Somebody) -> int:
    return int(person.page.evaluate("window.hints"))


class TestWriting:
    def test_is_seen_by_the_others_until_the_message_is_there(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        ben.context.add_init_script(COUNT_HINTS)
        ben.sign_up(ana.set_up())
        ana.open_room("General")
        ben.open_room("General")
        other_tab = ben.context.new_page()
        other_tab.goto(ben.page.url)
        expect(other_tab.locator("body[data-conn=online]")).to_be_attached()
        height = ana.page.locator(".dock").bounding_box()

        ben.writing.press_sequentially("Good morning to you all")

        expect(line(ana.page)).to_have_text("Ben is typing")
        expect(line(ana.page)).to_be_visible()
        assert ana.page.locator(".dock").bounding_box() == height
        for live in ("[aria-live]", "[role=status]", "[role=alert]"):
            expect(ana.page.locator(live).filter(has=line(ana.page))).to_have_count(0)
        assert hints(ben) == 1
        for tab in (ben.page, other_tab):
            expect(line(tab)).to_be_hidden()

        ben.writing.press("Enter")
        ana.sees("Good morning to you all")

        expect(line(ana.page)).to_be_hidden(timeout=2_000)  # sooner than by itself

    def test_is_gone_by_itself_when_nothing_more_comes(self, ana: Somebody, ben: Somebody) -> None:
        ben.sign_up(ana.set_up())
        ana.page.clock.install()
        ana.open_room("General")
        ben.open_room("General")
        ben.writing.press_sequentially("Hm")
        expect(line(ana.page)).to_be_visible()
        ana.page.clock.run_for(4_000)
        expect(line(ana.page)).to_be_visible()

        ana.page.clock.run_for(2_000)

        expect(line(ana.page)).to_be_hidden()

    def test_is_said_every_three_seconds_and_only_of_what_is_typed(self, ana: Somebody) -> None:
        ana.set_up()
        ana.page.clock.install()
        ana.context.add_init_script(COUNT_HINTS)
        ana.open_room("General")

        ana.writing.press_sequentially("   ")
        assert hints(ana) == 0
        ana.writing.press_sequentially("abc")
        assert hints(ana) == 1
        ana.page.clock.run_for(2_900)
        ana.writing.press("d")
        assert hints(ana) == 1
        ana.page.clock.run_for(200)
        ana.writing.press("e")
        assert hints(ana) == 2
        ana.page.clock.run_for(3_100)
        ana.writing.fill("")
        assert hints(ana) == 2

        ana.writing.fill("half a thought")
        until(lambda: "half a thought" in ana.page.evaluate("() => JSON.stringify(localStorage)"))
        ana.page.reload()
        ana.be_online()
        expect(ana.writing).to_have_value("half a thought")
        assert hints(ana) == 0

    def test_is_not_said_of_other_words_for_what_is_there(self, ana: Somebody) -> None:
        ana.context.add_init_script(COUNT_HINTS)
        ana.set_up()
        ana.open_room("General")
        ana.say("Good mornig")
        expect(ana.page.locator("[data-from-ack], .message--pending")).to_have_count(0)
        said = hints(ana)

        ana.writing.press("ArrowUp")
        expect(ana.writing).to_have_value("Good mornig")
        ana.page.evaluate("performance.now = () => Infinity")  # nothing is too soon to say again
        ana.writing.press_sequentially("!")
        ana.writing.press("Enter")
        ana.sees("Good mornig!")
        assert hints(ana) == said

        ana.writing.press_sequentially("?")
        assert hints(ana) == said + 1


class TestSeveral:
    @pytest.fixture
    def sockets(self) -> Iterator[list[Wire]]:
        opened: list[Wire] = []
        yield opened
        for socket in opened:
            socket.close()

    def test_are_named_up_to_three(
        self, somebody: Callable[..., Somebody], site: Server, sockets: list[Wire]
    ) -> None:
        ana = somebody("ana", reduced_motion="reduce")
        invite = ana.set_up().removeprefix(site.url)
        people = [Person(site.url) for _ in range(4)]
        for person, name in zip(people, ("noor", "kofi", "mia", "tom"), strict=True):
            person.sign_up(invite, name)
            sockets.append(person.socket())
        ana.open_room("General")
        sentences = (
            "Noor is typing",
            "Noor and Kofi are typing",
            "Noor, Kofi and Mia are typing",
            "Several people are typing",
        )

        for socket, sentence in zip(sockets, sentences, strict=True):
            socket.ask("typing", {"room_id": people[0].first_room()})
            expect(line(ana.page)).to_have_text(sentence)

        dot = ana.page.locator(".typing__dots span").first
        assert dot.evaluate("(dot) => getComputedStyle(dot).animationName") == "none"
