"""Pictures of the demo workspace: one for the README, or every screen into a folder."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.site import FLAGS
from migrations_seed.seed.demo import PASSWORD
from tests.browser.conftest import chromium_path
from tests.server import ROOT, Server, running

README_PICTURE = ROOT / "docs" / "images" / "room.png"
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@contextmanager
def demo() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        server.run("flask", "--app", "wsgi", "seed", "demo")
        yield server


def sign_in(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/login")
    page.get_by_label("Username").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Rooms")).to_be_visible()


def open_room(page: Page, server: Server, name: str) -> None:
    page.goto(server.url)
    page.get_by_role("navigation", name="Rooms").get_by_role("link", name=name).click()
    expect(page.locator("body[data-conn=online]")).to_be_attached()


def every_screen(page: Page, server: Server, take: Callable[[str], object]) -> None:
    page.goto(f"{server.url}/login")
    take("sign-in")
    sign_in(page, server)
    take("home")
    about_me = ("/profile", "/preferences", "/account")
    for path in (
        "/invite",
        *about_me,
        "/admin/people",
        "/rooms",
        "/rooms/new",
        "/saved",
        "/directs/new",
        "/nothing-here",
    ):
        page.goto(server.url + path)
        take(path.strip("/").replace("/", "-"))
    open_room(page, server, "Boat")
    take("empty-room")
    open_room(page, server, "Release 7")
    take("room")
    page.goto(f"{page.url}/edit")
    take("settings")


def main() -> None:
    with demo() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        if len(sys.argv) == 1:
            page = browser.new_page(viewport=WIDE, device_scale_factor=1)
            sign_in(page, server)
            open_room(page, server, "Release 7")
            page.screenshot(path=README_PICTURE)
            print(README_PICTURE.relative_to(ROOT))
            return
        folder = Path(sys.argv[1])
        for size, viewport in (("wide", WIDE), ("phone", PHONE)):
            for scheme in ("light", "dark"):
                context = browser.new_context(viewport=viewport, color_scheme=scheme)
                page = context.new_page()
                every_screen(
                    page,
                    server,
                    lambda name: page.screenshot(path=folder / f"{name}-{size}-{scheme}.png"),  # noqa: B023
                )
                context.close()


if __name__ == "__main__":
    main()
