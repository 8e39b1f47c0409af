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
            "?page=2",
        ],
    )
    def test_asked_for_badly_are_a_bad_request(self, ask: Callable[..., Any], query: str) -> None:
        answer = ask(query)

        assert answer.status_code == 400
        assert answer.get_json()["error"]["code"] == "bad_request"

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
