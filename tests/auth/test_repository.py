"""Accounts, sessions and the workspace keep their word on every store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chatapp.auth.entities import Session, User, Workspace
from chatapp.auth.repository import SessionRepository, UserRepository, WorkspaceRepository
from chatapp.core.database import Documents
from tests.cast import Clock, at_once


def _user(clock: Clock, username: str, display_name: str = "", **more: bool) -> User:
    return User(
        username=username,
        display_name=display_name or username.title(),
        password_hash="$argon2id$…",
        created_at=clock(),
        **more,
    )


def _session(clock: Clock, key: str = "key") -> Session:
    return Session(
        key=key,
        username="ana",
        created_at=clock(),
        expires_at=clock() + timedelta(days=30),
        used_at=clock(),
        device="Firefox on Linux",
    )


@pytest.fixture
def users(database: Documents) -> UserRepository:
    return UserRepository(database)


class TestTheWorkspace:
    def test_is_none_until_it_is_saved(self, database: Documents) -> None:
        assert WorkspaceRepository(database).get_workspace() is None

    def test_is_the_one_saved_last(self, database: Documents) -> None:
        workspaces = WorkspaceRepository(database)
        workspaces.save_workspace(Workspace(name="Harbour", invite_nonce="one"))
        workspaces.save_workspace(Workspace(name="Harbour", invite_nonce="two"))

        assert workspaces.get_workspace() == Workspace(name="Harbour", invite_nonce="two")
        assert database["workspace"].count_documents({}) == 1


class TestAUser:
    def test_is_read_as_saved(self, users: UserRepository, clock: Clock) -> None:
        ana = _user(clock, "ana", "Ana Łępicka", is_site_admin=True, is_active=False)

        assert users.save_user(ana)
        assert users.get_user("ana") == ana
        assert users.get_users(["ana", "nobody"]) == [ana]

    def test_nobody_saved_is_none(self, users: UserRepository) -> None:
        assert users.get_user("ana") is None
        assert users.get_users([]) == []

    def test_of_a_name_in_use_is_not_saved(self, users: UserRepository, clock: Clock) -> None:
        users.save_user(_user(clock, "ana", "First"))

        assert not users.save_user(_user(clock, "ana", "Second"))
        assert users.get_user("ana") == _user(clock, "ana", "First")

    def test_has_a_password_that_can_change(self, users: UserRepository, clock: Clock) -> None:
        ana = _user(clock, "ana")
        users.save_user(ana)

        users.update_password_hash("ana", "another")

        assert users.get_user("ana") == replace(ana, password_hash="another")


class TestTheFounder:
    def test_is_one_only(self, users: UserRepository, clock: Clock) -> None:
        assert not users.has_founder()
        assert users.save_founder(_user(clock, "ana"))
        assert users.has_founder()

        assert not users.save_founder(_user(clock, "ben"))
        assert users.get_user("ben") is None

    def test_is_not_made_by_ordinary_accounts(self, users: UserRepository, clock: Clock) -> None:
        assert users.save_user(_user(clock, "ana"))
        assert users.save_user(_user(clock, "ben"))
        assert not users.has_founder()

    def test_is_one_only_when_eight_try_at_once(self, mongodb: Documents, clock: Clock) -> None:
        users = UserRepository(mongodb)

        saved = at_once(
            *[lambda n=n: users.save_founder(_user(clock, f"user{n}")) for n in range(8)]
        )

        assert sorted(saved) == [False] * 7 + [True]
        assert mongodb["users"].count_documents({}) == 1


class TestFindingPeople:
    @pytest.fixture(autouse=True)
    def _people(self, users: UserRepository, clock: Clock) -> None:
        for username, display_name in {
            "ana": "Ana Silva",
            "anabel": "Zoë",
            "ben": "Anatol",
            "cleo": "ÄNNE",
            "dora": "ana.*",
        }.items():
            users.save_user(_user(clock, username, display_name))
        users.save_user(_user(clock, "anton", "Ana Gone", is_active=False))

    @pytest.mark.parametrize(
        ("prefix", "found"),
        [
            ("ana", ["ana", "anabel", "ben", "dora"]),
            ("ANA", ["ana", "anabel", "ben", "dora"]),
            ("ana s", ["ana"]),
            ("änn", ["cleo"]),
            ("Silva", []),
            ("ana.*", ["dora"]),
            (".*", []),
            ("anton", []),
        ],
    )
    def test_is_by_the_start_of_either_name(
        self, users: UserRepository, prefix: str, found: list[str]
    ) -> None:
        assert [user.username for user in users.find_users(prefix, 8)] == found

    def test_stops_at_the_limit(self, users: UserRepository) -> None:
        assert len(users.find_users("a", 2)) == 2


class TestASession:
    def test_is_read_as_saved(self, database: Documents, clock: Clock) -> None:
        sessions = SessionRepository(database, clock)

        sessions.save_session(_session(clock))

        assert sessions.get_session("key") == _session(clock)
        assert sessions.get_session("another") is None

    def test_ends_when_it_is_removed_and_no_other_does(
        self, database: Documents, clock: Clock
    ) -> None:
        sessions = SessionRepository(database, clock)
        sessions.save_session(_session(clock))
        sessions.save_session(_session(clock, "other"))

        sessions.remove_sessions(["key"])
        sessions.remove_sessions(["key"])

        assert sessions.get_session("key") is None
        assert sessions.get_session("other") is not None

    def test_that_goes_on_is_told_from_those_that_do_not(
        self, database: Documents, clock: Clock
    ) -> None:
        sessions = SessionRepository(database, clock)
        for key in ("goes on", "removed", "prolonged"):
            sessions.save_session(_session(clock, key))
        sessions.prolong_session("prolonged", clock() + timedelta(days=40))
        sessions.prolong_session("goes on", clock())  # only ever put off
        sessions.remove_sessions(["removed"])
        sessions.prolong_session("removed", clock() + timedelta(days=40))

        everybody = ["goes on", "removed", "prolonged", "never was"]
        assert sessions.get_live(everybody) == {"goes on", "prolonged"}
        clock.forward(timedelta(days=30))
        assert sessions.get_live(everybody) == {"prolonged"}

    def test_is_listed_for_its_person_the_last_used_first(
        self, database: Documents, clock: Clock
    ) -> None:
        sessions = SessionRepository(database, clock)
        first = _session(clock, "first")
        sessions.save_session(first)
        sessions.save_session(replace(_session(clock, "bens"), username="ben"))
        clock.forward(timedelta(hours=1))
        sessions.save_session(_session(clock, "second"))
        clock.forward(timedelta(hours=1))
        sessions.prolong_session("first", clock())

        listed = sessions.get_sessions_of("ana")
        assert [session.key for session in listed] == ["first", "second"]
        assert listed[0] == replace(first, used_at=clock())
        clock.forward(timedelta(days=29, hours=22))
        assert [session.key for session in sessions.get_sessions_of("ana")] == ["second"]

    def test_of_an_older_version_was_last_used_when_it_began(
        self, database: Documents, clock: Clock
    ) -> None:
        sessions = SessionRepository(database, clock)
        sessions.save_session(_session(clock))
        database["sessions"].update_one({"_id": "key"}, {"$unset": {"used_at": 1, "device": 1}})

        found = sessions.get_session("key")

        assert found is not None
        assert (found.used_at, found.device) == (found.created_at, "")

    def test_ends_by_itself_to_the_millisecond(self, database: Documents, clock: Clock) -> None:
        sessions = SessionRepository(database, clock)
        sessions.save_session(_session(clock))

        clock.forward(timedelta(days=30, milliseconds=-1))
        assert sessions.get_session("key") is not None

        clock.forward(timedelta(milliseconds=1))
        assert sessions.get_session("key") is None
