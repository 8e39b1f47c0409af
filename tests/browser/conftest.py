"""Real browsers at a real server: a site of one's own for each story, and people in it."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from benchmarks.site import FLAGS
from tests.cast import PASSWORD
from tests.server import Server, running

LIMIT_MILLISECONDS = 15_000  # for anything to appear: a noisy machine is slow, not wrong
expect.set_options(timeout=LIMIT_MILLISECONDS)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {"executable_path": chromium_path(), "args": list(FLAGS)}


def chromium_path() -> str | None:
    """Return the browser that the machine has; None is Playwright's own."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@dataclass
class Somebody:
    """A person with a browser of their own. What their console complains of fails the test."""

    name: str
    context: BrowserContext
    page: Page
    url: str
    complaints: list[str]
    expected: list[str]

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def set_up(self, workspace: str = "Harbour") -> str:
        """Make the first account; return the invite link."""
        self.go("/")
        self.page.get_by_label("Workspace name").fill(workspace)
        self.page.get_by_label("Username").fill(self.name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Start chatting").click()
        link = self.page.get_by_label("Invite link").input_value()
        self.go("/")
        return link

    def sign_up(self, link: str) -> None:
        self.page.goto(link)
        self.page.get_by_label("Your name").fill(self.name.title())
        self.page.get_by_label("Username").fill(self.name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Make my account").click()
        expect(self.rooms).to_be_visible()

    def sign_in(self) -> None:
        self.go("/login")
        self.page.get_by_label("Username").fill(self.name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()

    def make_room(self, name: str, *members: str) -> str:
        """Make a room and open it; return its path."""
        self.go("/rooms/new")
        self.page.get_by_label("Room name").fill(name)
        for member in members:
            self.page.get_by_role("combobox", name="People").press_sequentially(member)
            self.page.get_by_role("option", name=re.compile(member, re.I)).first.click()
        self.page.get_by_role("button", name="Make the room").click()
        self.be_online()
        return self.page.url.removeprefix(self.url)

    def open_room(self, name: str) -> None:
        self.go("/")
        self.rooms.get_by_role("link", name=name).click()
        self.be_online()

    def be_online(self) -> None:
        expect(self.page.locator("body[data-conn=online]")).to_be_attached()

    def say(self, text: str) -> None:
        self.writing.fill(text)
        self.writing.press("Enter")

    @property
    def rooms(self) -> Any:
        return self.page.get_by_role("navigation", name="Rooms")

    @property
    def writing(self) -> Any:
        return self.page.get_by_role("textbox", name=re.compile("^Message"))

    @property
    def texts(self) -> list[str]:
        return [text.strip() for text in self.page.locator(".message__text").all_inner_texts()]

    def sees(self, text: str) -> None:
        expect(self.page.locator(".message__text", has_text=text)).to_be_visible()


def in_garden(ana: Somebody, ben: Somebody) -> str:
    """Seat both in Garden, which Ana runs; return its path."""
    ben.sign_up(ana.set_up())
    path = ana.make_room("Garden", "ben")
    ben.go(path)
    ben.be_online()
    return path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path) as server:
        yield server


@pytest.fixture
def somebody(browser: Browser, site: Server) -> Iterator[Callable[..., Somebody]]:
    """Return a function that seats a new person at a browser; options are Playwright's."""
    people: list[Somebody] = []

    def seat(name: str, **options: Any) -> Somebody:
        context = browser.new_context(**options)
        context.set_default_timeout(LIMIT_MILLISECONDS)
        complaints: list[str] = []
        page = context.new_page()
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        person = Somebody(name, context, page, site.url, complaints, [])
        people.append(person)
        return person

    yield seat
    for person in people:
        person.context.close()
        unexpected = [
            complaint
            for complaint in person.complaints
            if not any(known in complaint for known in person.expected)
        ]
        assert unexpected == [], f"{person.name}'s console"


def _complaint(message: ConsoleMessage) -> list[str]:
    return [message.text] if message.type in ("error", "warning") else []


@pytest.fixture
def ana(somebody: Callable[..., Somebody]) -> Somebody:
    return somebody("ana")


@pytest.fixture
def ben(somebody: Callable[..., Somebody]) -> Somebody:
    return somebody("ben")
