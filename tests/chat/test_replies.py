"""A reply brings a quote of what it answers, which follows every change of that."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from chatapp.chat.entities import Message
from chatapp.chat.errors import MessageNotFound
from chatapp.chat.events import MessagePosted
from chatapp.core.database import Documents
from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Cast, Listening
from tests.watched import operations

SignIn = Callable[[str], Browser]


@pytest.fixture
def original(services: Services, cast: Cast) -> Message:
    return services.messages.post(cast.ben, cast.garden.id, "**The compost** came\nsix bags")


@pytest.fixture
def answer(services: Services, cast: Cast, original: Message) -> Message:
    return services.messages.post(cast.ana, cast.garden.id, "Great", "c-1", original.id)


def _quote(services: Services, cast: Cast) -> Any:
    history = services.messages.history(cast.ana, cast.garden.id)
    return history.hanging_on(history.messages[-1]).get("quote")


class TestAReply:
    def test_quotes_the_sender_and_the_first_line(
        self, services: Services, cast: Cast, original: Message, answer: Message
    ) -> None:
        assert answer.reply_to == original.id
        assert answer.public()["reply_to"] == original.id
        assert _quote(services, cast) == {
            "id": original.id,
            "seq": 1,
            "sender": "ben",
            "sender_name": "Ben Okafor",
            "line": "The compost came",
            "is_deleted": False,
            "changes": 0,
        }

    def test_is_told_with_its_quote(
        self, services: Services, cast: Cast, original: Message, told: Listening
    ) -> None:
        services.messages.post(cast.ana, cast.garden.id, "Great", reply_to=original.id)

        (event,) = told.of(MessagePosted)
        assert event.extras["quote"]["line"] == "The compost came"
        assert event.payload()["message"]["quote"] == event.extras["quote"]

    def test_shows_it_as_a_link_to_the_original(
        self, sign_in: SignIn, cast: Cast, original: Message, answer: Message
    ) -> None:
        page = sign_in("ana").get(f"/rooms/{cast.garden.id}").text

        (quote,) = re.findall(r'<a class="quote".*?</a>', page, re.S)
        assert f'href="/rooms/{cast.garden.id}/messages/1"' in quote
        assert f'data-quote-of="{original.id}"' in quote
        assert "Ben Okafor" in quote
        assert "The compost came" in quote

    def test_follows_an_edit_and_a_deletion(
        self, services: Services, cast: Cast, original: Message, answer: Message
    ) -> None:
        services.messages.edit(cast.ben, cast.garden.id, original.id, "Seven bags")
        edited = _quote(services, cast)
        services.messages.delete(cast.ben, cast.garden.id, original.id)
        deleted = _quote(services, cast)

        assert (edited["line"], edited["changes"], edited["is_deleted"]) == ("Seven bags", 1, False)
        assert (deleted["line"], deleted["changes"], deleted["is_deleted"]) == ("", 2, True)

    def test_to_what_was_deleted_meanwhile_is_taken(
        self, services: Services, cast: Cast, original: Message
    ) -> None:
        services.messages.delete(cast.ben, cast.garden.id, original.id)

        services.messages.post(cast.ana, cast.garden.id, "Great", reply_to=original.id)

        assert _quote(services, cast)["is_deleted"]

    def test_that_is_deleted_quotes_nothing(
        self, services: Services, cast: Cast, original: Message, answer: Message
    ) -> None:
        services.messages.delete(cast.ana, cast.garden.id, answer.id)

        assert _quote(services, cast) is None

    def test_is_to_a_message_of_the_same_room(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        shed = services.rooms.create(cast.ana, "Shed")
        elsewhere = services.messages.post(cast.ana, shed.id, "a secret")
        line = services.quiet_lines.note(cast.garden.id, "renamed", {"name": "Pier"}, "ana")
        told.clear()

        for message_id in (elsewhere.id, line.id, "0" * 24, "no id", ""):
            with pytest.raises(MessageNotFound):
                services.messages.post(cast.ben, cast.garden.id, "what?", reply_to=message_id)

        assert told == []

    def test_over_a_socket(self, sign_in: SignIn, cast: Cast, original: Message) -> None:
        ben = sign_in("ben").socket()
        asked = {"room_id": cast.garden.id, "text": "to myself", "reply_to": original.id}

        ack = ben.ask("post_message", asked)
        lost = ben.ask("post_message", {**asked, "reply_to": "0" * 24})
        bad = ben.ask("post_message", {**asked, "reply_to": {"$ne": ""}})

        assert ack["message"]["reply_to"] == original.id
        (told,) = ben.heard("message_posted")
        assert told["message"]["quote"]["id"] == original.id
        assert f'data-quote-of="{original.id}"' in told["row"]
        assert (lost["error"]["code"], bad["error"]["code"]) == ("message_not_found", "bad_request")


class TestQuotes:
    def test_of_a_page_are_one_query(self, harbour: Services, mongodb: Documents) -> None:
        ana = harbour.accounts.set_up("Harbour", "ana", PASSWORD)
        room_id = harbour.rooms.list_for(ana)[0].room_id
        said = [harbour.messages.post(ana, room_id, f"no. {number}") for number in range(10)]
        for message in said:
            harbour.messages.post(ana, room_id, "yes", reply_to=message.id)

        done = operations(mongodb, lambda: harbour.messages.history(ana, room_id, after=10))
        asked = [entry for entry in done if entry["ns"].endswith(".messages")]

        by_id = [entry for entry in asked if "_id" in entry["command"].get("filter", {})]
        assert len(by_id) == 1
        assert len(asked) == 3  # the head, the page, the originals

    def test_of_a_page_without_replies_are_no_query(
        self, harbour: Services, mongodb: Documents
    ) -> None:
        ana = harbour.accounts.set_up("Harbour", "ana", PASSWORD)
        room_id = harbour.rooms.list_for(ana)[0].room_id
        harbour.messages.post(ana, room_id, "hello")

        done = operations(mongodb, lambda: harbour.messages.history(ana, room_id))

        assert len([entry for entry in done if entry["ns"].endswith(".messages")]) == 1

    def test_Z5_end_with_membership_as_all_history_does(
        self, sign_in: SignIn, services: Services, cast: Cast, original: Message, answer: Message
    ) -> None:
        services.rooms.remove_member(cast.ana, cast.garden.id, "ben")
        services.messages.post(cast.ana, cast.garden.id, "he is gone", reply_to=original.id)
        ben = sign_in("ben")

        for path in ("", "/messages", "/messages/1", "/messages?around=2"):
            answer_of = ben.get(f"/rooms/{cast.garden.id}{path}")
            assert answer_of.status_code == 404
            assert "compost" not in json.dumps(answer_of.text)


class TestARowThatHasChanged:
    def test_says_its_first_line_for_the_quotes_of_it(
        self, sign_in: SignIn, services: Services, cast: Cast, original: Message
    ) -> None:
        ana = sign_in("ana").socket()

        services.messages.edit(cast.ben, cast.garden.id, original.id, '*Seven* "bags"\nor eight')
        services.messages.delete(cast.ben, cast.garden.id, original.id)

        (_, changed), (_, deleted) = ana.heard()
        assert 'data-line="Seven &#34;bags&#34;"' in changed["row"]
        assert 'data-line=""' in deleted["row"]
