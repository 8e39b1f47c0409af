"""What somebody keeps for themselves: in order, alone, and no longer than they may see it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chatapp.auth.entities import User
from chatapp.chat.errors import MessageGone, MessageNotFound
from chatapp.core.events import user_channel
from chatapp.rooms.errors import RoomNotFound
from chatapp.saves import service
from chatapp.saves.errors import TooManySaves
from chatapp.saves.events import MessageSaved, MessageUnsaved, SaveEvent
from chatapp.services import Services
from tests.cast import Browser, Cast, Clock, Listening, gather

SignIn = Callable[[str], Browser]


def texts(services: Services, person: User, after: str | None = None) -> list[str]:
    return [message.text for _, message in services.saves.shelf(person, after).saved]


class TestSaving:
    def test_is_told_to_oneself_alone(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        said = services.messages.post(cast.ana, cast.garden.id, "hello")

        services.saves.save(cast.ben, cast.garden.id, said.id)
        services.saves.save(cast.ben, cast.garden.id, said.id)  # is no news
        assert services.saves.saved_in(cast.ben, cast.garden.id) == (said.seq,)
        services.saves.unsave(cast.ben, cast.garden.id, said.id)
        services.saves.unsave(cast.ben, cast.garden.id, said.id)

        heard = told.of(SaveEvent)
        assert [type(event) for event in heard] == [MessageSaved, MessageUnsaved]
        assert {event.audience for event in heard} == {(user_channel("ben"),)}
        assert services.saves.saved_in(cast.ben, cast.garden.id) == ()
        assert services.saves.saved_in(cast.ana, cast.garden.id) == ()

    def test_is_refused_where_there_is_nothing_to_save(
        self, services: Services, cast: Cast
    ) -> None:
        room = cast.garden.id
        said, gone = (services.messages.post(cast.ana, room, text) for text in ("1", "2"))
        services.messages.delete(cast.ana, room, gone.id)
        line = services.quiet_lines.note(room, "opened", {}, "ana")

        for person, message, refusal in (
            (cast.cleo, said, RoomNotFound),
            (cast.ben, gone, MessageGone),
            (cast.ben, line, MessageNotFound),
        ):
            with pytest.raises(refusal):
                services.saves.save(person, room, message.id)

    def test_is_possible_in_an_archived_room(self, services: Services, cast: Cast) -> None:
        said = services.messages.post(cast.ana, cast.garden.id, "hello")
        services.rooms.archive(cast.ana, cast.garden.id)

        services.saves.save(cast.ben, cast.garden.id, said.id)

        assert texts(services, cast.ben) == ["hello"]

    def test_has_a_limit(
        self, services: Services, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "MOST", 1)
        first, second = (services.messages.post(cast.ana, cast.garden.id, t) for t in "12")
        services.saves.save(cast.ben, cast.garden.id, first.id)

        with pytest.raises(TooManySaves):
            services.saves.save(cast.ben, cast.garden.id, second.id)
        services.saves.save(cast.ben, cast.garden.id, first.id)  # is no other


class TestTheShelf:
    @pytest.fixture
    def cast(self, harbour: Services) -> Cast:
        return gather(harbour)

    def test_has_the_newest_first_in_pages(
        self, harbour: Services, cast: Cast, clock: Clock
    ) -> None:
        for number in range(100):
            said = harbour.messages.post(cast.ana, cast.garden.id, str(number))
            harbour.saves.save(cast.ben, cast.garden.id, said.id)
            if number % 3 == 0:  # some within the same millisecond
                clock.forward(timedelta(milliseconds=1))

        pages, after = [], None
        while True:
            pages.append(texts(harbour, cast.ben, after))
            after = harbour.saves.shelf(cast.ben, after).older
            if after is None:
                break

        assert [len(page) for page in pages] == [40, 40, 20]
        assert [text for page in pages for text in page] == [str(n) for n in range(99, -1, -1)]

    def test_is_of_the_rooms_that_one_is_in(self, harbour: Services, cast: Cast) -> None:
        said = harbour.messages.post(cast.ana, cast.garden.id, "hello")
        harbour.saves.save(cast.ben, cast.garden.id, said.id)

        harbour.rooms.remove_member(cast.ana, cast.garden.id, "ben")

        assert harbour.saves.shelf(cast.ben).saved == ()
        with pytest.raises(RoomNotFound):
            harbour.saves.saved_in(cast.ben, cast.garden.id)
        harbour.rooms.add_members(cast.ana, cast.garden.id, ["ben"])
        assert texts(harbour, cast.ben) == ["hello"]

    def test_has_nothing_that_was_deleted(self, harbour: Services, cast: Cast) -> None:
        said = harbour.messages.post(cast.ana, cast.garden.id, "hello")
        harbour.saves.save(cast.ben, cast.garden.id, said.id)

        harbour.messages.delete(cast.ana, cast.garden.id, said.id)

        assert harbour.saves.shelf(cast.ben).saved == ()

    def test_calls_rooms_as_the_reader_does(self, harbour: Services, cast: Cast) -> None:
        direct = harbour.rooms.open_direct(cast.ana, ["ben"])
        for room_id in (direct.id, cast.garden.id):
            said = harbour.messages.post(cast.ana, room_id, "hello")
            harbour.saves.save(cast.ben, room_id, said.id)

        titles = harbour.saves.shelf(cast.ben).titles

        assert (titles[direct.id], titles[cast.garden.id]) == ("ana", "#Garden")


class TestThePage:
    @pytest.mark.parametrize("before", ["", "x", "1.2", f"-1.{'a' * 24}", f"{'9' * 15}.{'a' * 24}"])
    def test_refuses_a_place_that_is_none(self, sign_in: SignIn, cast: Cast, before: str) -> None:
        answer = sign_in("ben").get("/saved", query_string={"before": before})

        assert answer.status_code == 400

    def test_shows_the_row_that_everybody_gets(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        said = services.messages.post(cast.ana, cast.garden.id, "**hello**")
        services.saves.save(cast.ben, cast.garden.id, said.id)
        ben, ana = sign_in("ben"), sign_in("ana")

        page = ben.get("/saved").text

        assert "<strong>hello</strong>" in page
        assert f"/rooms/{cast.garden.id}/messages/{said.seq}" in page
        assert "hello" not in ana.get("/saved").text
        assert f'data-saved="{said.seq}"' in ben.get(f"/rooms/{cast.garden.id}").text
        assert 'data-saved=""' in ana.get(f"/rooms/{cast.garden.id}").text
