"""Editing and deleting: who may, what is kept, what is gone, and who is told."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import NetworkTimeout

from chatapp.auth.entities import User
from chatapp.chat import service
from chatapp.chat.entities import Message
from chatapp.chat.errors import (
    EditedTooOften,
    MessageEmpty,
    MessageGone,
    MessageNotFound,
    MessageNotYours,
    MessageTooLong,
)
from chatapp.chat.events import MessageChanged, MessageDeleted
from chatapp.chat.repository import MessageRepository
from chatapp.core.database import Documents
from chatapp.core.errors import BadText, ChatError
from chatapp.core.events import Event
from chatapp.rooms.errors import RoomNotFound
from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Cast, Clock, Listening, Socket, at_once

SignIn = Callable[[str], Browser]
ROOM = "6" * 24
SECRETS = ("first words", "second words", "last words")


@pytest.fixture
def said(services: Services, cast: Cast) -> Message:
    return services.messages.post(cast.ben, cast.garden.id, "first words", "c-1")


def _everything(database: Documents) -> str:
    return repr([list(database[name].find()) for name in database.list_collection_names()])


def _edited(services: Services, cast: Cast, said: Message) -> Message:
    for words in SECRETS[1:]:
        services.messages.edit(cast.ben, cast.garden.id, said.id, words)
    return services.messages.find(cast.ana, cast.garden.id, said.id)


class TestStoring:
    """On every store."""

    @pytest.fixture
    def messages(self, database: Documents, clock: Clock) -> MessageRepository:
        return MessageRepository(database, clock)

    def test_an_edit_keeps_what_was_there(self, messages: MessageRepository, clock: Clock) -> None:
        message, _ = messages.save_message(ROOM, "one", "ana")
        began = clock()
        for text in ("two", "three"):
            clock.forward(timedelta(minutes=1))
            edited = messages.edit_message(message, text, f"<p>{text}</p>", 1)
            assert edited is not None
            message = edited

        assert (message.text, message.html, message.edits) == ("three", "<p>three</p>", 2)
        assert (message.edited_at, message.changes) == (clock(), 2)
        assert messages.get_message(message.id) == message
        minute = timedelta(minutes=1)
        assert [
            (version.text, version.written_at) for version in messages.get_versions(message.id)
        ] == [
            ("one", began),
            ("two", began + minute),
        ]

    def test_an_edit_of_what_has_changed_meanwhile_changes_nothing(
        self, messages: MessageRepository
    ) -> None:
        message, _ = messages.save_message(ROOM, "one", "ana")
        messages.edit_message(message, "two", "<p>two</p>", 1)

        assert messages.edit_message(message, "other", "<p>other</p>", 1) is None
        again = messages.get_message(message.id)
        assert again is not None
        assert again.text == "two"

    def test_an_edit_does_not_mind_what_hangs_on_the_message(
        self, messages: MessageRepository
    ) -> None:
        message, _ = messages.save_message(ROOM, "one", "ana")
        messages.touch(message.id)

        edited = messages.edit_message(message, "two", "<p>two</p>", 1)

        assert edited is not None
        assert (edited.text, edited.changes) == ("two", 2)

    def test_a_deletion_takes_all_words_and_keeps_the_place(
        self, messages: MessageRepository, database: Documents, clock: Clock
    ) -> None:
        message, _ = messages.save_message(ROOM, "one", "ana", "c-1")
        edited = messages.edit_message(message, "two", "<p>two</p>", 1)
        assert edited is not None

        gone = messages.delete_message(message.id, "ben")

        assert gone is not None
        assert (gone.seq, gone.sender, gone.text, gone.html) == (1, "ana", "", None)
        assert (gone.deleted_at, gone.deleted_by, gone.changes) == (clock(), "ben", 2)
        assert messages.get_versions(message.id) == []
        for word in ("one", "two"):
            assert word not in _everything(database)
        assert messages.delete_message(message.id, "ana") is None
        assert messages.edit_message(edited, "three", "<p>three</p>", 1) is None
        # Posting again is answered with what became of it.
        assert messages.save_message(ROOM, "one", "ana", "c-1") == (gone, False)


class TestEditing:
    def test_changes_the_words_for_everybody(
        self, services: Services, cast: Cast, said: Message, told: Listening
    ) -> None:
        edited = services.messages.edit(cast.ben, cast.garden.id, said.id, "**better**")

        assert services.messages.history(cast.ana, cast.garden.id).messages == [edited]
        assert (edited.text, edited.html) == ("**better**", "<p><strong>better</strong></p>")
        assert (edited.seq, edited.created_at) == (said.seq, said.created_at)
        (event,) = told.of(MessageChanged)
        assert (event.message, event.names) == (edited, {"ben": "Ben Okafor"})

    def test_keeps_the_versions_for_the_room(
        self, services: Services, cast: Cast, said: Message
    ) -> None:
        _edited(services, cast, said)

        versions = services.messages.versions(cast.ana, cast.garden.id, said.seq)

        assert [version.text for version in versions] == [*reversed(SECRETS)]
        with pytest.raises(RoomNotFound):
            services.messages.versions(cast.cleo, cast.garden.id, said.seq)
        for seq in (2, 0, 2**53):
            with pytest.raises(MessageNotFound):
                services.messages.versions(cast.ana, cast.garden.id, seq)

    def test_in_the_same_words_is_no_edit(
        self, services: Services, cast: Cast, said: Message, told: Listening
    ) -> None:
        again = services.messages.edit(cast.ben, cast.garden.id, said.id, "first words")

        assert (again, told) == (said, [])

    @pytest.mark.parametrize(
        ("text", "refusal"),
        [("", MessageEmpty), (" \n", MessageEmpty), ("a" * 4001, MessageTooLong), ("\0", BadText)],
    )
    def test_is_refused_outside_the_rules_of_posting(
        self,
        services: Services,
        cast: Cast,
        said: Message,
        told: Listening,
        text: str,
        refusal: type[ChatError],
    ) -> None:
        with pytest.raises(refusal):
            services.messages.edit(cast.ben, cast.garden.id, said.id, text)

        assert services.messages.history(cast.ana, cast.garden.id).messages == [said]
        assert told == []

    def test_is_for_the_sender_alone(
        self, services: Services, cast: Cast, said: Message, told: Listening
    ) -> None:
        with pytest.raises(MessageNotYours):
            services.messages.edit(cast.ana, cast.garden.id, said.id, "I run this room")
        with pytest.raises(RoomNotFound):
            services.messages.edit(cast.cleo, cast.garden.id, said.id, "let me")
        line = services.quiet_lines.note(cast.garden.id, "renamed", {"name": "Pier"}, "ben")
        with pytest.raises(MessageNotFound):
            services.messages.edit(cast.ben, cast.garden.id, line.id, "it was not me")

        assert told.of(MessageChanged) == []

    def test_ends_with_membership(self, services: Services, cast: Cast, said: Message) -> None:
        services.rooms.leave(cast.ben, cast.garden.id)

        for work in (
            lambda: services.messages.edit(cast.ben, cast.garden.id, said.id, "after"),
            lambda: services.messages.delete(cast.ben, cast.garden.id, said.id),
        ):
            with pytest.raises(RoomNotFound):
                work()

    def test_has_a_limit(
        self, services: Services, cast: Cast, said: Message, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "MAX_EDITS", 2)
        _edited(services, cast, said)

        with pytest.raises(EditedTooOften) as refused:
            services.messages.edit(cast.ben, cast.garden.id, said.id, "once more")

        assert refused.value.details == {"limit": 2}
        again = services.messages.edit(cast.ben, cast.garden.id, said.id, SECRETS[-1])
        assert again.text == SECRETS[-1]  # that is none


class TestDeleting:
    @pytest.mark.parametrize("by", ["ben", "ana"])
    def test_leaves_a_tombstone_in_its_place(
        self, services: Services, cast: Cast, said: Message, told: Listening, by: str
    ) -> None:
        services.messages.post(cast.ana, cast.garden.id, "next")

        gone = services.messages.delete(getattr(cast, by), cast.garden.id, said.id)

        tombstone, after = services.messages.history(cast.ana, cast.garden.id).messages
        assert tombstone == gone
        assert (gone.seq, after.seq, gone.text, gone.deleted_by) == (1, 2, "", by)
        (event,) = told.of(MessageDeleted)
        assert event.payload() == {
            "id": said.id,
            "room_id": cast.garden.id,
            "seq": 1,
            "changes": 1,
        }

    def test_takes_the_words_from_everywhere(
        self, services: Services, cast: Cast, said: Message, sign_in: SignIn
    ) -> None:
        _edited(services, cast, said)
        ana = sign_in("ana")

        services.messages.delete(cast.ben, cast.garden.id, said.id)

        shown = _everything(services.database)
        for path in ("", "/messages", "/messages?after=0&changed_since=0", "/messages/1/versions"):
            for accept in ("text/html", "application/json"):
                answer = ana.get(f"/rooms/{cast.garden.id}{path}", headers={"Accept": accept})
                shown += answer.text
        assert not [words for words in SECRETS if words in shown]
        assert "This message was deleted" in shown

    def test_is_for_the_sender_and_for_who_runs_the_room(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        anas = services.messages.post(cast.ana, cast.garden.id, "from ana")

        with pytest.raises(MessageNotYours):
            services.messages.delete(cast.ben, cast.garden.id, anas.id)
        with pytest.raises(RoomNotFound):
            services.messages.delete(cast.cleo, cast.garden.id, anas.id)
        line = services.quiet_lines.note(cast.garden.id, "left", {"usernames": ["ben"]}, "ben")
        with pytest.raises(MessageNotFound):
            services.messages.delete(cast.ana, cast.garden.id, line.id)

        assert told.of(MessageDeleted) == []

    def test_twice_is_once(
        self, services: Services, cast: Cast, said: Message, told: Listening
    ) -> None:
        first = services.messages.delete(cast.ben, cast.garden.id, said.id)
        again = services.messages.delete(cast.ana, cast.garden.id, said.id)

        assert again == first
        assert len(told.of(MessageDeleted)) == 1

    def test_is_the_end_of_it(self, services: Services, cast: Cast, said: Message) -> None:
        services.messages.delete(cast.ben, cast.garden.id, said.id)

        for work in (
            lambda: services.messages.edit(cast.ben, cast.garden.id, said.id, "back"),
            lambda: services.messages.versions(cast.ben, cast.garden.id, said.seq),
            lambda: services.messages.retell(cast.ben, cast.garden.id, said.id),
        ):
            with pytest.raises(MessageGone):
                work()
        again = services.messages.post(cast.ben, cast.garden.id, "first words", "c-1")
        assert again.is_deleted

    def test_is_in_the_audit_log_without_the_words(
        self, services: Services, cast: Cast, said: Message
    ) -> None:
        services.messages.delete(cast.ana, cast.garden.id, said.id)

        entry = services.database["audit"].find_one({"what": "message_deleted"})
        assert entry is not None
        assert (entry["who"], entry["about"]) == (
            "ana",
            {"room_id": cast.garden.id, "seq": 1, "sender": "ben"},
        )


class TestAtOnce:
    """On a real mongod."""

    ROUNDS = 12

    def test_edits_are_all_kept_one_after_the_other(self, harbour: Services) -> None:
        ana, room_id = _set_up(harbour)
        message = harbour.messages.post(ana, room_id, "0")

        words = [str(number) for number in range(1, 9)]
        at_once(*[lambda w=w: harbour.messages.edit(ana, room_id, message.id, w) for w in words])

        versions = harbour.messages.versions(ana, room_id, 1)
        assert versions[-1].text == "0"
        assert sorted(version.text for version in versions[:-1]) == words
        assert versions[0].text == harbour.messages.find(ana, room_id, message.id).text

    def test_an_edit_and_a_deletion_end_in_a_deletion(
        self, harbour: Services, mongodb: Documents
    ) -> None:
        ana, room_id = _set_up(harbour)
        heard = Listening()
        harbour.bus.subscribe(Event, heard.append)
        for number in range(self.ROUNDS):
            self._race(harbour, ana, room_id, number)

            (stored,) = harbour.messages.history(ana, room_id, after=number).messages
            assert stored.is_deleted
            assert "secret" not in _everything(mongodb)
            events = [e for e in heard if getattr(e, "message", stored).id == stored.id]
            assert len([e for e in events if isinstance(e, MessageDeleted)]) == 1
            # Whoever hears them in any order is left with the tombstone.
            last = max(events, key=lambda e: e.message.changes)  # type: ignore[attr-defined]
            assert isinstance(last, MessageDeleted)

    def _race(self, services: Services, ana: User, room_id: str, number: int) -> None:
        messages = services.messages
        said = messages.post(ana, room_id, f"secret {number} of old").id

        outcomes = at_once(
            *[lambda n=n: messages.edit(ana, room_id, said, f"secret {number} {n}") for n in "abc"],
            *[lambda: messages.delete(ana, room_id, said)] * 2,
        )

        failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert all(isinstance(failure, MessageGone) for failure in failures), failures

    def test_an_edit_whose_answer_was_lost_can_be_asked_again(
        self, services: Services, cast: Cast, said: Message, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stock = MessageRepository.edit_message

        def edit_message(self: Any, *args: Any) -> Any:
            stock(self, *args)
            raise NetworkTimeout("timed out")

        with monkeypatch.context() as patched:
            patched.setattr(MessageRepository, "edit_message", edit_message)
            with pytest.raises(NetworkTimeout):
                services.messages.edit(cast.ben, cast.garden.id, said.id, "better")

        again = services.messages.edit(cast.ben, cast.garden.id, said.id, "better")

        assert (again.text, again.edits) == ("better", 1)


def _set_up(services: Services) -> tuple[User, str]:
    ana = services.accounts.set_up("Harbour", "ana", PASSWORD)
    return ana, services.rooms.list_for(ana)[0].room_id


class TestOverSockets:
    @pytest.fixture
    def sockets(self, sign_in: SignIn, said: Message) -> dict[str, Socket]:
        return {username: sign_in(username).socket() for username in ("ana", "ben", "cleo")}

    def _asked(self, cast: Cast, said: Message, **more: object) -> dict[str, object]:
        return {"room_id": cast.garden.id, "message_id": said.id, **more}

    def test_an_edit_is_heard_with_its_row(
        self, sockets: dict[str, Socket], sign_in: SignIn, cast: Cast, said: Message
    ) -> None:
        ack = sockets["ben"].ask("edit_message", self._asked(cast, said, text="<b>better</b>"))

        for username in ("ana", "ben"):
            ((name, payload),) = sockets[username].heard()
            assert (name, payload["message"]) == ("message_changed", ack["message"])
            assert "&lt;b&gt;better" in payload["row"]
            assert "data-versions" in payload["row"]
            assert payload["row"] in sign_in("ana").get(f"/rooms/{cast.garden.id}").text
        assert (ack["message"]["text"], ack["message"]["changes"]) == ("<b>better</b>", 1)
        assert sockets["cleo"].heard() == []

    def test_Z7_a_deletion_is_heard_with_its_place_and_no_word(
        self, sockets: dict[str, Socket], sign_in: SignIn, cast: Cast, said: Message
    ) -> None:
        ack = sockets["ana"].ask("delete_message", self._asked(cast, said))

        for username in ("ana", "ben"):
            ((name, payload),) = sockets[username].heard()
            assert name == "message_deleted"
            assert sorted(payload) == ["changes", "id", "room_id", "row", "seq"]
            assert "first words" not in json.dumps([payload, ack])
            assert "data-deleted" in payload["row"]
            assert "by <b" in payload["row"]
            assert payload["row"] in sign_in("ana").get(f"/rooms/{cast.garden.id}").text
        assert sockets["cleo"].heard() == []

    @pytest.mark.parametrize(
        ("event", "who", "changed", "code"),
        [
            ("edit_message", "ana", {}, "message_not_yours"),
            ("edit_message", "cleo", {}, "room_not_found"),
            ("edit_message", "ben", {"text": ""}, "message_empty"),
            ("edit_message", "ben", {"text": "a" * 4001}, "message_too_long"),
            ("edit_message", "ben", {"text": 5}, "bad_request"),
            ("edit_message", "ben", {"message_id": "0" * 24}, "message_not_found"),
            ("edit_message", "ben", {"message_id": "a" * 65}, "bad_request"),
            ("edit_message", "ben", {"message_id": {"$ne": 1}}, "bad_request"),
            ("edit_message", "ben", {"edited_at": 1}, "bad_request"),
            ("delete_message", "cleo", {}, "room_not_found"),
            ("delete_message", "ben", {"message_id": "no id"}, "message_not_found"),
            ("delete_message", "ben", {"message_id": None}, "bad_request"),
            ("delete_message", "ben", {"by": "ana"}, "bad_request"),
        ],
    )
    def test_a_refusal_says_why_and_is_heard_by_nobody(
        self,
        sockets: dict[str, Socket],
        cast: Cast,
        said: Message,
        event: str,
        who: str,
        changed: dict[str, object],
        code: str,
    ) -> None:
        text = {"text": "better"} if event == "edit_message" else {}

        ack = sockets[who].ask(event, self._asked(cast, said, **{**text, **changed}))

        assert (ack["ok"], ack["error"]["code"]) == (False, code)
        assert all(socket.heard() == [] for socket in sockets.values())


class TestTheVersions:
    def test_are_shown_as_they_were_typed(
        self, sign_in: SignIn, services: Services, cast: Cast, said: Message
    ) -> None:
        services.messages.edit(cast.ben, cast.garden.id, said.id, "**bold** <i>")
        path = f"/rooms/{cast.garden.id}/messages/1/versions"
        ana = sign_in("ana")

        page = ana.get(path, headers={"Accept": "text/html"}).text
        body = ana.get(path, headers={"Accept": "application/json"}).get_json()

        assert page.index("**bold** &lt;i&gt;") < page.index("first words")
        assert [version["text"] for version in body["versions"]] == ["**bold** <i>", "first words"]

    @pytest.mark.parametrize("seq", ["2", "0", str(2**70), "-1", "x", "1.5", "1_0"])
    def test_of_what_is_not_there_are_not_found(
        self, sign_in: SignIn, cast: Cast, said: Message, seq: str
    ) -> None:
        answer = sign_in("ana").get(f"/rooms/{cast.garden.id}/messages/{seq}/versions")

        assert answer.status_code == 404
