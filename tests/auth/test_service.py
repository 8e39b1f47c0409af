"""The rules of accounts."""

from datetime import timedelta
from typing import Any

import argon2
import pytest

from chatapp.auth.entities import User
from chatapp.auth.errors import (
    AlreadySetUp,
    DisplayNameInvalid,
    InviteInvalid,
    PasswordInvalid,
    PasswordTooCommon,
    SiteAdminOnly,
    UsernameInvalid,
    UsernameTaken,
    WorkspaceNameInvalid,
    WrongPassword,
)
from chatapp.auth.events import SignedOut, SignedUp, WorkspaceCreated
from chatapp.auth.repository import SessionRepository
from chatapp.auth.service import PROLONGED_EVERY, SESSION_IDLE, SESSION_LIFETIME
from chatapp.core.database import MEMORY_URI, connect
from chatapp.core.errors import ChatError
from chatapp.core.events import Event, EventBus, user_channel
from chatapp.services import Services, build_services
from migrations_seed.runner import migrate
from tests.cast import PASSWORD, Cast, Clock, Listening, at_once

GOOD_USERNAMES = ["ab", "a" * 32, "0-9", "ana.b_c-d", "  ana2  ", "ANA2"]
BAD_USERNAMES = [
    "",
    "a",
    "a" * 33,
    ".ana",
    "-ana",
    "_ana",
    "a b",
    "ana/ben",
    "ana\nben",
    "änä",
    "аnа",
    "ana@x",
    "ana\0",
    "a{$gt}",
    "\ud800\ud800",
]
BAD_NAMES = ["", "   ", "\u200b", "a" * 65]


@pytest.fixture
def empty(clock: Clock) -> Services:
    """Services over an empty database, with a clock of our own."""
    database = connect(MEMORY_URI)
    migrate(database)
    return build_services(database, EventBus(), clock, secret_key="for tests", is_open=False)


def _all_of(services: Services) -> dict[str, Any]:
    return {name: list(services.database[name].find()) for name in ("users", "workspace", "rooms")}


class TestSettingUp:
    def test_makes_a_site_admin_and_a_workspace_and_says_so(self, empty: Services) -> None:
        heard = Listening()
        empty.bus.subscribe(Event, heard.append)

        ana = empty.accounts.set_up("  Harbour ", "Ana", PASSWORD)

        assert (ana.username, ana.is_site_admin) == ("ana", True)
        assert empty.accounts.find("ana") == ana
        assert empty.accounts.workspace().name == "Harbour"
        assert heard == [WorkspaceCreated(founder=ana)]

    @pytest.mark.parametrize(
        ("typed", "name"), [("Ana Marin", "Ana Marin"), ("", "Ana"), (" \t", "Ana")]
    )
    def test_calls_the_founder_as_they_say_or_by_their_username(
        self, empty: Services, typed: str, name: str
    ) -> None:
        ana = empty.accounts.set_up("Harbour", "Ana", PASSWORD, typed)

        assert (ana.username, ana.display_name) == ("ana", name)

    def test_opens_the_room_general(self, services: Services) -> None:
        ana = services.accounts.set_up("Harbour", "ana", PASSWORD)

        (general,) = services.rooms.list_for(ana)
        assert general.room_name == "General"
        assert services.rooms.membership(ana, general.room_id).is_room_admin

    def test_happens_once(self, empty: Services) -> None:
        assert not empty.accounts.is_set_up()
        empty.accounts.set_up("Harbour", "ana", PASSWORD)
        assert empty.accounts.is_set_up()
        before = _all_of(empty)

        with pytest.raises(AlreadySetUp):
            empty.accounts.set_up("Mutiny", "ben", PASSWORD)

        assert _all_of(empty) == before

    def test_happens_once_when_eight_try_at_the_same_moment(self, harbour: Services) -> None:
        outcomes = at_once(
            *[lambda n=n: harbour.accounts.set_up(f"W{n}", f"user{n}", PASSWORD) for n in range(8)]
        )

        (founder,) = [outcome for outcome in outcomes if isinstance(outcome, User)]
        assert sum(isinstance(outcome, AlreadySetUp) for outcome in outcomes) == 7
        assert [user["_id"] for user in harbour.database["users"].find()] == [founder.username]
        assert harbour.accounts.workspace().name == f"W{founder.username[-1]}"
        assert harbour.database["rooms"].count_documents({}) == 1

    @pytest.mark.parametrize(
        ("workspace", "username", "password", "refusal"),
        [
            ("", "ana", PASSWORD, WorkspaceNameInvalid),
            ("w" * 65, "ana", PASSWORD, WorkspaceNameInvalid),
            ("Harbour", "a", PASSWORD, UsernameInvalid),
            ("Harbour", "ana", "short", PasswordInvalid),
            ("Harbour", "ana", "password", PasswordTooCommon),
        ],
    )
    def test_refused_leaves_everything_as_it_was(
        self,
        empty: Services,
        workspace: str,
        username: str,
        password: str,
        refusal: type[ChatError],
    ) -> None:
        with pytest.raises(refusal):
            empty.accounts.set_up(workspace, username, password)

        assert not empty.accounts.is_set_up()
        assert _all_of(empty) == {"users": [], "workspace": [], "rooms": []}


