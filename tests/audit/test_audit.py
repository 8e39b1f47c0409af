"""Z15: every privileged act leaves one entry, which nobody can change."""

import ast
import contextlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chatapp.audit.subscribers import KEPT
from chatapp.auth import events as auth
from chatapp.chat import events as chat
from chatapp.core import clock
from chatapp.core.errors import ChatError
from chatapp.core.events import Event
from chatapp.rooms import events as rooms
from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Cast, gather

ROOT = Path(__file__).parents[2] / "chatapp"
SignIn = Callable[[str], Browser]
CHANGING = ("update", "delete", "replace", "drop", "rename", "find_one_and", "bulk_write")


def entries(services: Services) -> list[tuple[str, str, dict[str, object]]]:
    found = services.audit.get_entries(clock.now() - timedelta(days=1), None, 1_000)
    return [(entry.what, entry.who, entry.about) for entry in reversed(found)]


ACTS: list[tuple[Callable[[Services, Cast], Any], tuple[str, str, dict[str, object]]]] = [
    (lambda s, c: s.accounts.sign_in("ben", PASSWORD), ("signed_in", "ben", {})),
    (lambda s, c: s.accounts.sign_in("ben", "wrong"), ("sign_in_failed", "ben", {})),
    (
        lambda s, c: s.accounts.reset_password("ben"),
        ("password_changed", "ben", {}),
    ),
    (lambda s, c: s.accounts.renew_invite(c.ana), ("invite_renewed", "ana", {})),
    (
        lambda s, c: s.accounts.change_password(c.ben, PASSWORD, "another-gate-9"),
        ("password_changed", "ben", {}),
    ),
    (
        lambda s, c: s.accounts.deactivate(c.ana, "ben"),
        ("user_deactivated", "ana", {"username": "ben"}),
    ),
    (
        lambda s, c: s.accounts.set_site_admin(c.ana, "ben", is_site_admin=True),
        ("site_admin_changed", "ana", {"username": "ben", "is_site_admin": True}),
    ),
    (
        lambda s, c: s.rooms.rename(c.ana, c.garden.id, "Plot"),
        ("room_renamed", "ana", {"room_id": "GARDEN"}),
    ),
    (
        lambda s, c: s.rooms.change_topic(c.ana, c.garden.id, "Beds"),
        ("topic_changed", "ana", {"room_id": "GARDEN"}),
    ),
    (
        lambda s, c: s.rooms.open(c.ana, c.garden.id),
        ("room_kind_changed", "ana", {"room_id": "GARDEN", "is_open": True}),
    ),
    (
        lambda s, c: s.rooms.archive(c.ana, c.garden.id),
        ("room_archived", "ana", {"room_id": "GARDEN"}),
    ),
    (
        lambda s, c: s.rooms.add_members(c.ana, c.garden.id, ["cleo"]),
        ("member_added", "ana", {"room_id": "GARDEN", "username": "cleo"}),
    ),
    (
        lambda s, c: s.rooms.make_admin(c.ana, c.garden.id, "ben"),
        ("member_changed", "ana", {"room_id": "GARDEN", "username": "ben", "is_room_admin": True}),
    ),
    (
        lambda s, c: s.rooms.remove_member(c.ana, c.garden.id, "ben"),
        ("member_removed", "ana", {"room_id": "GARDEN", "username": "ben"}),
    ),
    (
        lambda s, c: s.rooms.leave(c.ben, c.garden.id),
        ("member_removed", "ben", {"room_id": "GARDEN", "username": "ben"}),
    ),
]


@pytest.mark.parametrize(("act", "expected"), ACTS, ids=[entry[0] for _, entry in ACTS])
def test_Z15_an_act_leaves_one_entry(
    harbour: Services, act: Callable[[Services, Cast], Any], expected: Any
) -> None:
    cast = gather(harbour)
    before = len(entries(harbour))

    with contextlib.suppress(ChatError):
        act(harbour, cast)

    what, who, about = expected
    if "room_id" in about:
        about = {**about, "room_id": cast.garden.id}
    assert entries(harbour)[before:] == [(what, who, about)]


def test_Z15_every_event_is_kept_or_is_no_act_of_privilege() -> None:
    events = {
        kind
        for module in (auth, rooms, chat)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Event) and "name" in vars(kind)
    }

    # Who joined is kept one by one, as members who were added.
    said = {chat.MessagePosted, chat.MessageChanged, rooms.MembersJoined, rooms.DirectoryChanged}
    said |= {rooms.DirectMade, rooms.DirectOpened, rooms.DirectHidden, rooms.LevelChanged}
    assert events - KEPT.keys() == {auth.SignedOut, auth.SignedOutEverywhere, *said}


def test_Z15_a_message_leaves_none(harbour: Services) -> None:
    cast = gather(harbour)
    before = len(entries(harbour))

    harbour.messages.post(cast.ana, cast.garden.id, "a word between us")

    assert len(entries(harbour)) == before


def test_Z15_where_it_came_from_is_kept(sign_in: SignIn, services: Services) -> None:
    sign_in("ben")

    (entry, *_) = services.audit.get_entries(clock.now() - timedelta(days=1), "ben", 10)
    assert (entry.what, entry.address) == ("signed_in", "127.0.0.1")


def test_Z15_nothing_can_change_an_entry() -> None:
    named = {
        p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*.py") if '"audit"]' in p.read_text()
    }
    assert named == {"audit/repository.py"}
    for node in ast.walk(ast.parse((ROOT / "audit/repository.py").read_text())):
        if isinstance(node, ast.Attribute):
            assert not node.attr.startswith(CHANGING), node.attr


def test_Z15_an_entry_that_cannot_be_written_stops_nobody(
    services: Services,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise OSError("full")

    monkeypatch.setattr(services.audit, "save_entry", fail)

    assert services.accounts.sign_in("ben", PASSWORD)
    assert "a subscriber of signed_in failed" in caplog.text


def test_the_console_shows_it(visitor: Browser, cast: Cast) -> None:
    visitor.sign_in("ben")

    done = visitor.app.test_cli_runner().invoke(args=["audit", "--who", "ben"])

    assert done.exit_code == 0, done.output
    assert '"ben", "127.0.0.1", "signed_in", {}]' in done.output.splitlines()[0]
