"""A workspace to be looked at in Chromium: one person, and rooms full of messages."""

import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from playwright.sync_api import BrowserContext

from benchmarks.figures import Missing
from benchmarks.people import SECRET_KEY, sign_in
from benchmarks.run import Run, database_of, free_port, wait_until
from benchmarks.servers import is_healthy
from chatapp import create_app
from chatapp.auth.entities import User
from chatapp.services import Services
from config import config_for
from migrations_seed.runner import migrate

LONG = 10_000
SHORT = 50
"""Messages of the two rooms."""

PASSWORD = "garden-gate-7"
WORDS = (
    *("the", "tide", "turns", "at", "noon", "so", "bring", "the", "boat", "round", "again"),
    *("before", "it", "is", "dark"),
)
AT_ONCE = 64  # what is said to a room at once is saved at once
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SETTINGS = {"CHATAPP_ENV": "development", "SECRET_KEY": SECRET_KEY}


@dataclass(frozen=True, slots=True)
class Site:
    """A server, the cookie of somebody there, and the paths of two rooms."""

    url: str
    cookie_name: str
    cookie: str
    long: str
    short: str


def find_chromium() -> str:
    named = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not named:
        raise Missing("Chromium is missing; on Debian and Ubuntu, apt-get install chromium.")
    return named


def make_site(run: Run) -> Site:
    run.say(f"writing rooms of {LONG:,} and {SHORT} messages")
    port = free_port()
    environ = {
        **SETTINGS,
        "MONGO_URI": database_of(run.mongod, "page"),
        "CHATAPP_PORT": str(port),
        "CHATAPP_DATA_DIR": str(run.folder / "page"),
    }
    app = create_app(config_for({**environ, "CHATAPP_ENV": "testing"}))
    services: Services = app.extensions["chatapp"]
    migrate(services.database)
    people = make_people(services)
    rooms = [make_room(services, people, messages) for messages in (LONG, SHORT)]
    cookie = sign_in(app, people[0]).cookie
    services.database.client.close()
    program = run.start([sys.executable, "-m", "gunicorn", "wsgi:app"], environ)
    wait_until(lambda: is_healthy(port), program)
    url = f"http://127.0.0.1:{port}"
    paths = (f"/rooms/{room_id}" for room_id in rooms)
    return Site(url, f"chatapp_{port}", cookie, *paths)


def sign_in_there(context: BrowserContext, site: Site) -> None:
    context.add_cookies([{"name": site.cookie_name, "value": site.cookie, "url": site.url}])


def make_people(services: Services) -> list[User]:
    ana = services.accounts.set_up("Harbour", "ana", PASSWORD)
    invite = services.accounts.invite(ana)
    others = ("ben", "cleo")
    return [ana, *(services.accounts.sign_up(name, name, PASSWORD, invite) for name in others)]


def make_room(services: Services, people: list[User], messages: int) -> str:
    """Return the id of a room where they have talked, each a few sentences at a time."""
    room = services.rooms.create(people[0], f"{messages:,} messages", [p.username for p in people])

    def say(number: int) -> None:
        person = people[number // 3 % len(people)]
        services.messages.post(person, room.id, " ".join(_words(number)), f"{number}")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(say, range(messages)))
    return room.id


def _words(number: int) -> Iterator[str]:
    return (WORDS[(number * 7 + place) % len(WORDS)] for place in range(4 + number % 29))
