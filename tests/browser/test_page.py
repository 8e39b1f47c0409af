"""The page of a room: what it weighs, when it can be read, and how much of it there ever is."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from chatapp.chat.service import MessageService
from chatapp.core import embedded
from chatapp.core.clock import now
from chatapp.core.database import connect
from chatapp.core.events import EventBus
from chatapp.core.keeper import READY_SOCKET
from chatapp.services import Services, build_services
from tests.cast import PASSWORD, Cast, Clock, gather
from tests.server import EVENTLET, Server
from tests.wire import Person, until

MOST_BYTES = 90_000
MOST_ROWS = 400
TALK = 50
VOLUME = 2_000

SCRIPTS = re.compile(r"\.js$")
WIDE = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Harbour:
    """A server, who is signed in there, and the rooms Garden and Volume."""

    server: Server
    cookies: list[Any]
    garden: str
    volume: str


@pytest.fixture(scope="module")
def harbour(mongod_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    embedded.start(mongod_folder)
    host = quote(str(mongod_folder / embedded.FOLDER / READY_SOCKET), safe="")
    uri = f"mongodb://{host}/page?directConnection=true"
    server = Server(tmp_path_factory.mktemp("page"), EVENTLET, MONGO_URI=uri)
    server.run("flask", "--app", "wsgi", "migrate")
    database = connect(uri)
    clock = Clock()
    services = build_services(database, EventBus(), clock, secret_key="for tests", is_open=False)
    cast = gather(services)
    talk(services, cast, clock)
    volume = services.rooms.create(cast.ana, "Volume", []).id
    chatter(services.messages, cast, volume)
    server.start()
    try:
        person = Person(server.url)
        person.post("/login", username="ana", password=PASSWORD)
        name, _, value = person.cookie().partition("=")
        cookie = {"name": name, "value": value, "url": server.url}
        yield Harbour(server, [cookie], f"/rooms/{cast.garden.id}", f"/rooms/{volume}")
    finally:
        server.stop()
        database.client.drop_database("page")
        database.client.close()


def talk(services: Services, cast: Cast, clock: Clock) -> None:
    """Fifty messages in groups, with all that may stand between and in place of them.

    Three before the last it is midnight in India.
    """
    messages, room_id = services.messages, cast.garden.id
    said: list[str] = []
    clock.forward(_two_days_ago(18, 30) - timedelta(minutes=2 * (TALK - 3)) - clock())
    for number in range(1, TALK + 1):
        clock.forward(timedelta(minutes=2))
        sender = cast.ana if number % 7 < 4 else cast.ben
        answered = said[-1] if number in (23, 47) else None
        said.append(messages.post(sender, room_id, f"no. {number}", reply_to=answered).id)
        if number in (29, 40):
            services.quiet_lines.note(room_id, "renamed", {"name": "Garden"}, sender.username)
        if number in (25, 36, 44):
            messages.delete(cast.ana, room_id, said[-1])
        if number in (30, 43):
            messages.edit(sender, room_id, said[-1], f"no. {number}, or so")


def chatter(messages: MessageService, cast: Cast, room_id: str) -> None:
    """Two thousand messages; what is said at once is saved at once."""
    with ThreadPoolExecutor(64) as threads:
        list(threads.map(lambda n: messages.post(cast.ana, room_id, f"no. {n}"), range(VOLUME)))


def _two_days_ago(hour: int, minute: int) -> datetime:
    return (now() - timedelta(days=2)).replace(hour=hour, minute=minute, second=0, microsecond=0)


@pytest.fixture
def seat(browser: Browser, harbour: Harbour) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a browser, signed in, its cache cold."""
    contexts: list[BrowserContext] = []

    def sit(**options: Any) -> Page:
        context = browser.new_context(base_url=harbour.server.url, **options)
        contexts.append(context)
        context.add_cookies(harbour.cookies)
        return context.new_page()

    yield sit
    for context in contexts:
        context.close()


def be_online(page: Page) -> None:
    page.locator("body[data-conn=online]").wait_for(state="attached")


class TestTheFirstLoad:
    def test_weighs_at_most_90_kB(self, seat: Callable[..., Page], harbour: Harbour) -> None:
        page = seat()
        arrived: list[float] = []
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda it: arrived.append(it["encodedDataLength"]))

        page.goto(harbour.garden)
        be_online(page)
        page.wait_for_load_state("networkidle")

        assert TALK > 40 <= page.locator(".message").count()
        assert 0 < sum(arrived) <= MOST_BYTES

    def test_waits_for_one_style_sheet_and_nothing_else(
        self, seat: Callable[..., Page], harbour: Harbour
    ) -> None:
        page = seat()

        page.goto(harbour.garden)
        be_online(page)

        loaded = page.evaluate(
            """performance.getEntriesByType("resource")
                 .map(({ name, renderBlockingStatus }) => [name, renderBlockingStatus])"""
        )
        blocking = [name for name, status in loaded if status == "blocking"]
        assert [name.rpartition("/")[2] for name in blocking] == ["all.css"]
        scripts = {name.rpartition("/")[2] for name, _ in loaded if SCRIPTS.search(name)}
        assert scripts == {"main.js", "socket.io.esm.min.js"}

    def test_is_read_where_scripts_are_off(
        self, seat: Callable[..., Page], harbour: Harbour
    ) -> None:
        page = seat(java_script_enabled=False, viewport=PHONE)

        page.goto(harbour.garden)

        newest = page.locator(".message__text", has_text=re.compile(f"^no. {TALK}$"))
        box, below = newest.bounding_box(), page.locator(".composer").bounding_box()
        assert box is not None
        assert below is not None
        assert 0 < box["y"] < box["y"] + box["height"] <= below["y"]
        assert below["y"] - box["y"] < 60

    @pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
    @pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
    def test_shows_before_any_script_what_it_shows_after(
        self, seat: Callable[..., Page], harbour: Harbour, viewport: dict[str, int], zone: str
    ) -> None:
        page = seat(viewport=viewport, timezone_id=zone)
        page.goto("/")
        until(lambda: any(it["name"] == "zone" for it in page.context.cookies()))
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route(SCRIPTS, hold)

        page.goto(harbour.garden, wait_until="commit")
        page.evaluate(PAINTED)
        before = page.evaluate(ROWS)
        for route in held:
            route.continue_()
        be_online(page)

        assert len(held) == 2
        assert before == page.evaluate(ROWS)
        assert before[-1]["text"] == f"no. {TALK}"
        assert before[-1]["bottom"] < viewport["height"]
        names = [row["text"] for row in before if row["name"] == "day"]
        assert len(names) == (1 if zone == "UTC" else 2)

    def test_is_of_modules_of_which_there_is_one_each(
        self, seat: Callable[..., Page], harbour: Harbour
    ) -> None:
        page = seat()
        page.goto(harbour.garden)
        be_online(page)

        assert page.evaluate(
            """async () => {
              const { src } = document.querySelector("script[src$='main.js']")
              const { need } = await import(src)
              const { ask } = await import(src.replace("main.js", "socket.js"))
              return ask === need("js/socket.js").ask
            }"""
        )