class TestTheInvite:
    def test_is_for_site_admins_to_see_and_renew(self, services: Services, cast: Cast) -> None:
        assert services.accounts.invite(cast.ana)
        for refused in (services.accounts.invite, services.accounts.renew_invite):
            with pytest.raises(SiteAdminOnly):
                refused(cast.ben)

    def test_stays_until_it_is_renewed(self, services: Services, cast: Cast) -> None:
        first = services.accounts.invite(cast.ana)
        assert services.accounts.invite(cast.ana) == first

        second = services.accounts.renew_invite(cast.ana)

        assert services.accounts.invite(cast.ana) == second
        assert services.accounts.may_sign_up(second)
        assert not services.accounts.may_sign_up(first)

    @pytest.mark.parametrize("invite", [None, "", "x", "0" * 32, "\ud800", "é"])
    def test_lets_nobody_in_without_the_link(
        self, services: Services, cast: Cast, invite: str | None
    ) -> None:
        assert not services.accounts.may_sign_up(invite)
        with pytest.raises(InviteInvalid):
            services.accounts.sign_up("dora", "Dora", PASSWORD, invite)
        assert services.accounts.find("dora") is None

    def test_is_not_in_the_database(self, services: Services, cast: Cast) -> None:
        invite = services.accounts.invite(cast.ana)

        assert invite not in repr(_all_of(services))

    def test_is_not_needed_where_sign_up_is_open(self, clock: Clock) -> None:
        database = connect(MEMORY_URI)
        migrate(database)
        open_one = build_services(
            database, EventBus(), clock, secret_key="for tests", is_open=True
        ).accounts

        assert not open_one.may_sign_up(None)  # the first account is made by set-up
        open_one.set_up("Harbour", "ana", PASSWORD)

        assert open_one.may_sign_up(None)
        assert open_one.sign_up("ben", "Ben", PASSWORD).username == "ben"


class TestSigningUp:
    @pytest.fixture
    def invite(self, services: Services, cast: Cast) -> str:
        return services.accounts.invite(cast.ana)

    def test_makes_an_account_and_says_so(
        self, services: Services, told: Listening, invite: str
    ) -> None:
        dora = services.accounts.sign_up("Dora", " Dora  Lind ", PASSWORD, invite)

        assert (dora.username, dora.display_name) == ("dora", "Dora Lind")
        assert not dora.is_site_admin
        assert services.accounts.find("dora") == dora
        assert told.of(SignedUp) == [SignedUp(user=dora)]

    @pytest.mark.parametrize("username", GOOD_USERNAMES)
    def test_takes_a_username_within_the_rules(
        self, services: Services, invite: str, username: str
    ) -> None:
        user = services.accounts.sign_up(username, "Somebody", PASSWORD, invite)

        assert user.username == username.strip().lower()

    @pytest.mark.parametrize("username", BAD_USERNAMES)
    def test_I8_refuses_a_username_outside_them(
        self, services: Services, invite: str, username: str
    ) -> None:
        with pytest.raises(UsernameInvalid):
            services.accounts.sign_up(username, "Somebody", PASSWORD, invite)

    @pytest.mark.parametrize("username", ["ben", "BEN", " ben "])
    def test_refuses_a_username_in_use(
        self, services: Services, invite: str, cast: Cast, username: str
    ) -> None:
        with pytest.raises(UsernameTaken):
            services.accounts.sign_up(username, "Another Ben", PASSWORD, invite)

        assert services.accounts.find("ben") == cast.ben

    @pytest.mark.parametrize("name", ["a", "a" * 64, "Zoë 🌱", "李"])
    def test_takes_a_display_name_within_the_rules(
        self, services: Services, invite: str, name: str
    ) -> None:
        assert services.accounts.sign_up("dora", name, PASSWORD, invite).display_name == name

    @pytest.mark.parametrize("name", BAD_NAMES)
    def test_I7_refuses_a_display_name_outside_them(
        self, services: Services, invite: str, name: str
    ) -> None:
        with pytest.raises(DisplayNameInvalid):
            services.accounts.sign_up("dora", name, PASSWORD, invite)

    @pytest.mark.parametrize("password", ["short", "password", "dora-dora"])
    def test_refuses_a_password_that_anybody_would_try(
        self, services: Services, invite: str, password: str
    ) -> None:
        with pytest.raises((PasswordInvalid, PasswordTooCommon)):
            services.accounts.sign_up("dora-dora", "Dora", password, invite)

        assert services.accounts.find("dora-dora") is None

    def test_keeps_no_password_in_the_clear(self, services: Services, invite: str) -> None:
        services.accounts.sign_up("dora", "Dora", PASSWORD, invite)

        assert PASSWORD not in repr(_all_of(services))

    def test_gives_a_username_once_when_eight_want_it_at_once(self, harbour: Services) -> None:
        ana = harbour.accounts.set_up("Harbour", "ana", PASSWORD)
        invite = harbour.accounts.invite(ana)

        outcomes = at_once(
            *[
                lambda n=n: harbour.accounts.sign_up("dora", f"Dora {n}", PASSWORD, invite)
                for n in range(8)
            ]
        )

        (dora,) = [outcome for outcome in outcomes if isinstance(outcome, User)]
        assert sum(isinstance(outcome, UsernameTaken) for outcome in outcomes) == 7
        assert harbour.accounts.find("dora") == dora


