"""A row is made once, and never stands for another one."""

from dataclasses import replace

import pytest
from flask import Flask, get_template_attribute
from markupsafe import Markup

from chatapp.chat.entities import Message
from chatapp.rooms.entities import RoomName
from chatapp.services import Services
from chatapp.web import rows
from tests.cast import Browser, Cast


@pytest.fixture
def message(services: Services, cast: Cast) -> Message:
    return services.messages.post(cast.ben, cast.garden.id, "see <b>https://example.org</b>")


@pytest.fixture(autouse=True)
def _anew() -> None:
    rows.forget()


def test_a_row_is_what_the_macro_makes(app: Flask, message: Message) -> None:
    with app.test_request_context():
        macro = get_template_attribute("chat/_message.html", "message")

        for _ in range(2):
            assert rows.message(message, "Ben Okafor") == macro(message, "Ben Okafor").strip()


def test_a_row_is_made_once(app: Flask, message: Message) -> None:
    with app.test_request_context():
        first = rows.message(message, "Ben Okafor")

        assert rows.message(replace(message), "Ben Okafor") is first


@pytest.mark.parametrize(
    "change", [{"text": "other"}, {"seq": 9}, {"sender": "ana"}, {"client_id": "other"}]
)
def test_what_differs_in_anything_is_another_row(
    app: Flask, message: Message, change: dict[str, object]
) -> None:
    with app.test_request_context():
        one = rows.message(message, "Ben Okafor")

        assert rows.message(replace(message, **change), "Ben Okafor") != one  # type: ignore[arg-type]
        assert rows.message(message, "Ben") != one


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
