"""Where one is signed in, and signing out of there."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chatapp.auth.entities import Session
from chatapp.auth.errors import SessionNotFound
from chatapp.auth.events import SignedOut
from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Cast, Clock, Listening, knock

SignIn = Callable[[str], Browser]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def opened(services: Services, session_id: str) -> Session:
    found = services.accounts.find_signed_in(session_id)
    assert found is not None
    return found.session


class TestTheListOfPlaces:
    def test_is_ones_own(self, services: Services, cast: Cast) -> None:
        services.accounts.start_session(cast.ana, "Firefox on Linux")
        services.accounts.start_session(cast.ben, "Chrome on Mac")

        (session,) = services.accounts.sessions(cast.ana)

        assert (session.device, session.username) == ("Firefox on Linux", "ana")

    def test_says_when_each_was_used(self, harbour: Services, clock: Clock) -> None:
        ana = harbour.accounts.set_up("Harbour", "ana", PASSWORD)
        ids = [harbour.accounts.start_session(ana, device) for device in ("first", "second")]

        clock.forward(timedelta(hours=2))
        harbour.accounts.find_signed_in(ids[0])

        first, second = harbour.accounts.sessions(ana)
        assert (first.device, first.used_at) == ("first", clock())
        assert (second.device, second.used_at) == ("second", clock() - timedelta(hours=2))

    def test_says_so_also_on_the_last_of_thirty_days(self, harbour: Services, clock: Clock) -> None:
        ana = harbour.accounts.set_up("Harbour", "ana", PASSWORD)
        session_id = harbour.accounts.start_session(ana)
        for _ in range(59):
            clock.forward(timedelta(hours=12))
            assert harbour.accounts.find_signed_in(session_id)

        assert harbour.accounts.sessions(ana)[0].used_at == clock()

    def test_has_none_that_a_new_password_has_ended(self, services: Services, cast: Cast) -> None:
        services.accounts.start_session(cast.ana)
        services.accounts.change_password(cast.ana, PASSWORD, "another-gate-8", device="here")

        now = services.accounts.find("ana")
        assert now is not None
        assert [session.device for session in services.accounts.sessions(now)] == ["here"]


class TestEndingOne:
    def test_ends_that_one_alone(self, services: Services, cast: Cast, told: Listening) -> None:
        ends, stays = (services.accounts.start_session(cast.ana) for _ in range(2))
        ended = opened(services, ends)

        services.accounts.end_session(cast.ana, ended.handle)

        assert services.accounts.find_signed_in(ends) is None
        assert services.accounts.find_signed_in(stays) is not None
        assert told == [SignedOut(session_key=ended.key)]

    def test_of_somebody_else_is_not_there(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        bens = services.accounts.start_session(cast.ben)

        for handle in (opened(services, bens).handle, opened(services, bens).key, "", "x"):
            with pytest.raises(SessionNotFound):
                services.accounts.end_session(cast.ana, handle)

        assert services.accounts.find_signed_in(bens) is not None
        assert told == []

    def test_all_others_leaves_this_one_and_those_of_others(
        self, services: Services, cast: Cast
    ) -> None:
        here, *others = (services.accounts.start_session(cast.ana) for _ in range(4))
        bens = services.accounts.start_session(cast.ben)

        assert services.accounts.end_other_sessions(cast.ana, opened(services, here)) == 3
        assert services.accounts.end_other_sessions(cast.ana, opened(services, here)) == 0

        assert [bool(services.accounts.find_signed_in(one)) for one in others] == [False] * 3
        assert services.accounts.find_signed_in(here)
        assert services.accounts.find_signed_in(bens)


class TestTheAccountPage:
    def test_shows_places_and_never_what_opens_them(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        ana, elsewhere = sign_in("ana"), Browser(sign_in("ben").app)
        elsewhere.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
        elsewhere.sign_in("ana")

        page = ana.get("/account").text

        assert "Firefox on Linux" in page
        assert page.count("This browser, in use now") == 1
        for session in services.accounts.sessions(cast.ana):
            assert session.key not in page
            assert (session.handle in page) is (session.device == "Firefox on Linux")

    def test_signs_the_other_browser_out_with_its_sockets(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        ana, lost, bens = sign_in("ana"), sign_in("ana"), sign_in("ben").socket()
        sockets = [ana.socket(), lost.socket()]
        keys = {session.handle for session in services.accounts.sessions(cast.ana)}
        page = ana.get("/account").text
        (handle,) = {key for key in keys if key in page}

        answer = ana.post(f"/account/sessions/{handle}/end", follow_redirects=True)

        assert "That sign-in has ended." in answer.text
        assert [socket.heard("signed_out") for socket in (*sockets, bens)] == [[], [{}], []]
        assert knock(lost).status_code == 401
        assert lost.get("/").location.startswith("/login")
        assert ana.post(f"/account/sessions/{handle}/end").status_code == 404

    def test_signs_all_others_out(self, sign_in: SignIn) -> None:
        ana, *others = (sign_in("ana") for _ in range(3))

        answer = ana.post("/account/sessions/end-others", follow_redirects=True)

        assert "You are signed out everywhere else." in answer.text
        assert [other.get("/").status_code for other in others] == [302, 302]