class TestSuggesting:
    def test_names_people_by_the_start_of_either_name(self, services: Services, cast: Cast) -> None:
        def suggested(typed: str) -> list[str]:
            return [user.username for user in services.accounts.suggest(cast.ana, typed)]

        assert suggested("b") == ["ben"]
        assert suggested(" Cleo M") == ["cleo"]
        assert suggested("") == []
        assert suggested("x" * 10_000) == []

    def test_names_eight_at_most(self, services: Services, cast: Cast) -> None:
        invite = services.accounts.invite(cast.ana)
        for number in range(9):
            services.accounts.sign_up(f"dora{number}", "Dora", PASSWORD, invite)

        assert len(services.accounts.suggest(cast.ana, "dora")) == 8

    def test_gives_names_by_username_and_none_for_nobody(
        self, services: Services, cast: Cast
    ) -> None:
        assert services.accounts.names(["ben", "nobody"]) == {"ben": "Ben Okafor"}


class TestSigningIn:
    @pytest.mark.parametrize("username", ["ben", "BEN", " ben "])
    def test_starts_a_session(self, services: Services, cast: Cast, username: str) -> None:
        session_id = services.accounts.sign_in(username, PASSWORD)

        found = services.accounts.find_signed_in(session_id)
        assert found is not None
        assert found.user == cast.ben

    @pytest.mark.parametrize(
        ("username", "password"),
        [
            ("ben", "wrong"),
            ("ben", ""),
            ("ben", PASSWORD + " "),
            ("ben", PASSWORD.upper()),
            ("nobody", PASSWORD),
            ("", ""),
            ("\ud800", "\ud800"),
        ],
    )
    def test_S10_answers_alike_to_a_wrong_name_and_a_wrong_password(
        self, services: Services, cast: Cast, username: str, password: str
    ) -> None:
        with pytest.raises(WrongPassword) as refused:
            services.accounts.sign_in(username, password)

        assert (refused.value.message, refused.value.details) == (WrongPassword.sentence, {})
        assert services.database["sessions"].count_documents({}) == 0

    def test_is_refused_to_a_closed_account_as_if_it_were_not_there(
        self, services: Services, cast: Cast
    ) -> None:
        session_id = services.accounts.sign_in("ben", PASSWORD)
        services.database["users"].update_one({"_id": "ben"}, {"$set": {"is_active": False}})

        with pytest.raises(WrongPassword):
            services.accounts.sign_in("ben", PASSWORD)
        assert services.accounts.find_signed_in(session_id) is None

    @pytest.mark.full_hashing
    def test_hashes_anew_what_was_hashed_with_less(self, services: Services, cast: Cast) -> None:
        weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        services.database["users"].update_one({"_id": "ben"}, {"$set": {"password_hash": weak}})

        services.accounts.sign_in("ben", PASSWORD)

        ben = services.accounts.find("ben")
        assert ben is not None
        assert argon2.extract_parameters(ben.password_hash).memory_cost > 8
        assert services.accounts.sign_in("ben", PASSWORD)


