"""Channels follow membership; with several processes, through the queue."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from chatapp.core import clock
from chatapp.core.events import room_channel, session_channel, user_channel
from chatapp.realtime.channels import NAMESPACE, ChannelManager
from chatapp.realtime.processes import SharedChannelManager, _Moved, _Told, channel_manager
from chatapp.rooms.repository import RoomRepository
from chatapp.services import Services
from tests.cast import Browser, Cast, Socket

SignIn = Callable[[str], Browser]


def _channels(app: Flask) -> dict[str, int]:
    """Every channel that has somebody in it, and how many; without each socket's own."""
    rooms = app.extensions["socketio"].server.manager.rooms.get(NAMESPACE, {})
    return {name: len(inside) for name, inside in rooms.items() if name and ":" in name}


class TestConnecting:
    def test_enters_my_channels_those_of_my_rooms_and_no_other(
        self, app: Flask, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        (general,) = services.rooms.list_for(cast.cleo)
        services.rooms.create(cast.ana, "Shed")

        ben = sign_in("ben")
        ben.socket()

        session = services.database["sessions"].find_one({"username": "ben"})
        assert session is not None
        assert _channels(app) == {
            user_channel("ben"): 1,
            session_channel(session["_id"]): 1,
            room_channel(general.room_id): 1,
            room_channel(cast.garden.id): 1,
        }

    def test_that_is_refused_enters_none(self, app: Flask, visitor: Browser, cast: Cast) -> None:
        visitor.socket()

        assert _channels(app) == {}


class TestMembership:
    def test_moves_every_tab_of_a_person(
        self, app: Flask, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        garden = room_channel(cast.garden.id)
        for username in ("ben", "ben", "cleo"):
            sign_in(username).socket()
        assert _channels(app)[garden] == 2

        services.rooms.add_members(cast.ana, cast.garden.id, ["cleo"])
        assert _channels(app)[garden] == 3

        services.rooms.remove_member(cast.ana, cast.garden.id, "ben")
        assert _channels(app)[garden] == 1

    def test_Z4_is_followed_before_anything_is_told_though_nobody_said_that_it_changed(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        ben, cleo = sign_in("ben").socket(), sign_in("cleo").socket()
        room_id = cast.garden.id
        services.messages.post(cast.ana, room_id, "to ben")
        elsewhere = RoomRepository(services.database, clock.now)  # a process that is not heard

        elsewhere.remove_room_members(room_id, ["ben"])
        elsewhere.add_room_members(room_id, "Garden", ["cleo"], "ana")
        services.messages.post(cast.ana, room_id, "to cleo")

        def texts(socket: Socket) -> list[str]:
            return [told["message"]["text"] for told in socket.heard("message_posted")]

        assert texts(ben) == ["to ben"]
        assert texts(cleo) == ["to cleo"]


class TestTheManager:
    def test_is_for_one_process_unless_there_is_a_queue(self, services: Services) -> None:
        shared = channel_manager("redis://localhost", services.access)
        assert type(channel_manager("", services.access)) is ChannelManager
        assert type(shared) is SharedChannelManager

    def test_tells_the_other_processes_of_a_move_and_no_client(
        self, shared: tuple[SharedChannelManager, list[dict[str, Any]]]
    ) -> None:
        manager, said = shared

        manager.enter_all("user:ben", "room:1")

        assert said == [
            {"kind": "moved", "how": "enter", "listeners": "user:ben", "channel": "room:1"}
        ]

    def test_tells_them_of_an_event_with_the_versions_of_its_rooms(
        self,
        shared: tuple[SharedChannelManager, list[dict[str, Any]]],
        services: Services,
        cast: Cast,
    ) -> None:
        manager, said = shared
        garden = cast.garden.id

        manager.emit("waved", {"by": "ana"}, NAMESPACE, [room_channel(garden), "user:cleo"])

        (told,) = said
        assert told["to"] == [room_channel(garden), "user:cleo"]
        assert told["versions"] == services.access.versions([garden])

    def test_keeps_to_itself_what_is_for_its_own_sockets(
        self, shared: tuple[SharedChannelManager, list[dict[str, Any]]]
    ) -> None:
        manager, said = shared

        manager.emit("heads", {"1": 1}, NAMESPACE, "room:1", ignore_queue=True)

        assert said == []

    def test_does_not_pass_on_what_another_process_said(
        self, shared: tuple[SharedChannelManager, list[dict[str, Any]]]
    ) -> None:
        manager, said = shared
        manager.enter_all("user:ben", "room:1")

        manager._follow(_Moved.model_validate(said[0]))

        assert len(said) == 1

    def test_asks_the_database_only_about_rooms_that_somebody_here_listens_to(
        self,
        shared: tuple[SharedChannelManager, list[dict[str, Any]]],
        services: Services,
        cast: Cast,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        manager, _ = shared
        asked: list[str] = []
        members = services.access.usernames
        monkeypatch.setattr(
            services.access, "usernames", lambda rooms: asked.extend(rooms) or members(rooms)
        )
        told = _Told(
            kind="told",
            event="waved",
            data={},
            to=[room_channel(cast.garden.id)],
            versions={cast.garden.id: 99},
        )

        manager._follow(told)
        assert asked == []

        manager.basic_enter_room("a socket", NAMESPACE, room_channel(cast.garden.id), "its line")
        manager._follow(told)
        assert asked == [cast.garden.id]

    @pytest.fixture
    def shared(
        self, app: Flask, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> tuple[SharedChannelManager, list[dict[str, Any]]]:
        """A manager, and what it said to a Redis that is only a list."""
        said: list[dict[str, Any]] = []
        manager = channel_manager("redis://localhost", services.access)
        assert isinstance(manager, SharedChannelManager)
        manager.set_server(app.extensions["socketio"].server)
        monkeypatch.setattr(manager, "_say", said.append)
        return manager, said
