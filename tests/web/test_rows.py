"""A row is made once, and never stands for another one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask, get_template_attribute
from markupsafe import Markup

from chatapp.chat.entities import Message
from chatapp.rooms.entities import RoomName
from chatapp.services import Services
from chatapp.web import rows
from tests.cast import Browser, Cast

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def message(services: Services, cast: Cast) -> Message:
    return services.messages.post(cast.ben, cast.garden.id, "see <b>https://example.org</b>")


@pytest.fixture(autouse=True)
def _anew() -> None:
    rows.forget()


NAMES = {"ana": "Ana", "ben": "Ben Okafor", "cleo": "Cleo Marin"}
QUOTE = {"id": "0", "seq": 3, "sender": "cleo", "sender_name": "Cleo Marin", "line": "hello"}
QUIET = {"kind": "added", "about": {"usernames": ["cleo"]}}


def test_a_row_is_what_the_macro_makes(app: Flask, message: Message) -> None:
    with app.test_request_context():
        macro = get_template_attribute("chat/_message.html", "message")

        for extras in ({}, {"quote": QUOTE}):
            expected = macro(message, NAMES, extras).strip()
            for _ in range(2):
                assert rows.message(message, NAMES, extras) == expected


def test_a_row_is_made_once(app: Flask, message: Message) -> None:
    with app.test_request_context():
        first = rows.message(message, NAMES, {"quote": QUOTE})

        # Of the names only those that it shows matter.
        again = rows.message(replace(message), {"ben": "Ben Okafor"}, {"quote": dict(QUOTE)})
        assert again is first


@pytest.mark.parametrize(
    "change",
    [
        {"html": "<p>other</p>"},
        {"seq": 9},
        {"sender": "ana"},
        {"client_id": "other"},
        {"edits": 1},
        {"changes": 1},
        {"deleted_at": NOON, "deleted_by": "ben"},
        {"deleted_at": NOON, "deleted_by": "ana"},
        {"reply_to": "0"},
        QUIET,
    ],
)
def test_what_differs_in_anything_is_another_row(
    app: Flask, message: Message, change: dict[str, object]
) -> None:
    with app.test_request_context():
        one = rows.message(message, NAMES)

        assert rows.message(replace(message, **change), NAMES) != one  # type: ignore[arg-type]
        assert rows.message(message, {"ben": "Ben"}) != one


def test_each_name_that_a_row_shows_makes_it_another(app: Flask, message: Message) -> None:
    taken_back = replace(message, deleted_at=NOON, deleted_by="ana")
    quiet = replace(message, **QUIET)  # type: ignore[arg-type]

    with app.test_request_context():
        assert rows.message(taken_back, NAMES) != rows.message(taken_back, {**NAMES, "ana": "Anna"})
        assert rows.message(quiet, NAMES) != rows.message(quiet, {**NAMES, "cleo": "Cleopatra"})


def test_what_a_quiet_line_is_about_makes_it_another(app: Flask, message: Message) -> None:
    renamed, again = (
        replace(message, kind="renamed", about={"name": name}) for name in ("Shed", "Barn")
    )

    with app.test_request_context():
        assert rows.message(renamed, NAMES) != rows.message(again, NAMES)


@pytest.mark.parametrize("change", [{"line": "other"}, {"is_deleted": True}, {"changes": 2}])
def test_what_hangs_on_a_message_makes_it_another_row(
    app: Flask, message: Message, change: dict[str, object]
) -> None:
    with app.test_request_context():
        one = rows.message(message, NAMES, {"quote": QUOTE})

        assert rows.message(message, NAMES, {"quote": {**QUOTE, **change}}) != one
        assert rows.message(message, NAMES) != one


def test_a_member_has_a_row_for_each_way_to_be(app: Flask, services: Services, cast: Cast) -> None:
    people = services.rooms.members(cast.ana, cast.garden.id)

    with app.test_request_context():
        online, away, again = (
            rows.members(people, {}, {"ana": state}) for state in ("online", "away", "online")
        )

    assert 'data-presence="ana" data-presence-state="online"' in online
    assert 'data-presence="ana" data-presence-state="away"' in away
    assert 'data-presence="ben" data-presence-state="offline"' in away
    assert again == online


def test_the_room_one_is_in_is_marked_and_the_others_are_not(app: Flask) -> None:
    rooms = [RoomName(number * 24, f"Room {number}") for number in "123"]

    with app.test_request_context():
        listed = rows.room_links(rooms, "2" * 24).split("\n")
        elsewhere = rows.room_links(rooms, "3" * 24).split("\n")

    assert ['aria-current="page"' in row for row in listed] == [False, True, False]
    assert ['aria-current="page"' in row for row in elsewhere] == [False, False, True]


def test_a_list_escapes_what_is_no_row() -> None:
    assert rows._lines([Markup("<li>"), "<script>"]) == "<li>\n&lt;script&gt;"  # type: ignore[list-item]


def test_a_changed_template_is_seen_while_one_works_on_it(
    app: Flask, message: Message, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = Browser(app).sign_in("ben")
    monkeypatch.setattr(rows, "_made", lambda *args: Markup("<li>as it was</li>"))
    ben.get(f"/rooms/{cast.garden.id}")
    monkeypatch.setattr(rows, "_made", lambda *args: Markup("<li>as it is now</li>"))

    assert "as it was" in ben.get(f"/rooms/{cast.garden.id}").text
    app.debug = True
    assert "as it is now" in ben.get(f"/rooms/{cast.garden.id}").text
