"""Who hears that somebody is there: those who share a room, and how often."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from chatapp.core.events import user_channel
from chatapp.realtime.presence import MOST_TOLD, RECENT_BEATS, PresenceTeller
from chatapp.services import Services
from tests.cast import Browser, Cast, Socket

SignIn = Callable[[str], Browser]


class House:
    """The chat, with people in it who need no socket: `here` is who has one."""

    def __init__(self, app: Flask) -> None:
        self.here: set[str] = set()
        services: Services = app.extensions["chatapp"]
        self.roll = services.roll
        self.teller = PresenceTeller(
            app.extensions["socketio"], self.roll, services.access, lambda: self.here
        )

    def come(self, *usernames: str) -> None:
        self.here |= set(usernames)
        for username in usernames:
            self.roll.sign(username, 0)

    def beat(self) -> None:
        self.teller.beat()


@pytest.fixture
def house(app: Flask, cast: Cast) -> House:
    return House(app)


@pytest.fixture
def alone(services: Services, cast: Cast) -> Cast:
    """The cast, without the open room that everybody shares: Cleo is with nobody."""
    (general,) = services.rooms.list_for(cast.cleo)
    for user in (cast.ben, cast.cleo):
        services.rooms.leave(user, general.room_id)
    return cast


def told(socket: Socket) -> list[dict[str, str]]:
    """Return what one event told, or nothing; more than one is too many."""
    events = socket.heard("presence_changed")
    assert len(events) <= 1
    return [event["people"] for event in events]


class TestComingAndGoing:
    def test_is_told_to_who_shares_a_room_and_to_nobody_else(
        self, house: House, alone: Cast, sign_in: SignIn
    ) -> None:
        ana, cleo = sign_in("ana").socket(), sign_in("cleo").socket()
        house.beat()

        house.come("ben", "cleo")
        house.beat()

        assert told(ana) == [{"ben": "online"}]
        assert told(cleo) == []

    def test_is_told_once(self, house: House, cast: Cast, sign_in: SignIn) -> None:
        ana = sign_in("ana").socket()
        house.beat()
        house.come("ben")
        house.beat()
        ana.heard()

        house.beat()

        assert ana.heard() == []

    def test_of_who_is_gone_is_offline(
        self, house: House, cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ana = sign_in("ana").socket()
        house.come("ben")
        house.beat()
        assert told(ana) == [{"ben": "online"}]

        monkeypatch.setattr("chatapp.presence.service.GONE_SECONDS", 0)
        house.here = set()
        house.beat()

        assert told(ana) == [{"ben": "offline"}]

    def test_is_told_in_the_shape_that_is_documented(
        self, house: House, cast: Cast, sign_in: SignIn
    ) -> None:
        ana = sign_in("ana").socket()
        house.come("ben")

        house.beat()

        assert ana.heard() == [("presence_changed", {"people": {"ben": "online"}})]

    def test_of_many_who_share_several_rooms_is_one_event(
        self, house: House, services: Services, cast: Cast, sign_in: SignIn
    ) -> None:
        for name in ("Shed", "Pond", "Path"):
            services.rooms.create(cast.ana, name, ["ben", "cleo"])
        ana = sign_in("ana").socket()

        house.come("ben", "cleo")
        house.beat()

        assert told(ana) == [{"ben": "online", "cleo": "online"}]


class TestASign:
    def test_makes_online_whoever_gives_it(
        self, app: Flask, services: Services, cast: Cast, sign_in: SignIn
    ) -> None:
        ben = sign_in("ben").socket()
        services.roll.call(())

        assert ben.ask("present", {"idle_seconds": 0}) == {"ok": True}
        services.roll.call({"ben"})

        assert services.presence.states(cast.ana, cast.garden.id) == {"ben": "online"}
        page = sign_in("ana").get(f"/rooms/{cast.garden.id}").text
        assert 'data-presence="ben" data-presence-state="online" title="Online"' in page
        assert 'data-presence="ana" data-presence-state="offline"' in page

    @pytest.mark.parametrize(
        "asked",
        [{}, {"idle_seconds": -1}, {"idle_seconds": 2**31}, {"idle_seconds": 0, "as": "ana"}, 5],
    )
    def test_takes_a_bounded_number_and_nothing_else(self, sign_in: SignIn, asked: object) -> None:
        ack = sign_in("ben").socket().ask("present", asked)

        assert ack["error"]["code"] == "bad_request"


class TestASocketThatIsNew:
    def test_hears_what_changed_while_its_page_was_coming(
        self, house: House, cast: Cast, sign_in: SignIn
    ) -> None:
        ben = sign_in("ben").socket()
        house.come("ana")
        house.beat()
        ben.heard()

        late = sign_in("ben").socket()
        house.beat()

        assert told(late) == [{"ana": "online"}]
        assert told(ben) == []

    def test_hears_nothing_that_its_page_knows(
        self, house: House, cast: Cast, sign_in: SignIn
    ) -> None:
        sign_in("ben").socket()
        house.come("ana")
        for _ in range(RECENT_BEATS + 1):
            house.beat()

        late = sign_in("ben").socket()
        house.beat()

        assert told(late) == []


class TestANewMember:
    def test_is_shown_as_they_are_to_the_room_that_they_come_into(
        self, house: House, services: Services, alone: Cast, sign_in: SignIn
    ) -> None:
        ben = sign_in("ben").socket()
        house.come("cleo")
        house.beat()
        assert told(ben) == []

        services.memory.on_change.append(house.teller.hear)
        services.rooms.add_members(alone.ana, alone.garden.id, ["cleo"])
        services.memory.beat()
        house.beat()

        assert told(ben) == [{"cleo": "online"}]

    def test_who_was_removed_is_not_told_of_any_more(
        self, house: House, services: Services, alone: Cast, sign_in: SignIn
    ) -> None:
        ana = sign_in("ana").socket()
        house.beat()
        services.rooms.remove_member(alone.ana, alone.garden.id, "ben")
        house.teller.hear((user_channel("ben"),))

        house.come("ben")
        house.beat()

        assert told(ana) == []


class TestACrowd:
    MANY, BEATS = 500, 5

    @pytest.fixture
    def crowd(self, services: Services, cast: Cast) -> list[str]:
        """Five hundred members of Garden and of General, put there in bulk."""
        names = [f"member{number}" for number in range(self.MANY)]
        template = services.database["room_members"].find({"_id.username": "ben"})
        for membership in list(template):
            services.database["room_members"].insert_many(
                [{**membership, "_id": {**membership["_id"], "username": name}} for name in names]
            )
        return names

    def test_W12_is_told_in_one_event_a_second_and_socket(
        self, house: House, crowd: list[str], cast: Cast, sign_in: SignIn
    ) -> None:
        sockets = [sign_in(name).socket() for name in ("ana", "ben", "cleo")]
        house.beat()
        heard: dict[str, str] = {}

        for number in range(self.BEATS):
            house.come(*crowd[number :: self.BEATS])
            house.beat()
            seen = [told(socket) for socket in sockets]
            assert seen[0] == seen[1] == seen[2]
            heard |= seen[0][0]

        assert heard == dict.fromkeys(crowd, "online")

    def test_of_whom_too_many_come_at_once_waits_for_the_next_beat(
        self, house: House, crowd: list[str], cast: Cast, sign_in: SignIn
    ) -> None:
        ana = sign_in("ana").socket()
        house.beat()
        house.come(*crowd)
        heard: dict[str, str] = {}

        for _ in range(self.MANY // MOST_TOLD):
            house.beat()
            (now,) = told(ana)
            assert len(now) <= MOST_TOLD
            assert not heard.keys() & now.keys()
            heard |= now

        assert heard == dict.fromkeys(crowd, "online")
        house.beat()
        assert told(ana) == []


class TestWhatCouldNotBeTold:
    def test_is_told_by_the_next_beat(
        self, house: House, cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ana = sign_in("ana").socket()
        house.beat()
        house.come("ben")
        with monkeypatch.context() as broken:
            broken.setattr(house.teller._access, "people_by_room", _away)
            with pytest.raises(ConnectionError):
                house.beat()

        house.beat()

        assert told(ana) == [{"ben": "online"}]


def _away(names: Any) -> Any:
    raise ConnectionError
