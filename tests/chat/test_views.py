"""The conversation page, and pages of history."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from chatapp.services import Services
from tests.cast import Browser, Cast

SignIn = Callable[[str], Browser]
AS_JSON, AS_ROWS = {"Accept": "application/json"}, {"Accept": "text/html"}


def _say(services: Services, cast: Cast, count: int) -> None:
    for number in range(1, count + 1):
        services.messages.post(cast.ben, cast.garden.id, f"no. {number}")


def _seqs_of_rows(html: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'<li class="message[^>]* data-seq="(\d+)"', html)]


class TestTheConversation:
    def test_shows_the_newest_messages_oldest_first(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        _say(services, cast, 45)

        page = sign_in("ana").get(f"/rooms/{cast.garden.id}").text

        assert _seqs_of_rows(page) == list(range(6, 46))
        assert "Ben Okafor" in page

    def test_shows_its_members(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("ana").get(f"/rooms/{cast.garden.id}").text

        assert re.findall(r'<li class="member" data-username="(\w+)"', page) == ["ana", "ben"]
        assert "Cleo" not in page

    def test_shows_text_as_text_with_links_to_click(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        text = "<img src=x onerror=alert(1)> https://example.org/?a=1&b=<i>"
        services.messages.post(cast.ben, cast.garden.id, text)

        page = sign_in("ana").get(f"/rooms/{cast.garden.id}").text

        assert "<img src=x" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;" in page
        assert '<a href="https://example.org/?a=1&amp;b=' in page

    def test_still_names_who_has_left(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        _say(services, cast, 1)
        services.rooms.leave(cast.ben, cast.garden.id)

        page = sign_in("ana").get(f"/rooms/{cast.garden.id}").text

        assert "Ben Okafor" in page
        assert 'data-username="ben"' not in page


class TestPagesOfHistory:
    @pytest.fixture
    def ask(self, sign_in: SignIn, services: Services, cast: Cast) -> Callable[..., Any]:
        _say(services, cast, 45)
        ben = sign_in("ben")
        return lambda query="", headers=AS_JSON: ben.get(
            f"/rooms/{cast.garden.id}/messages{query}", headers=headers
        )

    @pytest.mark.parametrize(
        ("query", "seqs"),
        [
            ("", range(6, 46)),
            ("?limit=2", [44, 45]),
            ("?limit=200", range(1, 46)),
            ("?before=6", range(1, 6)),
            ("?before=6&limit=2", [4, 5]),
            ("?after=43", [44, 45]),
            ("?after=0&limit=1", [1]),
            ("?after=45", []),
            ("?before=1", []),
            (f"?before={2**53}", range(6, 46)),
            ("?after=43&changed_since=0", [44, 45]),
            ("?around=20&limit=5", [18, 19, 20, 21, 22]),
            ("?around=20&limit=4", [18, 19, 20, 21]),
            ("?around=20&limit=1", [20]),
            ("?around=2&limit=5", [1, 2, 3, 4]),
            ("?around=45&limit=5", [43, 44, 45]),
            ("?around=1", range(1, 21)),
            ("?around=0&limit=4", [1, 2]),
            (f"?around={2**53}&limit=4", [44, 45]),
        ],
    )
    def test_are_cut_by_seq_oldest_first(
        self, ask: Callable[..., Any], query: str, seqs: list[int]
    ) -> None:
        body = ask(query).get_json()

        assert [message["seq"] for message in body["messages"]] == list(seqs)
        assert body["head"] == 45

    def test_hold_messages_in_their_one_public_form(
        self, ask: Callable[..., Any], cast: Cast
    ) -> None:
        (message,) = ask("?limit=1").get_json()["messages"]

        assert sorted(message) == sorted(
            ["id", "room_id", "seq", "text", "sender", "created_at", "client_id"]
        )
        assert (message["room_id"], message["sender"]) == (cast.garden.id, "ben")
        assert re.fullmatch(r"[-\d]{10}T[:\d]{8}\.\d{3}Z", message["created_at"])

    @pytest.mark.parametrize(
        "query",
        [
            "?limit=-1",
            "?limit=0",
            "?limit=201",
            f"?limit={2**70}",
            "?limit=",
            "?limit=ten",
            "?limit=1.5",
            "?before=-1",
            f"?before={2**70}",
            f"?after={2**70}",
            "?after=x",
            "?before=[1]",
            "?before[$gt]=0",
            "?before=5&after=3",
            "?around=x",
            "?around=-1",
            f"?around={2**70}",
            "?around=5&after=3",
            "?around=5&before=3",
            "?around=5&changed_since=0",
            "?changed_since=0",
            "?before=5&changed_since=0",
            "?after=5&changed_since=x",
            "?after=5&changed_since=-1",
            f"?after=5&changed_since={2**53}",
            "?page=2",
        ],
    )
    def test_asked_for_badly_are_a_bad_request(self, ask: Callable[..., Any], query: str) -> None:
        answer = ask(query)

        assert answer.status_code == 400
        assert answer.get_json()["error"]["code"] == "bad_request"

    def test_bring_what_has_changed(
        self, ask: Callable[..., Any], services: Services, cast: Cast
    ) -> None:
        message = ask("?after=2&limit=1").get_json()["messages"][0]
        services.messages.retell(cast.ana, cast.garden.id, message["id"])

        body = ask("?after=44&changed_since=0").get_json()
        rows = ask(f"?after=45&changed_since={body['mark']}", AS_ROWS)

        assert body["messages"][0] == {**message, "changes": 1}
        assert [message["seq"] for message in body["messages"]] == [3, 45]
        assert _seqs_of_rows(rows.text) == [3]
        assert int(rows.headers["X-Mark"]) >= body["mark"] > 0
        assert 'data-changes="1"' in rows.text

    def test_come_as_rows_to_a_page(self, ask: Callable[..., Any]) -> None:
        answer = ask("?before=4", AS_ROWS)

        assert _seqs_of_rows(answer.text) == [1, 2, 3]
        assert answer.headers["X-Head"] == "45"
        assert answer.text.strip().startswith("<li")
        assert answer.text.strip().endswith("</li>")
        assert "Ben Okafor" in answer.text

    def test_are_the_same_rows_as_on_the_first_page(
        self, ask: Callable[..., Any], sign_in: SignIn, cast: Cast
    ) -> None:
        page = sign_in("ana").get(f"/rooms/{cast.garden.id}").text
        undressed = page.replace(" message--continued", "").replace(' role="none"', "")

        rows = re.findall(r"<li class=\"message\".*?</li>", ask("", AS_ROWS).text, re.S)
        assert rows
        for row in rows:
            assert row in undressed

    def test_are_never_kept_by_caches(self, ask: Callable[..., Any]) -> None:
        assert ask().headers["Cache-Control"] == "no-store"


class TestALinkToAMessage:
    @pytest.fixture
    def open_at(self, sign_in: SignIn, services: Services, cast: Cast) -> Callable[..., Any]:
        _say(services, cast, 100)
        ana = sign_in("ana")
        return lambda seq: ana.get(f"/rooms/{cast.garden.id}/messages/{seq}")

    @pytest.mark.parametrize(
        ("seq", "shown"), [(50, range(30, 70)), (1, range(1, 21)), (100, range(80, 101))]
    )
    def test_opens_the_room_around_it(
        self, open_at: Callable[..., Any], seq: int, shown: list[int]
    ) -> None:
        page = open_at(seq).text

        assert _seqs_of_rows(page) == list(shown)
        assert f'data-at="{seq}"' in page
        assert 'data-head="100"' in page

    @pytest.mark.parametrize("seq", [0, 101, 2**53, 2**70, "x", "-1", "1.5"])
    def test_to_none_is_not_found(self, open_at: Callable[..., Any], seq: object) -> None:
        assert open_at(seq).status_code == 404

    def test_to_one_that_was_deleted_leads_to_its_place(
        self, open_at: Callable[..., Any], services: Services, cast: Cast
    ) -> None:
        (message,) = services.messages.history(cast.ana, cast.garden.id, after=49, limit=1).messages
        services.messages.delete(cast.ben, cast.garden.id, message.id)

        page = open_at(50).text

        assert "This message was deleted" in page
        assert "no. 50<" not in page

    def test_is_closed_to_outsiders(
        self, open_at: Callable[..., Any], sign_in: SignIn, cast: Cast
    ) -> None:
        cleo = sign_in("cleo")
        theirs = cleo.get(f"/rooms/{cast.garden.id}/messages/50", headers=AS_JSON)
        nobodys = cleo.get(f"/rooms/{'0' * 24}/messages/50", headers=AS_JSON)

        assert (theirs.status_code, theirs.text) == (404, nobodys.text)