PAINTED = """new Promise((resolve) => {
  const watch = new PerformanceObserver((list) => {
    if (list.getEntriesByName("first-contentful-paint").length) resolve()
  })
  watch.observe({ type: "paint", buffered: true })
})"""
ROWS = """[...document.querySelectorAll(".message, .day")].map((row) => {
  const { top, bottom } = row.getBoundingClientRect()
  const name = row.className.replace(" message--mine", "")
  const words = row.querySelector(".message__text, .message__gone, .message__quiet b, .day__name")
  return { name, top, bottom, text: words.textContent }
})"""


class TestALongHistory:
    def test_is_scrolled_through_without_gap_or_jump(
        self, seat: Callable[..., Page], harbour: Harbour
    ) -> None:
        page = seat(viewport=WIDE)
        page.goto(harbour.volume)
        be_online(page)

        up = page.evaluate(SCROLL, {"by": -2_000, "to": 1})
        down = page.evaluate(SCROLL, {"by": 2_000, "to": VOLUME})

        for way in (up, down):
            assert way["gaps"] == 0
            assert way["jump"] <= 2
            assert way["most"] <= MOST_ROWS
        assert sorted({*up["seen"], *down["seen"]}) == list(range(1, VOLUME + 1))

    def test_is_not_gone_through_when_a_message_arrives(
        self, seat: Callable[..., Page], harbour: Harbour
    ) -> None:
        page = seat(viewport=WIDE)
        page.goto(harbour.volume)
        be_online(page)
        page.evaluate(FILL)

        done = page.evaluate(LOOKS_WHILE_POSTING, harbour.volume.rpartition("/")[2])

        assert done["rows"] == 300
        assert 0 < done["looks"] < done["rows"] / 3


# Between one step and the next everything that moves on its own shows in the row one looks at.
SCROLL = """async ({ by, to }) => {
  const stream = document.querySelector("[data-stream]")
  const list = document.querySelector("[data-rows]")
  const rows = () => [...list.querySelectorAll(".message")]
  const seqs = () => rows().map((row) => Number(row.dataset.seq))
  const top = (row) => row.getBoundingClientRect().top
  const frame = () => new Promise(requestAnimationFrame)
  const seen = new Set()
  const found = { gaps: 0, jump: 0, most: 0 }
  const count = new MutationObserver(() => { found.most = Math.max(found.most, rows().length) })
  count.observe(list, { childList: true })
  const isThere = () => {
    const last = by < 0 ? rows()[0] : rows().at(-1)
    const { top, bottom } = last.getBoundingClientRect()
    return Number(last.dataset.seq) === to && bottom > 0 && top < innerHeight
  }
  while (!isThere()) {
    stream.scrollTop += by
    const anchor = rows().find((row) => top(row) > top(stream))
    const before = top(anchor)
    await frame()
    await frame()
    found.jump = Math.max(found.jump, Math.abs(top(anchor) - before))
    const now = seqs()
    found.gaps += now.filter((seq, place) => place && seq !== now[place - 1] + 1).length
    now.forEach((seq) => seen.add(seq))
  }
  count.disconnect()
  return { ...found, seen: [...seen] }
}"""

FILL = """async () => {
  const stream = document.querySelector("[data-stream]")
  while (document.querySelectorAll(".message").length < 300) {
    stream.scrollTop = -stream.scrollHeight
    await new Promise(requestAnimationFrame)
  }
  stream.scrollTop = 0
  await new Promise(requestAnimationFrame)
}"""

# How often the page looks at a row, whatever for: where it is, or what it is.
LOOKS_WHILE_POSTING = """async (room_id) => {
  const { src } = document.querySelector("script[src$='main.js']")
  const { ask } = await import(src.replace("main.js", "socket.js"))
  let looks = 0
  const watch = (prototype, name) => {
    const plain = prototype[name]
    prototype[name] = function (...given) { looks += 1; return plain.apply(this, given) }
  }
  watch(Element.prototype, "getBoundingClientRect")
  watch(Element.prototype, "querySelectorAll")
  watch(DOMTokenList.prototype, "contains")
  watch(DOMTokenList.prototype, "toggle")
  watch(Element.prototype, "matches")
  const messages = 10
  for (let number = 1; number <= messages; number++)
    await ask("post_message", { room_id, client_id: `${number}`, text: "one more" })
  return { looks: looks / messages, rows: document.querySelectorAll(".message").length }
}"""