class TestASession:
    def test_is_a_new_one_each_time(self, services: Services, cast: Cast) -> None:
        ids = {services.accounts.start_session(cast.ana) for _ in range(10)}

        assert len(ids) == 10
        assert all(len(session_id) >= 43 for session_id in ids)  # 256 bits

    def test_is_stored_as_a_hash_that_opens_nothing(self, services: Services, cast: Cast) -> None:
        session_id = services.accounts.start_session(cast.ana)

        (stored,) = services.database["sessions"].find()

        assert session_id not in repr(stored)
        assert services.accounts.find_signed_in(stored["_id"]) is None
        assert services.accounts.find_signed_in(session_id) is not None

    @pytest.mark.parametrize("session_id", ["", "x", "\ud800"])
    def test_made_up_is_nobodys(self, services: Services, cast: Cast, session_id: str) -> None:
        assert services.accounts.find_signed_in(session_id) is None

    def test_S4_lasts_thirty_days_however_much_it_is_used(
        self, empty: Services, clock: Clock
    ) -> None:
        ana = empty.accounts.set_up("Harbour", "ana", PASSWORD)
        session_id = empty.accounts.start_session(ana)

        for _ in range(30):
            clock.forward(timedelta(days=1, milliseconds=-1))
            assert empty.accounts.find_signed_in(session_id) is not None

        clock.forward(timedelta(milliseconds=30))
        assert empty.accounts.find_signed_in(session_id) is None
        assert timedelta(days=30) == SESSION_LIFETIME

    def test_S4_lasts_two_weeks_unused(self, empty: Services, clock: Clock) -> None:
        ana = empty.accounts.set_up("Harbour", "ana", PASSWORD)
        session_id = empty.accounts.start_session(ana)

        clock.forward(timedelta(days=13))
        assert empty.accounts.find_signed_in(session_id) is not None
        clock.forward(timedelta(days=14, milliseconds=-1))
        assert empty.accounts.find_signed_in(session_id) is not None

        clock.forward(timedelta(days=14))
        assert empty.accounts.find_signed_in(session_id) is None
        assert timedelta(days=14) == SESSION_IDLE

    def test_S4_that_is_looked_at_is_not_used(self, empty: Services, clock: Clock) -> None:
        ana = empty.accounts.set_up("Harbour", "ana", PASSWORD)
        session_id = empty.accounts.start_session(ana)
        found = empty.accounts.find_signed_in(session_id)
        assert found is not None

        for _ in range(14):
            assert empty.accounts.live_sessions([found.session.key]) == {found.session.key}
            clock.forward(timedelta(days=1))

        assert empty.accounts.live_sessions([found.session.key]) == set()

    def test_is_written_to_once_an_hour(
        self, empty: Services, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ana = empty.accounts.set_up("Harbour", "ana", PASSWORD)
        session_id = empty.accounts.start_session(ana)
        written = []
        stock = SessionRepository.prolong_session
        monkeypatch.setattr(
            SessionRepository,
            "prolong_session",
            lambda *asked: (written.append(clock()), stock(*asked)),
        )

        for _ in range(180):
            clock.forward(timedelta(minutes=1))
            empty.accounts.find_signed_in(session_id)

        assert len(written) == timedelta(minutes=180) / PROLONGED_EVERY

    @pytest.mark.parametrize("end", ["sign out", "deactivate", "run out"])
    def test_ends_for_a_process_that_remembers_it(
        self, empty: Services, clock: Clock, end: str
    ) -> None:
        ana = empty.accounts.set_up("Harbour", "ana", PASSWORD)
        empty.memory.beat()
        session_id = empty.accounts.start_session(ana)
        for _ in range(2):  # the second time it is remembered
            found = empty.accounts.find_signed_in(session_id)
            assert found is not None

        if end == "sign out":
            empty.accounts.sign_out(found.session)
        elif end == "deactivate":
            other = empty.accounts.start_session(ana)
            empty.database["users"].update_one({"_id": "ana"}, {"$set": {"is_active": False}})
            empty.memory.changed(user_channel("ana"))
            assert empty.accounts.find_signed_in(other) is None
        else:
            clock.forward(SESSION_IDLE)

        assert empty.accounts.find_signed_in(session_id) is None

    def test_ends_at_sign_out_and_no_other_does(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        ends = services.accounts.start_session(cast.ana)
        stays = services.accounts.start_session(cast.ana)
        found = services.accounts.find_signed_in(ends)
        assert found is not None

        services.accounts.sign_out(found.session)

        assert services.accounts.find_signed_in(ends) is None
        assert services.accounts.find_signed_in(stays) is not None
        assert services.database["sessions"].count_documents({}) == 1
        assert told == [SignedOut(session_key=found.session.key)]
