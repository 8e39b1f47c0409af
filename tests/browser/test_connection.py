"""What one sees of a server that ends and comes back, and of limits."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Somebody
from tests.cast import PASSWORD
from tests.server import Server, processes_in, running
from tests.wire import Person

WATCH = """() => {
  window.seen = []
  document.body.addEventListener("connection:changed", (event) => {
    window.seen.push([event.detail.state, performance.now()])
  })
}"""

COUNT_TRIES = """
  const Stock = WebSocket
  window.tries = []
  window.WebSocket = class extends Stock {
    constructor(...given) { super(...given); window.tries.push(performance.now()) }
  }
"""


class TestARestart:
    def test_R6_is_a_short_blip_and_what_was_typed_arrives_once(
        self, site: Server, ana: Somebody, ben: Somebody
    ) -> None:
        ben.sign_up(ana.set_up())
        path = ana.make_room("Garden", "ben")
        ben.open_room("Garden")
        for person in (ana, ben):
            person.expected.append("")  # browsers report the broken connection
            person.page.evaluate(WATCH)

        site.stop()
        expect(ana.page.locator("body:not([data-conn=online])")).to_be_attached()
        ana.say("while it was away")
        site.start()

        for person in (ana, ben):
            person.be_online()
            person.sees("while it was away")
        ana.say("and back")
        ben.sees("and back")
        for person in (ana, ben):
            assert person.texts == ["while it was away", "and back"]
            states = [state for state, _ in person.page.evaluate("window.seen")]
            assert states[0] == "connecting"
            assert states[-1] == "online"  # the page is the same one: nobody loaded it again
            expect(person.page.locator("[data-offline-words]")).to_be_hidden()
        assert path in ana.page.url

    def test_R6_is_waited_for_as_long_as_was_told(self, site: Server, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        ana.expected.append("")
        told = []

        def hear(frame: str | bytes) -> None:
            if found := re.search(r'"restarting",\{"after_seconds":([\d.]+)', str(frame)):
                told.append(float(found[1]))

        ana.page.on("websocket", lambda socket: socket.on("framereceived", hear))
        ana.page.add_init_script(COUNT_TRIES)
        ana.page.reload()
        ana.be_online()
        ana.page.evaluate(WATCH)

        site.stop()
        site.start()
        ana.be_online()

        (seconds,) = told
        lost_at = ana.page.evaluate("window.seen[0][1]")
        tried_at = ana.page.evaluate("window.tries[1]")
        assert tried_at - lost_at >= seconds * 1000 - 100


class TestADatabaseThatIsAway:
    def test_R7_what_was_typed_outlives_it_and_a_reload(
        self, site: Server, ana: Somebody, ben: Somebody, tmp_path: Path
    ) -> None:
        ben.sign_up(ana.set_up())
        path = ana.make_room("Garden", "ben")
        ben.open_room("Garden")
        for person in (ana, ben):
            person.expected.append("")  # pages are refused meanwhile
        mongod = processes_in(tmp_path, "mongod")
        for pid in mongod:
            os.kill(pid, signal.SIGSTOP)
        try:
            ana.say("while the database was away")
            expect(ana.page.locator("[data-state]")).to_have_count(1)
            ana.page.reload()  # which says that it is away
            expect(ana.page.locator("body")).to_contain_text("did not answer")
        finally:
            for pid in mongod:
                os.kill(pid, signal.SIGCONT)

        ana.go(path)

        for person in (ana, ben):
            person.sees("while the database was away")
            assert person.texts == ["while the database was away"]
        expect(ana.page.locator("[data-state]")).to_have_count(0)


class TestWhatWaits:
    def test_goes_out_from_any_page_each_room_in_order_and_once(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        ben.sign_up(ana.set_up())
        rooms = {ana.make_room("Garden", "ben"): ["one", "two", "three"]}
        ana.open_room("General")
        rooms[ana.page.url.removeprefix(ana.url)] = ["G1", "G2", "G3"]
        _write_offline(ana, rooms)
        said: list[str] = []

        def hear(frame: str | bytes) -> None:
            said.append(str(frame))

        pages = [ana.context.new_page() for _ in range(2)]
        for page, path in zip(pages, ("/", "/account"), strict=True):
            page.on("websocket", lambda socket: socket.on("framesent", hear))
            page.goto(ana.url + path)

        for path, texts in rooms.items():
            ben.go(path)
            expect(ben.page.locator(".message__text")).to_have_text(texts)
        for page in pages:
            page.wait_for_function(
                "() => !Object.keys(localStorage).some((key) => key.startsWith('outbox:'))"
            )
        # Two pages, and each message was sent by one of them.
        assert sum('"post_message"' in frame for frame in said) == 6

    def test_and_is_refused_is_kept_and_says_so_in_its_room(
        self, site: Server, ana: Somebody, ben: Somebody
    ) -> None:
        ben.sign_up(ana.set_up())
        path = ana.make_room("Garden", "ben")
        _write_offline(ben, {path: ["let me in"]})
        _post_as_ana(site, f"{path}/members/ben/remove")
        ben.go("/")
        ben.page.wait_for_function("() => JSON.stringify(localStorage).includes('refused')")
        _post_as_ana(site, f"{path}/members", members="ben")

        ben.go(path)
        ben.be_online()
        state = ben.page.locator("[data-state]")
        expect(state).to_contain_text("Not sent. There is no such room")
        state.get_by_role("button", name="Retry").click()

        expect(state).to_have_count(0)
        assert ben.texts == ["let me in"]

    def test_shows_what_another_tab_was_refused(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        other = ana.context.new_page()
        other.goto(ana.url)
        ana.expected.append("")
        ana.context.set_offline(True)
        ana.say("not for long")
        expect(ana.page.locator("[data-state]")).to_contain_text("Waiting to send")

        other.evaluate(
            """() => {
              const [key] = Object.keys(localStorage).filter((key) => key.startsWith("outbox:"))
              const entry = JSON.parse(localStorage[key])
              localStorage[key] = JSON.stringify({ ...entry, refused: "Because." })
            }"""
        )

        expect(ana.page.locator("[data-state]")).to_contain_text("Not sent. Because.")


def _post_as_ana(site: Server, path: str, **form: str) -> None:
    ana = Person(site.url)
    ana.post("/login", username="ana", password=PASSWORD)
    ana.post(path, **form)


def _write_offline(person: Somebody, rooms: dict[str, list[str]]) -> None:
    """Write in rooms, by their paths, without a connection; then close their pages."""
    person.expected.append("")  # browsers report the broken connection
    pages = [person.context.new_page() for _ in rooms]
    for person.page, path in zip(pages, rooms, strict=True):
        person.go(path)
        person.be_online()
    person.context.set_offline(True)
    for person.page, texts in zip(pages, rooms.values(), strict=True):
        for text in texts:
            person.say(text)
        expect(person.page.get_by_text("Waiting to send")).to_have_count(len(texts))
    for page in person.context.pages:
        page.close()
    person.context.set_offline(False)
    person.page = person.context.new_page()


class TestLimits:
    @pytest.fixture
    def site(self, tmp_path: Path) -> Iterator[Server]:
        few = {
            "CHATAPP_MESSAGES_BURST": "2",
            "CHATAPP_MESSAGES_PER_SECOND": "2",
            "CHATAPP_SOCKETS_PER_PERSON": "2",
        }
        with running(tmp_path, **few) as server:
            yield server

    def test_W6_who_types_too_fast_waits_and_loses_nothing(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        ben.sign_up(ana.set_up())
        ana.make_room("Garden", "ben")
        ben.open_room("Garden")
        texts = [f"no. {number}" for number in range(8)]

        for text in texts:
            ana.say(text)

        for person in (ana, ben):
            person.sees(texts[-1])
            assert person.texts == texts
        expect(ana.page.locator(".message--pending")).to_have_count(0)

    def test_W10_who_has_too_many_pages_open_is_told(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        ana.expected.append("")
        second, third = (ana.context.new_page() for _ in range(2))
        second.goto(ana.page.url)
        expect(second.locator("body[data-conn=online]")).to_be_attached()

        third.goto(ana.page.url)
        expect(third.locator("[data-offline-words]")).to_contain_text("open in 2 places")
        second.close()

        expect(third.locator("body[data-conn=online]")).to_be_attached(timeout=40_000)
        expect(third.locator("[data-offline-words]")).to_be_hidden()
