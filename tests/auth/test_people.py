"""Managing people: who may, what ends, and that somebody always runs the workspace."""

from collections.abc import Callable

import pytest

from chatapp.auth.errors import (
    LastSiteAdmin,
    NameLooksAlike,
    SiteAdminOnly,
    UserNotFound,
    WrongCurrentPassword,
    WrongPassword,
)
from chatapp.auth.events import (
    PasswordChanged,
    SignedOutEverywhere,
    SiteAdminChanged,
    UserActivated,
    UserDeactivated,
)
from chatapp.core.errors import ChatError
from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Cast, Listening, at_once, knock

SignIn = Callable[[str], Browser]
NEW = "another-gate-9"

# Ways to write "Ana", the name of the site admin, so that it looks the same.
LOOK_ALIKES = [
    *("ANA", "ana", "Аna", "Anа", "Аnа", "Αna", "Anα", "Ɑna", "Ána", "Anä", "Ānā", "Åna"),
    *("Ａｎａ", "𝐀𝐧𝐚", "𝒜𝓃𝒶", "𝔸𝕟𝕒", "Ⓐⓝⓐ", "ᴀɴᴀ", "Aոa", "Aпa", "A n a", "A-n-a", "A.n.a"),
    *("A_n_a", "Ana!", "Ana.", "(Ana)", "[Ana]", "Ana™", "A\u200bna", "Ana\u2060", "\u00adAna"),
    *("A\u200cna", "Ana\ufeff", "A\u0301na", "An\u0303a", "Añа", "Ana\u0307", "ÀΝА", "aΝa"),
]


