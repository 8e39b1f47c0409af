"""Every refusal of docs/errors.md, brought about through a door: HTTP or a socket.

A code without a row, and a row that nothing brings about, fail here.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from pymongo.errors import ServerSelectionTimeoutError

from chatapp.auth.service import AccountService
from chatapp.chat import service as chat_service
from chatapp.core import space
from chatapp.core.errors import ChatError
from chatapp.pins import service as pin_service
from chatapp.reactions import service as reaction_service
from chatapp.saves import service as save_service
from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Cast, Socket, gather, knock

DOCUMENT = Path(__file__).parents[1] / "docs/errors.md"
JSON = {"Accept": "application/json"}


class Row(NamedTuple):
    status: int | None
    """None where a socket is told, and there is no status."""
    code: str
    sentence: str


def rows() -> list[Row]:
    found = re.findall(r"^\| (\d+|–) \| `(\w+)` \| (.+?) \|", DOCUMENT.read_text(), re.MULTILINE)
    return [Row(int(status) if status.isdigit() else None, *rest) for status, *rest in found]


@dataclass
class Scene:
    """The cast, each with a browser, and whoever has not signed in."""

    app: Flask
    cast: Cast
    make_app: Callable[..., Flask]
    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        names = ("ana", "ben", "cleo")
        self.browsers = {name: Browser(self.app).sign_in(name) for name in names}
        self.stranger = Browser(self.app)
        self.services: Services = self.app.extensions["chatapp"]
        self.garden = f"/rooms/{self.cast.garden.id}"

    def get(self, who: str, path: str) -> Any:
        return self.browsers[who].get(path, headers=JSON)

    def post(self, who: str, path: str, **form: str) -> Any:
        return self.browsers[who].post(path, form, headers=JSON)

    def ask(self, who: str, event: str, **payload: object) -> Any:
        return Socket(self.browsers[who]).ask(event, {"room_id": self.cast.garden.id, **payload})

    def say(self, who: str = "ben") -> str:
        """Say something; return the id of the message."""
        posted: str = self.ask(who, "post_message", text="from here")["message"]["id"]
        return posted

    def edit(self, who: str, message_id: str) -> Any:
        return self.ask(who, "edit_message", message_id=message_id, text="in other words")

    def sign_up(self, **form: str) -> Any:
        invite = self.services.accounts.invite(self.cast.ana)
        filled = {"username": "dora", "display_name": "Dora", "password": PASSWORD}
        return self.stranger.post("/signup", {**filled, "invite": invite, **form}, headers=JSON)

    def send_picture(self, data: bytes) -> Any:
        browser = self.browsers["ben"]
        headers = {**JSON, "X-CSRFToken": browser.csrf()}
        return browser.client.post("/profile/picture", data=data, headers=headers)

    def knock_where(self, **settings: str) -> Any:
        """Ask for a socket where so many are allowed, and one is open."""
        app = self.make_app(**settings)
        gather(app.extensions["chatapp"])
        browser = Browser(app).sign_in("ben")
        browser.client.environ_base["REMOTE_ADDR"] = "10.0.0.1"  # this machine's has no limit
        app.extensions["visits"].enter("ben", "10.0.0.1")
        return knock(browser)

    def with_fault(self, place: object, name: str, value: object) -> "Scene":
        self.monkeypatch.setattr(place, name, value)
        return self


def _raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def set_up_with(scene: Scene, **form: str) -> Any:
    filled = {"workspace": "Harbour", "username": "ana", "password": PASSWORD}
    return Browser(scene.make_app()).post("/setup", {**filled, **form}, headers=JSON)


def archived(scene: Scene) -> Any:
    scene.services.rooms.archive(scene.cast.ana, scene.cast.garden.id)
    return scene.ask("ben", "post_message", text="too late")


def gone(scene: Scene) -> Any:
    message_id = scene.say()
    scene.ask("ben", "delete_message", message_id=message_id)
    return scene.edit("ben", message_id)


def hasty(scene: Scene) -> Any:
    for _ in range(30):
        answer = scene.stranger.post("/login", {"username": "ben", "password": "wrong-1"})
        if answer.status_code == 429:
            break
    return answer


def restarting(scene: Scene) -> Any:
    scene.app.extensions["farewell"].say()
    return knock(scene.browsers["ben"])


def full_disk(scene: Scene) -> Any:
    scene.with_fault(scene.services.messages._space, "_folder", Path("/"))
    return scene.with_fault(space, "KEPT_BYTES", 1 << 62).ask("ben", "post_message", text="more")


def not_migrated(scene: Scene) -> Any:
    scene.services.database.drop_collection("schema_versions")
    scene.app.extensions["chatapp_is_migrated"] = False
    return scene.get("ben", "/")


def out_of_date(scene: Scene) -> Any:
    return scene.browsers["ben"].client.post("/rooms/new", data={"name": "x"}, headers=JSON)


Provoke = Callable[[Scene], Any]
PROVOKED: dict[str, Provoke] = {
    "bad_request": lambda s: s.ask("ben", "post_message"),
    "bad_text": lambda s: s.ask("ben", "post_message", text="a\x00b"),
    "bad_event": lambda s: s.ask("ben", "no_such_request"),
    "bad_csrf": out_of_date,
    "message_empty": lambda s: s.ask("ben", "post_message", text=" \n "),
    "message_too_long": lambda s: s.ask("ben", "post_message", text="x" * 4_001),
    "room_name_invalid": lambda s: s.post("ben", "/rooms/new", name="x" * 81),
    "topic_too_long": lambda s: s.post("ana", f"{s.garden}/topic", topic="x" * 251),
    "unknown_people": lambda s: s.post("ana", f"{s.garden}/members", members="nobody"),
    "too_many_people": lambda s: s.post(
        "ana", f"{s.garden}/members", members=",".join(f"somebody-{n}" for n in range(101))
    ),
    "unknown_level": lambda s: s.post("ben", f"{s.garden}/notify", level="loud"),
    "direct_needs_people": lambda s: s.post("ben", "/directs", members=""),
    "workspace_name_invalid": lambda s: set_up_with(s, workspace=""),
    "username_invalid": lambda s: s.sign_up(username="Do Ra"),
    "display_name_invalid": lambda s: s.sign_up(display_name="x" * 65),
    "password_invalid": lambda s: s.sign_up(password="short"),
    "password_too_common": lambda s: s.sign_up(password="0123456789"),
    "wrong_password": lambda s: s.stranger.post("/login", {"username": "ben", "password": "no"}),
    "wrong_current_password": lambda s: s.post(
        "ben", "/account", current="not-that-one", password="another-gate-8"
    ),
    "not_a_picture": lambda s: s.send_picture(b"these are words"),
    "picture_too_large": lambda s: s.send_picture(b"x" * 5_000_001),
    "status_invalid": lambda s: s.post("ben", "/profile", display_name="Ben", text="x" * 500),
    "unknown_choice": lambda s: s.post("ben", "/preferences", theme="pink"),
    "unknown_emoji": lambda s: s.post("ben", "/profile", display_name="Ben", emoji="ben"),
    "unknown_zone": lambda s: s.post("ben", "/profile/zone", zone="Mars/Olympus"),
    "not_signed_in": lambda s: s.stranger.get("/account", headers=JSON),
    "foreign_origin": lambda s: knock(s.browsers["ben"], origin="http://evil.example"),
    "site_admin_only": lambda s: s.get("cleo", "/invite"),
    "invite_invalid": lambda s: s.stranger.get("/signup?invite=0", headers=JSON),
    "message_not_yours": lambda s: s.edit("ana", s.say("ben")),
    "room_admin_only": lambda s: s.post("ben", f"{s.garden}/topic", topic="Mine"),
    "not_found": lambda s: s.get("ben", "/nothing-here"),
    "room_not_found": lambda s: s.get("cleo", s.garden),
    "session_not_found": lambda s: s.post("ben", "/account/sessions/nothing/end"),
    "user_not_found": lambda s: s.get("ben", "/people/nobody"),
    "message_not_found": lambda s: s.edit("ben", "0" * 24),
    "member_not_found": lambda s: s.post("ana", f"{s.garden}/members/cleo/remove"),
    "method_not_allowed": lambda s: s.browsers["ben"].client.put("/health", headers=JSON),
    "already_set_up": lambda s: s.get("ben", "/setup"),
    "username_taken": lambda s: s.sign_up(username="ben"),
    "name_looks_alike": lambda s: s.sign_up(display_name="\u0430n\u0430"),  # Cyrillic
    "room_archived": archived,
    "message_gone": gone,
    "edited_too_often": lambda s: s.with_fault(chat_service, "MAX_EDITS", 0).edit("ben", s.say()),
    "too_many_pins": lambda s: s.with_fault(pin_service, "MOST", 0).ask(
        "ana", "pin_message", message_id=s.say()
    ),
    "too_many_reactions": lambda s: s.with_fault(reaction_service, "MAX_KINDS", 0).ask(
        "ben", "add_reaction", message_id=s.say(), emoji="👍"
    ),
    "too_many_saves": lambda s: s.with_fault(save_service, "MOST", 0).ask(
        "ben", "save_message", message_id=s.say()
    ),
    "last_site_admin": lambda s: s.post("ana", "/admin/people/ana/deactivate"),
    "last_admin": lambda s: s.post("ana", f"{s.garden}/leave"),
    "too_large": lambda s: s.post("ben", "/rooms/new", name="x" * 70_000),
    "slow_down": hasty,
    "too_many_sockets": lambda s: s.knock_where(CHATAPP_SOCKETS_PER_PERSON="1"),
    "too_many_from_address": lambda s: s.knock_where(CHATAPP_SOCKETS_PER_ADDRESS="1"),
    "internal_error": lambda s: s.with_fault(
        AccountService, "sessions", _raising(ZeroDivisionError())
    ).get("ben", "/account"),
    "full": lambda s: s.knock_where(CHATAPP_SOCKETS="1"),
    "restarting": restarting,
    "disk_full": full_disk,
    "unavailable": lambda s: s.with_fault(
        type(s.services.database["messages"]),
        "insert_many",
        _raising(ServerSelectionTimeoutError("nobody is there")),
    ).ask("ben", "post_message", text="more"),
    "not_migrated": not_migrated,
}


@pytest.fixture
def scene(
    app: Flask, cast: Cast, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> Scene:
    return Scene(app, cast, make_app, monkeypatch)


@pytest.mark.parametrize("code", PROVOKED)
def test_is_said_as_it_is_documented(scene: Scene, code: str) -> None:
    answer = PROVOKED[code](scene)

    documented = [row for row in rows() if row.code == code]
    (sentence,) = {row.sentence for row in documented}
    if isinstance(answer, dict):
        assert answer["error"]["code"] == code
        assert _matches(sentence, answer["error"]["message"])
        return
    assert answer.status_code in {row.status for row in documented}
    if answer.is_json:
        assert answer.get_json()["error"]["code"] == code
        assert _matches(sentence, answer.get_json()["error"]["message"])
    else:  # a form comes back with the field marked
        assert re.search(_pattern(sentence), html.unescape(answer.get_data(as_text=True)))


def _matches(sentence: str, said: str) -> bool:
    return re.fullmatch(_pattern(sentence), said) is not None


def _pattern(sentence: str) -> str:
    return re.sub(r"\\\{\w+\\\}", ".+", re.escape(sentence))


def test_every_refusal_there_is_is_documented_in_its_words() -> None:
    assert {(row.code, row.sentence) for row in rows()} == {
        (refusal.code, refusal.sentence) for refusal in _below(ChatError) if "code" in vars(refusal)
    }
    assert {row.code for row in rows()} == set(PROVOKED)


def _below(kind: type[ChatError]) -> set[type[ChatError]]:
    kinds = {one for one in kind.__subclasses__() if one.__module__.startswith("chatapp.")}
    return kinds.union(*map(_below, kinds))
