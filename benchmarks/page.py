"""The page of a room, in Chromium: what Lighthouse says, and what a person waits for."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from statistics import quantiles
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from benchmarks import tools
from benchmarks.figures import Figure
from benchmarks.run import Run, free_port
from benchmarks.site import FLAGS, LONG, SHORT, Site, find_chromium, make_site, sign_in_there

KEYS = "the tide turns at noon so bring the boat round again before it is dark"
PAUSE_MILLISECONDS = 30  # between two keys: a quick typist
SETTLE_MILLISECONDS = 1_000
LIMIT_MILLISECONDS = 60_000
WIDE = ViewportSize(width=1280, height=800)
LIGHTHOUSE = ("--quiet", "--output=json", "--no-enable-error-reporting", "--disable-storage-reset")
LEAST = {"mobile": 95, "desktop": 98}  # points; a quick run has time for the harder one
OPTIONS = {"desktop": (*LIGHTHOUSE, "--preset=desktop"), "mobile": LIGHTHOUSE}


def measure(run: Run) -> Iterator[Figure]:
    chromium = find_chromium()
    command = tools.lighthouse()
    site = run.once("site", lambda: make_site(run))
    with sync_playwright() as playwright:
        start = partial(playwright.chromium.launch_persistent_context, executable_path=chromium)
        yield from lighthouse(run, site, command, start)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield from first_load(run, site, browser)
        yield from keystrokes(run, site, browser)
        if not run.is_quick:
            yield from whole_history(run, site, browser)
        browser.close()


def lighthouse(
    run: Run, site: Site, command: Sequence[str], start: Callable[..., BrowserContext]
) -> Iterator[Figure]:
    accessible: list[float] = []
    for form, target in list(LEAST.items())[: 1 if run.is_quick else None]:
        run.say(f"Lighthouse, {form}")
        asked = [*command, site.url + site.long, *OPTIONS[form]]
        rounds = [_scores(run, site, asked, start) for _ in range(run.rounds)]
        fast = [scores["performance"] for scores in rounds]
        name = f"Lighthouse performance, {form}"
        yield Figure.alone(name, "points", fast, target=target, direction=">=")
        accessible += [scores["accessibility"] for scores in rounds]
    yield Figure.alone("Lighthouse accessibility", "points", accessible, target=100, direction=">=")


def _scores(
    run: Run, site: Site, command: Sequence[str], start: Callable[..., BrowserContext]
) -> dict[str, float]:
    """Return what Lighthouse thinks of the page, by category, of 100."""
    port = free_port()
    profile = tempfile.mkdtemp(dir=run.folder)  # nothing is cached
    # A browser that is signed in: headers that Lighthouse adds do not reach the socket.
    context = start(profile, args=[*FLAGS, f"--remote-debugging-port={port}"])
    sign_in_there(context, site)
    done = subprocess.run([*command, f"--port={port}"], stdout=subprocess.PIPE, check=True)
    context.close()
    report = json.loads(done.stdout)
    if not report["finalDisplayedUrl"].endswith(site.long):
        raise RuntimeError(f"Lighthouse was sent to {report['finalDisplayedUrl']}")
    return {name: round(it["score"] * 100) for name, it in report["categories"].items()}


@contextmanager
def opened(site: Site, browser: Browser) -> Iterator[Page]:
    """A page of somebody who is signed in, with a cold cache."""
    context = browser.new_context(base_url=site.url, viewport=WIDE)
    context.set_default_timeout(LIMIT_MILLISECONDS)
    sign_in_there(context, site)
    context.add_init_script(LONG_TASKS)
    yield context.new_page()
    context.close()


def go(page: Page, path: str) -> None:
    page.goto(path)
    page.locator("body[data-conn=online]").wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(SETTLE_MILLISECONDS)  # what the page does late is its doing too


def first_load(run: Run, site: Site, browser: Browser) -> Iterator[Figure]:
    run.say("first loads")
    kilobytes, longest = [], []
    for _ in range(run.rounds):
        with opened(site, browser) as page:
            arrived = _arrivals(page)
            go(page, site.short)
            kilobytes.append(sum(arrived) / 1_000)
            longest.append(page.evaluate("longestTask()"))
    yield Figure.alone("first load of a room, cold cache", "kB", kilobytes, target=90)
    yield Figure.alone(
        f"longest task of a first load, {SHORT} messages", "ms over 50", longest, target=0
    )


def _arrivals(page: Page) -> list[float]:
    """Return a list that grows by the bytes of each answer, headers and all."""
    arrived: list[float] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda it: arrived.append(it["encodedDataLength"]))
    return arrived


def keystrokes(run: Run, site: Site, browser: Browser) -> Iterator[Figure]:
    run.say("keystrokes")
    usual, slow = [], []
    for _ in range(run.rounds):
        with opened(site, browser) as page:
            go(page, site.long)
            page.evaluate(FILL)
            page.evaluate(TIME_KEYS)
            page.locator("#write").focus()
            for key in KEYS:
                page.keyboard.press("Space" if key == " " else key)
                page.wait_for_timeout(PAUSE_MILLISECONDS)
            twentieths = quantiles(page.evaluate("keys"), n=20)
        usual.append(twentieths[9])
        slow.append(twentieths[18])
    name = f"keystroke to paint, {LONG:,} messages behind it"
    yield Figure.alone(name, "ms", usual, target=16)
    yield Figure.alone(f"{name}, one in 20 takes longer", "ms", slow)


def whole_history(run: Run, site: Site, browser: Browser) -> Iterator[Figure]:
    run.say(f"scrolling through {LONG:,} messages")
    with opened(site, browser) as page:
        go(page, site.long)
        found: dict[str, Any] = page.evaluate(SCROLL_TO_THE_START)
        name = f"scrolled through {LONG:,} messages"
        yield Figure.alone(f"rows in the page, {name}", "rows", [found["most"]], target=400)
        longest = [page.evaluate("longestTask()")]
        yield Figure.alone(f"longest task, {name}", "ms over 50", longest)


LONG_TASKS = """
const tasks = []
const watch = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) tasks.push(duration)
})
watch.observe({ type: "longtask", buffered: true })
window.longestTask = () => Math.max(0, ...tasks.map((duration) => duration - 50))
"""

# As many rows as there ever are, and back at the end.
FILL = """async () => {
  const stream = document.querySelector("[data-stream]")
  while (document.querySelectorAll(".message").length < 300) {
    stream.scrollTop = -stream.scrollHeight
    await new Promise(requestAnimationFrame)
  }
  stream.scrollTop = 0
  await new Promise((resolve) => setTimeout(resolve, 500))
}"""

# From the time the browser gives the key to when its frame is drawn: what is posted from a frame
# is heard when that is done.
TIME_KEYS = """() => {
  window.keys = []
  const drawn = (then) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = then
    port2.postMessage(null)
  })
  addEventListener("keydown", ({ timeStamp }) =>
    drawn(() => keys.push(performance.now() - timeStamp)), { capture: true })
}"""

SCROLL_TO_THE_START = """async () => {
  const stream = document.querySelector("[data-stream]")
  const list = document.querySelector("[data-rows]")
  const found = { most: 0 }
  const count = new MutationObserver(() => {
    found.most = Math.max(found.most, list.querySelectorAll(".message").length)
  })
  count.observe(list, { childList: true })
  while (list.querySelector(".message").dataset.seq !== "1") {
    stream.scrollTop -= 2_000
    await new Promise(requestAnimationFrame)
  }
  return found
}"""