class TestClosingAnAccount:
    def test_ends_its_sessions_and_says_so(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        session_id = services.accounts.sign_in("ben", PASSWORD)

        services.accounts.deactivate(cast.ana, "ben")

        assert services.accounts.find_signed_in(session_id) is None
        assert services.database["sessions"].count_documents({"username": "ben"}) == 0
        with pytest.raises(WrongPassword):
            services.accounts.sign_in("ben", PASSWORD)
        assert told.of(UserDeactivated) == [UserDeactivated(username="ben", by="ana")]
        assert told.of(SignedOutEverywhere) == [SignedOutEverywhere(username="ben")]

    def test_can_be_undone_but_brings_no_session_back(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        session_id = services.accounts.sign_in("ben", PASSWORD)
        services.accounts.deactivate(None, "ben")

        services.accounts.activate(None, "ben")

        assert services.accounts.find_signed_in(session_id) is None
        assert services.accounts.sign_in("ben", PASSWORD)
        assert services.rooms.list_for(cast.ben)
        assert told.of(UserActivated) == [UserActivated(username="ben", by="(console)")]

    def test_twice_is_once(self, services: Services, cast: Cast, told: Listening) -> None:
        for _ in range(2):
            services.accounts.deactivate(cast.ana, "ben")

        assert len(told.of(UserDeactivated)) == 1

    def test_ends_a_session_that_was_being_made(self, services: Services, cast: Cast) -> None:
        before = services.accounts.find("ben")
        assert before is not None
        services.accounts.deactivate(cast.ana, "ben")
        services.accounts.activate(cast.ana, "ben")

        late = services.accounts.start_session(before)  # its password was right a moment ago

        assert services.accounts.find_signed_in(late) is None


class TestRunningTheWorkspace:
    def test_is_for_site_admins(self, services: Services, cast: Cast) -> None:
        accounts = services.accounts
        for work in (
            lambda: accounts.list_people(cast.ben),
            lambda: accounts.deactivate(cast.ben, "cleo"),
            lambda: accounts.activate(cast.ben, "cleo"),
            lambda: accounts.set_site_admin(cast.ben, "ben", is_site_admin=True),
        ):
            with pytest.raises(SiteAdminOnly):
                work()

    def test_of_nobody_is_refused(self, services: Services, cast: Cast) -> None:
        with pytest.raises(UserNotFound):
            services.accounts.deactivate(cast.ana, "nobody")

    @pytest.mark.parametrize("how", ["deactivate", "unmake"])
    def test_Z9_is_never_left_to_nobody(self, services: Services, cast: Cast, how: str) -> None:
        with pytest.raises(LastSiteAdmin):
            _end(services, how, "ana")

        services.accounts.set_site_admin(cast.ana, "ben", is_site_admin=True)
        _end(services, how, "ana")

        with pytest.raises(LastSiteAdmin):
            _end(services, how, "ben")
        ben = services.accounts.find("ben")
        assert ben is not None
        assert ben.is_site_admin

    def test_can_be_handed_on_and_says_so(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        services.accounts.set_site_admin(cast.ana, "ben", is_site_admin=True)

        assert told.of(SiteAdminChanged) == [
            SiteAdminChanged(username="ben", by="ana", is_site_admin=True)
        ]

    def test_one_who_is_back_counts_again(self, services: Services, cast: Cast) -> None:
        services.accounts.set_site_admin(None, "ben", is_site_admin=True)
        services.accounts.deactivate(None, "ben")
        with pytest.raises(LastSiteAdmin):
            services.accounts.deactivate(None, "ana")

        services.accounts.activate(None, "ben")
        services.accounts.deactivate(None, "ana")

    def test_Z9_two_who_close_each_other_leave_one(self, harbour: Services) -> None:
        ana = harbour.accounts.set_up("Harbour", "ana", PASSWORD)
        harbour.accounts.sign_up("ben", "Ben", PASSWORD, harbour.accounts.invite(ana))
        for _ in range(25):
            harbour.accounts.set_site_admin(None, "ben", is_site_admin=True)

            outcomes = at_once(
                lambda: harbour.accounts.deactivate(None, "ana"),
                lambda: harbour.accounts.set_site_admin(None, "ben", is_site_admin=False),
            )

            people = [harbour.accounts.find(name) for name in ("ana", "ben")]
            assert any(user and user.is_active and user.is_site_admin for user in people)
            assert sum(isinstance(outcome, LastSiteAdmin) for outcome in outcomes) == 1
            harbour.accounts.activate(None, "ana")


def _end(services: Services, how: str, username: str) -> None:
    if how == "deactivate":
        services.accounts.deactivate(None, username)
    else:
        services.accounts.set_site_admin(None, username, is_site_admin=False)


class TestChangingAPassword:
    def test_S3_ends_every_session_but_the_one_that_follows(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        before = [services.accounts.sign_in("ben", PASSWORD) for _ in range(2)]

        after = services.accounts.change_password(cast.ben, PASSWORD, NEW)

        assert [services.accounts.find_signed_in(session_id) for session_id in before] == [None] * 2
        assert services.accounts.find_signed_in(after) is not None
        assert services.accounts.sign_in("ben", NEW)
        with pytest.raises(WrongPassword):
            services.accounts.sign_in("ben", PASSWORD)
        assert told.of(PasswordChanged) == [PasswordChanged(username="ben")]

    @pytest.mark.parametrize(
        ("current", "new"), [("wrong", NEW), (PASSWORD, "short"), (PASSWORD, "password")]
    )
    def test_refused_changes_nothing(
        self, services: Services, cast: Cast, current: str, new: str
    ) -> None:
        session_id = services.accounts.sign_in("ben", PASSWORD)

        with pytest.raises(ChatError):
            services.accounts.change_password(cast.ben, current, new)

        assert services.accounts.find_signed_in(session_id) is not None
        assert services.accounts.sign_in("ben", PASSWORD)

    def test_S9_is_no_way_around_the_guard(self, services: Services, cast: Cast) -> None:
        for _ in range(5):
            with pytest.raises(WrongCurrentPassword):
                services.accounts.change_password(cast.ben, "wrong", NEW)

        with pytest.raises(ChatError, match="slow_down"):
            services.accounts.change_password(cast.ben, PASSWORD, NEW)

    def test_can_be_done_at_the_console_for_who_forgot(
        self, services: Services, cast: Cast
    ) -> None:
        session_id = services.accounts.sign_in("ben", PASSWORD)

        given = services.accounts.reset_password("ben")

        assert services.accounts.find_signed_in(session_id) is None
        assert services.accounts.sign_in("ben", given)


class TestNames:
    @pytest.mark.parametrize("name", LOOK_ALIKES)
    def test_I8_that_look_like_a_site_admins_are_refused(
        self, services: Services, cast: Cast, name: str
    ) -> None:
        with pytest.raises(NameLooksAlike):
            services.accounts.sign_up("mallory", name, PASSWORD, services.accounts.invite(cast.ana))

    @pytest.mark.parametrize("name", ["Anna", "Anastasia", "Hana", "Mallory", "Аня", "安娜"])
    def test_I8_of_others_are_free(self, services: Services, cast: Cast, name: str) -> None:
        invite = services.accounts.invite(cast.ana)

        assert services.accounts.sign_up("mallory", name, PASSWORD, invite).display_name == name


class TestThePages:
    def test_change_a_password_and_stay_in(self, sign_in: SignIn) -> None:
        here, elsewhere = sign_in("ben"), sign_in("ben")

        answer = here.post("/account", {"current": PASSWORD, "password": NEW})

        assert (answer.status_code, answer.location) == (303, "/account")
        page = here.get("/account")
        assert page.status_code == 200
        assert "Your password is changed" in page.text
        assert elsewhere.get("/").status_code == 302
        assert knock(elsewhere).status_code == 401

    def test_mark_the_field_that_is_wrong(self, sign_in: SignIn) -> None:
        answer = sign_in("ben").post("/account", {"current": "wrong", "password": NEW})

        assert answer.status_code == 400
        assert 'id="current-error"' in answer.text

    def test_S9_say_when_to_try_again(self, visitor: Browser, cast: Cast) -> None:
        wrong = {"username": "ben", "password": "wrong"}
        statuses = [visitor.post("/login", wrong).status_code for _ in range(5)]

        refused = visitor.post("/login", {"username": "ben", "password": PASSWORD})

        assert statuses == [400] * 5
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert "Please try again in" in refused.text
        assert 'value="ben"' in refused.text

    def test_manage_people(self, sign_in: SignIn, services: Services) -> None:
        ana, ben = sign_in("ana"), sign_in("ben")

        for word, told in (
            ("make-site-admin", "ben is a site admin now."),
            ("unmake-site-admin", "ben is no longer a site admin."),
            ("deactivate", "ben is deactivated"),
        ):
            answer = ana.post(f"/admin/people/ben/{word}")
            assert (answer.status_code, answer.location) == (303, "/admin/people")
            page = ana.get("/admin/people")
            assert page.status_code == 200
            assert told in page.text
        assert ben.get("/").status_code == 302
        ana.post("/admin/people/ben/activate")

        assert ben.sign_in("ben").get("/admin/people").status_code == 403


class TestTheConsole:
    def test_does_the_same(self, cast: Cast, visitor: Browser) -> None:
        def run(*words: str) -> tuple[int, str]:
            done = visitor.app.test_cli_runner().invoke(args=["people", *words])
            return done.exit_code, done.output.strip()

        assert run("list") == (0, "ana site admin\nben\ncleo")
        assert run("deactivate", "ana") == (
            1,
            "Error: Somebody has to run this workspace. Make another person a site admin first.",
        )
        assert run("make-site-admin", "ben") == (0, "")
        assert run("deactivate", "ana") == (0, "")
        assert run("list") == (0, "ana site admin deactivated\nben site admin\ncleo")
        assert run("activate", "ana") == (0, "")
        code, password = run("reset-password", "ana")
        assert code == 0
        visitor.sign_in("ana", password)
