"""Rooms, members and messages against a plain model: whatever is done in whatever order."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chatapp.chat.repository import MessageRepository
from chatapp.core.database import Documents
from chatapp.core.errors import ChatError
from chatapp.core.events import EventBus
from chatapp.services import Services, build_services
from tests.cast import PASSWORD, Clock
from tests.faults import figures
from tests.faults.audit import Verdict
from tests.faults.sizes import FULL, QUICK

PEOPLE = ("ana", "ben", "cleo")
someone = st.sampled_from(PEOPLE)
which = st.integers(0, 3)
COLLECTIONS = ("users", "sessions", "workspace", "rooms", "room_members", "messages", "audit")


class Model:
    """A room as anybody would write it down: who is in it, who runs it, what was said."""

    def __init__(self, founder: str) -> None:
        self.members = {founder}
        self.admins = {founder}
        self.said: list[tuple[str, str]] = []
        self.by_client_id: dict[tuple[str, str], int] = {}


class Chat(RuleBasedStateMachine):
    store: Callable[[], Documents]
    """A function: Hypothesis looks into attributes, and a database has one of every name."""
    done = 0
    """How much was tried."""

    @initialize()
    def begin(self) -> None:
        database = self.store()
        for name in COLLECTIONS:
            database[name].delete_many({})
        self.services: Services = build_services(
            database, EventBus(), Clock(), secret_key="for tests", is_open=True
        )
        accounts = self.services.accounts
        accounts.set_up("Harbour", "ana", PASSWORD)
        for name in PEOPLE[1:]:
            accounts.sign_up(name, f"Person {name}", PASSWORD)
        self.users: dict[str, Any] = {name: accounts.find(name) for name in PEOPLE}
        self.rooms: dict[str, Model] = {}

    def _room(self, number: int) -> tuple[str, Model]:
        room_id = list(self.rooms)[number % len(self.rooms)]
        return room_id, self.rooms[room_id]

    def _does(self, work: Callable[[], object], is_allowed: bool) -> bool:
        """Do it; that it was refused has to be what the model says."""
        type(self).done += 1
        try:
            work()
        except ChatError:
            assert not is_allowed
            return False
        assert is_allowed
        return True

    @rule(who=someone)
    def make_a_room(self, who: str) -> None:
        room = self.services.rooms.create(self.users[who], "Pier")
        self.rooms[room.id] = Model(who)

    @precondition(lambda self: self.rooms)
    @rule(actor=someone, who=someone, number=which)
    def add(self, actor: str, who: str, number: int) -> None:
        room_id, model = self._room(number)
        work = lambda: self.services.rooms.add_members(self.users[actor], room_id, [who])  # noqa: E731
        if self._does(work, actor in model.admins):
            model.members.add(who)

    @precondition(lambda self: self.rooms)
    @rule(actor=someone, who=someone, number=which)
    def remove(self, actor: str, who: str, number: int) -> None:
        room_id, model = self._room(number)
        is_allowed = actor in model.admins and who in model.members and model.admins != {who}
        work = lambda: self.services.rooms.remove_member(self.users[actor], room_id, who)  # noqa: E731
        if self._does(work, is_allowed):
            model.members.discard(who)
            model.admins.discard(who)

    @precondition(lambda self: self.rooms)
    @rule(who=someone, number=which)
    def leave(self, who: str, number: int) -> None:
        room_id, model = self._room(number)
        is_allowed = who in model.members and model.admins != {who}
        if self._does(lambda: self.services.rooms.leave(self.users[who], room_id), is_allowed):
            model.members.discard(who)
            model.admins.discard(who)

    @precondition(lambda self: self.rooms)
    @rule(actor=someone, who=someone, number=which)
    def make_admin(self, actor: str, who: str, number: int) -> None:
        room_id, model = self._room(number)
        is_allowed = actor in model.admins and who in model.members
        work = lambda: self.services.rooms.make_admin(self.users[actor], room_id, who)  # noqa: E731
        if self._does(work, is_allowed):
            model.admins.add(who)

    @precondition(lambda self: self.rooms)
    @rule(actor=someone, who=someone, number=which)
    def unmake_admin(self, actor: str, who: str, number: int) -> None:
        room_id, model = self._room(number)
        is_allowed = actor in model.admins and who in model.members and model.admins != {who}
        work = lambda: self.services.rooms.unmake_admin(self.users[actor], room_id, who)  # noqa: E731
        if self._does(work, is_allowed):
            model.admins.discard(who)

    @precondition(lambda self: self.rooms)
    @rule(who=someone, number=which, text=st.text("ab", min_size=1), client=st.integers(0, 1))
    def say(self, who: str, number: int, text: str, client: int) -> None:
        room_id, model = self._room(number)
        client_id = f"c{client}"
        said = []
        work = lambda: said.append(  # noqa: E731
            self.services.messages.post(self.users[who], room_id, text, client_id)
        )
        if not self._does(work, who in model.members):
            return
        if (who, client_id) not in model.by_client_id:  # asked again, the first one counts
            model.said.append((who, text))
            model.by_client_id[who, client_id] = len(model.said)
        assert said[0].seq == model.by_client_id[who, client_id]

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        for room_id, model in getattr(self, "rooms", {}).items():
            for name in PEOPLE:
                user = self.users[name]
                if name not in model.members:
                    assert not self._can_read(user, room_id)
                    continue
                history = self.services.messages.history(user, room_id, after=0, limit=200)
                assert [(m.sender, m.text) for m in history.messages] == model.said
                assert [m.seq for m in history.messages] == list(range(1, len(model.said) + 1))
                members = self.services.rooms.members(user, room_id)
                assert {m.username for m in members} == model.members
                assert {m.username for m in members if m.is_room_admin} == model.admins

    def _can_read(self, user: Any, room_id: str) -> bool:
        try:
            self.services.messages.history(user, room_id)
        except ChatError:
            return False
        return True


def run(database: Documents, size: str, *, is_hunt: bool = False) -> int:
    """Try what comes to mind; return how much was tried."""
    chosen = {"quick": QUICK, "full": FULL}[size]
    machine = type("Machine", (Chat,), {"store": staticmethod(lambda: database)})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=chosen.examples,
            stateful_step_count=chosen.steps,
            deadline=None,
            # A hunt is the same each time, and what it finds need not be made small.
            derandomize=is_hunt,
            phases=[Phase.generate] if is_hunt else tuple(Phase),
            suppress_health_check=list(HealthCheck),
        ),
    )
    done: int = machine.done  # type: ignore[attr-defined]
    return done


def test_does_what_the_model_does(
    database: Documents,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    done = run(database, request.config.getoption("--faults"))

    store = request.node.callspec.params["database"]
    record_property(*figures.line(f"Model of rooms, {store}", Verdict(tries=done)))


def test_teeth_doubling_what_is_asked_again_is_caught(
    database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock = MessageRepository.save_messages

    def save_messages(self: Any, room_id: str, drafts: Any) -> Any:
        return stock(self, room_id, [_without_id(draft) for draft in drafts])

    monkeypatch.setattr(MessageRepository, "save_messages", save_messages)

    with pytest.raises(AssertionError):
        run(database, "quick", is_hunt=True)


def _without_id(draft: Any) -> Any:
    return type(draft)(text=draft.text, sender=draft.sender, client_id=None)
