"""What one sees of limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Somebody
from tests.server import Server, running


class TestLimits:
    @pytest.fixture
    def site(self, tmp_path: Path) -> Iterator[Server]:
        few = {
            "CHATAPP_MESSAGES_BURST": "2",
            "CHATAPP_MESSAGES_PER_SECOND": "2",
            "CHATAPP_SOCKETS_PER_PERSON": "2",
        }
        with running(tmp_path, **few) as server:
            yield server

    def test_W6_who_types_too_fast_waits_and_loses_nothing(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        ben.sign_up(ana.set_up())
        ana.make_room("Garden", "ben")
        ben.open_room("Garden")
        texts = [f"no. {number}" for number in range(8)]

        for text in texts:
            ana.say(text)

        for person in (ana, ben):
            person.sees(texts[-1])
            assert person.texts == texts
        expect(ana.page.locator(".message--pending")).to_have_count(0)

    def test_W10_who_has_too_many_pages_open_is_told(self, ana: Somebody) -> None:
        ana.set_up()
        ana.open_room("General")
        ana.expected.append("")
        second, third = (ana.context.new_page() for _ in range(2))
        second.goto(ana.page.url)
        expect(second.locator("body[data-conn=online]")).to_be_attached()

        third.goto(ana.page.url)
        expect(third.locator("[data-offline-words]")).to_contain_text("open in 2 places")
        second.close()

        expect(third.locator("body[data-conn=online]")).to_be_attached(timeout=40_000)
        expect(third.locator("[data-offline-words]")).to_be_hidden()
