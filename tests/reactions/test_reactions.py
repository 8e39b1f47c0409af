"""Reactions: what is kept, what is refused, who is told, and that two at once lose nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chatapp.chat.entities import Message
from chatapp.chat.errors import MessageGone, MessageNotFound
from chatapp.chat.events import MessageChanged
from chatapp.chat.repository import MessageRepository
from chatapp.core.database import Documents
from chatapp.core.errors import UnknownEmoji
from chatapp.reactions.entities import Mine, Reaction
from chatapp.reactions.errors import TooManyReactions
from chatapp.reactions.events import ReactionAdded, ReactionRemoved
from chatapp.reactions.repository import MAX_KINDS, ReactionRepository
from chatapp.reactions.service import LISTED, SHOWN
from chatapp.rooms.errors import ArchivedRoom, RoomNotFound
from chatapp.services import Services
from tests.cast import Browser, Cast, Clock, Listening, at_once, gather
from tests.watched import operations

SignIn = Callable[[str], Browser]
ROOM = "6560f0f0f0f0f0f0f0f0f0f0"
EMOJI = [chr(0x1F600 + number) for number in range(MAX_KINDS + 1)]


@pytest.fixture
def said(services: Services, cast: Cast) -> Message:
    return services.messages.post(cast.ana, cast.garden.id, "The compost came")


def _on(services: Services, cast: Cast, message: Message) -> list[tuple[str, int, list[str]]]:
    """Return what the room is shown on a message: emoji, how many, who."""
    history = services.messages.history(cast.ana, cast.garden.id, around=message.seq, limit=1)
    (shown,) = history.messages
    return [
        (one["emoji"], one["count"], [person["username"] for person in one["people"]])
        for one in history.hanging_on(shown).get("reactions", ())
    ]


class TestStoring:
    @pytest.fixture
    def messages(self, database: Documents, clock: Clock) -> MessageRepository:
        return MessageRepository(database, clock)

    @pytest.fixture
    def reactions(self, database: Documents, messages: MessageRepository) -> ReactionRepository:
        return ReactionRepository(database, messages)

    def test_keeps_the_order_in_which_they_came(
        self, messages: MessageRepository, reactions: ReactionRepository
    ) -> None:
        message, _ = messages.save_message(ROOM, "one", "ana")
        for emoji, username in (("👍", "ana"), ("🎉", "ben"), ("👍", "cleo"), ("👍", "ben")):
            there = reactions.get_kinds(message.id, username)
            assert reactions.add_reaction(message.id, emoji, username, there)

        assert reactions.get_kinds(message.id, "cleo") == {"👍": True, "🎉": False}
        assert reactions.get_reactions([message.id], most=2) == {
            message.id: [
                Reaction(emoji="👍", count=3, people=("cleo", "ben")),
                Reaction(emoji="🎉", count=1, people=("ben",)),
            ]
        }

    def test_counts_each_change_by_the_write_that_makes_it(
        self, messages: MessageRepository, reactions: ReactionRepository, clock: Clock
    ) -> None:
        message, _ = messages.save_message(ROOM, "one", "ana")
        clock.forward(timedelta(minutes=1))

        added = reactions.add_reaction(message.id, "👍", "ben", {})
        removed = reactions.remove_reaction(message.id, "👍", "ben", ["👍"])

        assert added is not None
        assert removed is not None
        assert (added.changes, removed.changes, removed.changed_at) == (1, 2, clock())
        assert reactions.get_reactions([message.id], most=9) == {}

    def test_changes_nothing_where_somebody_was_first(
        self, messages: MessageRepository, reactions: ReactionRepository
    ) -> None:
        message, _ = messages.save_message(ROOM, "one", "ana")
        reactions.add_reaction(message.id, "👍", "ana", {})
        reactions.add_reaction(message.id, "🎉", "ben", ["👍"])

        outdated = (
            reactions.add_reaction(message.id, "👍", "ana", ["👍", "🎉"]),  # is there
            reactions.add_reaction(message.id, "👍", "ben", []),  # is no new kind
            reactions.add_reaction(message.id, "🎉", "cleo", ["🎉"]),  # not in that place
            reactions.remove_reaction(message.id, "🎉", "ben", ["🎉"]),
            reactions.remove_reaction(message.id, "🎉", "cleo", ["👍", "🎉"]),  # not theirs
        )

        assert outdated == (None,) * 5
        kept = messages.get_message(message.id)
        assert kept is not None
        assert kept.changes == 2

    def test_finds_what_one_has_put_in_a_room(
        self, messages: MessageRepository, reactions: ReactionRepository
    ) -> None:
        one, _ = messages.save_message(ROOM, "one", "ana")
        two, _ = messages.save_message(ROOM, "two", "ana")
        elsewhere, _ = messages.save_message("7" * 24, "three", "ana")
        for message in (one, elsewhere):
            reactions.add_reaction(message.id, "👍", "ben", {})

        found = reactions.get_mine(ROOM, [one.id, two.id, elsewhere.id, "no id"], "ben")

        assert found == {one.id: Mine(emoji=("👍",), changes=1), two.id: Mine(emoji=(), changes=0)}

    def test_is_no_part_of_what_is_read_of_a_message(
        self, database: Documents, messages: MessageRepository, reactions: ReactionRepository
    ) -> None:
        message, _ = messages.save_message(ROOM, "one", "ana")
        reactions.add_reaction(message.id, "👍", "$ben", {})

        assert reactions.get_kinds(message.id, "$ben") == {"👍": True}
        assert database["messages"].find_one({}, {"reactions": 1}) is not None
        edited = messages.get_message(message.id)
        assert edited is not None
        assert edited.changes == 1


class TestReacting:
    def test_is_shown_to_the_room(self, services: Services, cast: Cast, said: Message) -> None:
        services.reactions.add(cast.ben, cast.garden.id, said.id, "👍")
        services.reactions.add(cast.ana, cast.garden.id, said.id, "🎉")
        services.reactions.add(cast.ana, cast.garden.id, said.id, "👍")

        assert _on(services, cast, said) == [("👍", 2, ["ben", "ana"]), ("🎉", 1, ["ana"])]

    def test_tells_the_room_the_message_and_ones_own_pages_what_one_did(
        self, services: Services, cast: Cast, said: Message, told: Listening
    ) -> None:
        services.reactions.add(cast.ben, cast.garden.id, said.id, "👍")
        services.reactions.remove(cast.ben, cast.garden.id, said.id, "👍")

        first, second = told.of(MessageChanged)
        assert first.audience == (f"room:{cast.garden.id}",)
        assert first.payload()["message"]["reactions"] == [
            {"emoji": "👍", "count": 1, "people": [{"username": "ben", "name": "Ben Okafor"}]}
        ]
        assert "reactions" not in second.payload()["message"]
        assert (first.message.changes, second.message.changes) == (1, 2)
        (added,), (removed,) = told.of(ReactionAdded), told.of(ReactionRemoved)
        assert added.audience == removed.audience == ("user:ben",)
        assert added.payload() == {
            "room_id": cast.garden.id,
            "message_id": said.id,
            "changes": 1,
            "emoji": "👍",
        }

    def test_a_second_time_changes_nothing(
        self, services: Services, cast: Cast, said: Message, told: Listening
    ) -> None:
        first = services.reactions.add(cast.ben, cast.garden.id, said.id, "👍")
        told.clear()

        again = services.reactions.add(cast.ben, cast.garden.id, said.id, "👍")
        nothing = services.reactions.remove(cast.ana, cast.garden.id, said.id, "👍")

        assert again.changes == nothing.changes == first.changes == 1
        assert told == []

    def test_takes_both_forms_of_an_emoji_for_one(
        self, services: Services, cast: Cast, said: Message
    ) -> None:
        services.reactions.add(cast.ben, cast.garden.id, said.id, "\u2764\ufe0f")
        services.reactions.add(cast.ana, cast.garden.id, said.id, "\u2764")

        assert _on(services, cast, said) == [("\u2764\ufe0f", 2, ["ben", "ana"])]

        services.reactions.remove(cast.ben, cast.garden.id, said.id, "\u2764")
        assert _on(services, cast, said) == [("\u2764\ufe0f", 1, ["ana"])]

    def test_has_twenty_kinds_a_message(
        self, services: Services, cast: Cast, said: Message, told: Listening
    ) -> None:
        for emoji in EMOJI[:MAX_KINDS]:
            services.reactions.add(cast.ana, cast.garden.id, said.id, emoji)
        told.clear()

        with pytest.raises(TooManyReactions) as refused:
            services.reactions.add(cast.ben, cast.garden.id, said.id, EMOJI[MAX_KINDS])

        assert refused.value.details == {"limit": 20}
        assert told == []
        services.reactions.add(cast.ben, cast.garden.id, said.id, EMOJI[0])
        services.reactions.remove(cast.ana, cast.garden.id, said.id, EMOJI[1])
        services.reactions.add(cast.ben, cast.garden.id, said.id, EMOJI[MAX_KINDS])
        assert len(_on(services, cast, said)) == MAX_KINDS

    @pytest.mark.parametrize("text", ["", "ok", "👍👍", "<b>", "$set", "🇩"])
    def test_is_with_one_emoji(
        self, services: Services, cast: Cast, said: Message, text: str
    ) -> None:
        with pytest.raises(UnknownEmoji):
            services.reactions.add(cast.ben, cast.garden.id, said.id, text)
        with pytest.raises(UnknownEmoji):
            services.reactions.remove(cast.ben, cast.garden.id, said.id, text)

        assert _on(services, cast, said) == []

    def test_is_for_the_room_on_what_somebody_said(
        self, services: Services, cast: Cast, said: Message, told: Listening
    ) -> None:
        shed = services.rooms.create(cast.ana, "Shed")
        elsewhere = services.messages.post(cast.ana, shed.id, "hello").id
        line = services.quiet_lines.note(cast.garden.id, "renamed", {"name": "Pier"}, "ana").id
        gone = services.messages.post(cast.ana, cast.garden.id, "not for long").id
        services.messages.delete(cast.ana, cast.garden.id, gone)
        told.clear()

        for act in (services.reactions.add, services.reactions.remove):
            with pytest.raises(RoomNotFound):
                act(cast.cleo, cast.garden.id, said.id, "👍")
            with pytest.raises(MessageGone):
                act(cast.ana, cast.garden.id, gone, "👍")
            for message_id in (elsewhere, line, "no id", "0" * 24):
                with pytest.raises(MessageNotFound):
                    act(cast.ana, cast.garden.id, message_id, "👍")
        assert told == []

    def test_stays_as_it_is_in_an_archived_room(
        self, services: Services, cast: Cast, said: Message
    ) -> None:
        services.reactions.add(cast.ben, cast.garden.id, said.id, "👍")
        services.rooms.archive(cast.ana, cast.garden.id)

        for act in (services.reactions.add, services.reactions.remove):
            with pytest.raises(ArchivedRoom):
                act(cast.ben, cast.garden.id, said.id, "👍")

        assert _on(services, cast, said) == [("👍", 1, ["ben"])]
        assert len(services.reactions.of_message(cast.ben, cast.garden.id, said.id)) == 1
        assert services.reactions.mine(cast.ben, cast.garden.id, [said.id])[said.id].emoji == (
            "👍",
        )

    def test_is_gone_with_the_message(
        self, services: Services, cast: Cast, said: Message, told: Listening
    ) -> None:
        services.reactions.add(cast.ben, cast.garden.id, said.id, "👍")

        services.messages.delete(cast.ana, cast.garden.id, said.id)

        (stored,) = services.database["messages"].find({"seq": said.seq})
        assert "reactions" not in stored
        assert _on(services, cast, said) == []
        with pytest.raises(MessageGone):
            services.reactions.of_message(cast.ben, cast.garden.id, said.id)

    def test_stays_when_the_words_change(
        self, services: Services, cast: Cast, said: Message, told: Listening
    ) -> None:
        services.reactions.add(cast.ben, cast.garden.id, said.id, "👍")
        told.clear()

        services.messages.edit(cast.ana, cast.garden.id, said.id, "It came")

        (event,) = told.of(MessageChanged)
        assert [one["emoji"] for one in event.extras["reactions"]] == ["👍"]

    def test_is_no_business_of_a_new_message(self, harbour: Services, mongodb: Documents) -> None:
        cast = gather(harbour)
        harbour.messages.post(cast.ana, cast.garden.id, "the first, for which the head is read")

        done = operations(mongodb, lambda: harbour.messages.post(cast.ana, cast.garden.id, "hello"))

        asked = [entry["command"] for entry in done if entry["ns"].endswith(".messages")]
        assert [next(iter(command)) for command in asked] == ["insert"]

    def test_of_a_page_is_one_query(self, harbour: Services, mongodb: Documents) -> None:
        cast = gather(harbour)
        for number in range(10):
            one = harbour.messages.post(cast.ana, cast.garden.id, f"no. {number}")
            harbour.reactions.add(cast.ben, cast.garden.id, one.id, "👍")

        done = operations(mongodb, lambda: harbour.messages.history(cast.ana, cast.garden.id))

        assert len([entry for entry in done if entry["ns"].endswith(".messages")]) == 2


class TestManyPeople:
    """Whoever cannot be shown in the row is found elsewhere."""

    @pytest.fixture
    def crowded(self, services: Services, said: Message) -> Message:
        crowd = [f"p{number:04}" for number in range(LISTED + 5)]
        services.database["messages"].update_one(
            {"seq": said.seq},
            {
                "$set": {"reactions": [{"kind": "👍", "emoji": "👍", "people": crowd}]},
                "$inc": {"changes": 1},
            },
        )
        return said

    def test_are_counted_and_some_are_named(
        self, services: Services, cast: Cast, crowded: Message
    ) -> None:
        ((_, count, people),) = _on(services, cast, crowded)

        assert (count, len(people), people[-1]) == (LISTED + 5, SHOWN, f"p{LISTED + 4:04}")

    def test_are_listed_up_to_a_bound(
        self, services: Services, cast: Cast, sign_in: SignIn, crowded: Message
    ) -> None:
        path = f"/rooms/{cast.garden.id}/messages/{crowded.id}/reactions"

        (listed,) = (
            sign_in("ben").get(path, headers={"Accept": "application/json"}).json["reactions"]
        )
        shown = sign_in("ben").get(path, headers={"Accept": "text/html"}).text

        assert (listed["count"], len(listed["people"])) == (LISTED + 5, LISTED)
        assert shown.count('class="reacted__person"') == LISTED
        assert "and 5 before them" in shown

    def test_know_whether_they_are_among_them(
        self, services: Services, cast: Cast, sign_in: SignIn, crowded: Message
    ) -> None:
        other = services.messages.post(cast.ana, cast.garden.id, "nothing here")
        services.database["messages"].update_one(
            {"seq": crowded.seq}, {"$set": {"reactions.0.people.0": "ben"}}
        )
        path = f"/rooms/{cast.garden.id}/reactions/mine?message={crowded.id}&message={other.id}"

        found = {who: sign_in(who).get(path).json["mine"] for who in ("ana", "ben")}

        assert found["ben"][crowded.id] == {"emoji": ["👍"], "changes": 1}
        assert found["ana"][crowded.id] == {"emoji": [], "changes": 1}
        assert found["ben"][other.id] == {"emoji": [], "changes": 0}

    @pytest.mark.parametrize("query", ["", "?message=", "?other=1", "?message=" + "x" * 65])
    def test_ask_about_messages_by_their_ids(self, cast: Cast, sign_in: SignIn, query: str) -> None:
        answer = sign_in("ben").get(f"/rooms/{cast.garden.id}/reactions/mine{query}")

        if query == "?message=":
            assert answer.json == {"mine": {}}
        else:
            assert answer.status_code == 400

    def test_are_no_matter_of_those_outside(
        self, services: Services, cast: Cast, said: Message
    ) -> None:
        shed = services.rooms.create(cast.cleo, "Shed")
        services.reactions.add(cast.ben, cast.garden.id, said.id, "👍")

        with pytest.raises(RoomNotFound):
            services.reactions.mine(cast.cleo, cast.garden.id, [said.id])
        with pytest.raises(RoomNotFound):
            services.reactions.of_message(cast.cleo, cast.garden.id, said.id)
        assert services.reactions.mine(cast.cleo, shed.id, [said.id]) == {}
        with pytest.raises(MessageNotFound):
            services.reactions.of_message(cast.cleo, shed.id, said.id)


class TestTwoAtOnce:
    TIMES = 200

    @pytest.fixture
    def cast(self, harbour: Services) -> Cast:
        return gather(harbour)

    def test_lose_nothing(self, harbour: Services, cast: Cast) -> None:
        """Each adds and takes back, the same and others, so that kinds come and go all the time."""
        said = harbour.messages.post(cast.ana, cast.garden.id, "hello")
        acts = {"ana": 0, "ben": 0}

        def toggle(who: str) -> None:
            actor = getattr(cast, who)
            for number in range(self.TIMES):
                emoji = EMOJI[number % 3]
                is_there = (number // 3) % 2
                act = harbour.reactions.remove if is_there else harbour.reactions.add
                act(actor, cast.garden.id, said.id, emoji)
                acts[who] += 1

        outcomes = at_once(lambda: toggle("ana"), lambda: toggle("ben"))

        assert outcomes == [None, None]
        assert acts == {"ana": self.TIMES, "ben": self.TIMES}
        # After 200 turns of adding three and taking back three, these two are on.
        on = {
            (emoji, count, frozenset(people)) for emoji, count, people in _on(harbour, cast, said)
        }
        assert on == {(emoji, 2, frozenset({"ana", "ben"})) for emoji in EMOJI[:2]}
        (now,) = harbour.messages.history(
            cast.ana, cast.garden.id, around=said.seq, limit=1
        ).messages
        assert now.changes == 2 * self.TIMES

    def test_have_no_more_kinds_than_there_may_be(self, harbour: Services, cast: Cast) -> None:
        said = harbour.messages.post(cast.ana, cast.garden.id, "hello")
        for emoji in EMOJI[: MAX_KINDS - 1]:
            harbour.reactions.add(cast.ana, cast.garden.id, said.id, emoji)

        new = EMOJI[MAX_KINDS - 1 :]

        for _ in range(10):
            outcomes = at_once(
                lambda: harbour.reactions.add(cast.ana, cast.garden.id, said.id, new[0]),
                lambda: harbour.reactions.add(cast.ben, cast.garden.id, said.id, new[1]),
            )
            refused = [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
            assert refused == [TooManyReactions]
            harbour.reactions.remove(cast.ana, cast.garden.id, said.id, new[0])
            harbour.reactions.remove(cast.ben, cast.garden.id, said.id, new[1])

    def test_a_deletion_wins(self, harbour: Services, cast: Cast) -> None:
        for _ in range(10):
            said = harbour.messages.post(cast.ana, cast.garden.id, "hello")
            at_once(
                lambda said=said: harbour.messages.delete(cast.ana, cast.garden.id, said.id),
                lambda said=said: harbour.reactions.add(cast.ben, cast.garden.id, said.id, "👍"),
            )

            assert _on(harbour, cast, said) == []
            (stored,) = harbour.database["messages"].find({"seq": said.seq})
            assert "reactions" not in stored


class TestBeingAway:
    def test_finds_reactions_again(self, harbour: Services, clock: Clock) -> None:
        cast = gather(harbour)
        said = [harbour.messages.post(cast.ana, cast.garden.id, text) for text in ("a", "b", "c")]
        clock.forward(timedelta(minutes=5))
        page = harbour.messages.history(cast.ana, cast.garden.id)
        clock.forward(timedelta(minutes=5))
        harbour.reactions.add(cast.ben, cast.garden.id, said[1].id, "👍")

        missed = harbour.messages.history(
            cast.ana, cast.garden.id, after=page.head, changed_since=page.mark
        )

        (changed,) = missed.messages
        assert changed.id == said[1].id
        (reaction,) = missed.hanging_on(changed)["reactions"]
        assert (reaction["emoji"], reaction["count"]) == ("👍", 1)


class TestSockets:
    def test_ask_and_are_told_the_row(self, sign_in: SignIn, cast: Cast, said: Message) -> None:
        ana, ben, cleo = (sign_in(who).socket() for who in ("ana", "ben", "cleo"))
        asked = {"room_id": cast.garden.id, "message_id": said.id, "emoji": "👍"}

        added = ben.ask("add_reaction", asked)
        removed = ben.ask("remove_reaction", asked)

        assert (added, removed) == ({"ok": True, "changes": 1}, {"ok": True, "changes": 2})
        first, second = ana.heard("message_changed")
        assert 'data-emoji="👍"' in first["row"]
        assert "data-people='[\"ben\"]'" in first["row"]
        assert "data-reactions" not in second["row"]
        assert [name for name, _ in ben.heard()] == [
            "reaction_added",
            "message_changed",
            "reaction_removed",
            "message_changed",
        ]
        assert cleo.heard() == []

    @pytest.mark.parametrize(
        "changed", [{"emoji": None}, {"emoji": {"$ne": ""}}, {"emoji": "👍" * 65}, {"more": 1}]
    )
    def test_take_what_fits_the_schema(
        self, sign_in: SignIn, cast: Cast, said: Message, changed: dict[str, object]
    ) -> None:
        ben = sign_in("ben").socket()
        asked = {"room_id": cast.garden.id, "message_id": said.id, "emoji": "👍", **changed}

        for event in ("add_reaction", "remove_reaction"):
            assert ben.ask(event, asked)["error"]["code"] == "bad_request"

    def test_a_row_is_the_same_for_everybody_and_safe(
        self, services: Services, sign_in: SignIn, cast: Cast, said: Message
    ) -> None:
        services.people.introduce(cast.ben, "<b>'\"&", "", "", "")
        services.reactions.add(cast.ben, cast.garden.id, said.id, "👍")

        pages = [
            sign_in(who).get(f"/rooms/{cast.garden.id}/messages", headers={"Accept": "text/html"})
            for who in ("ana", "ben")
        ]

        assert pages[0].text == pages[1].text
        assert "<b>'" not in pages[0].text
        assert 'data-names=\'["\\u003cb\\u003e\\u0027\\"\\u0026"]\'' in pages[0].text
