"""One sees who is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Somebody
from tests.server import EVENTLET, Server, running

HURRIED = (*EVENTLET[:-1], "tests.faults.hurried:app")

COUNT_SIGNS = """
  const stock = WebSocket.prototype.send
  window.signs = 0
  WebSocket.prototype.send = function (frame) {
    window.signs += String(frame).includes('["present"')
    return stock.call(this, frame)
  }
"""


@pytest.fixture
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    with running(tmp_path, HURRIED, HURRIED_AWAY_SECONDS=request.param) as server:
        yield server


def shows(person: Somebody, username: str, state: str) -> None:
    """The dot says it, in its shape and in words."""
    dot = person.page.locator(f"[data-presence={username}]")
    expect(dot).to_have_text(state)
    expect(dot).to_have_attribute("title", state)
    expect(dot).to_have_class(f"presence presence--{state.lower()}")


class TestTheDots:
    @pytest.mark.parametrize("site", ["300"], indirect=True, ids=[""])
    def test_follow_who_comes_and_goes(self, ana: Somebody, ben: Somebody) -> None:
        ben.sign_up(ana.set_up())
        ben.page.goto("about:blank")
        ana.make_room("Garden")
        people = ana.page.get_by_role("combobox", name="Add people")
        people.press_sequentially("ben")
        ana.page.get_by_role("option", name="Ben").click()
        ana.page.get_by_role("button", name="Add", exact=True).click()
        shows(ana, "ben", "Offline")

        ben.open_room("Garden")
        shows(ana, "ben", "Online")
        shows(ben, "ana", "Online")
        ana.page.get_by_role("button", name="Manage Ben").click()
        ana.page.get_by_role("button", name="Make admin", exact=True).click()
        expect(ana.page.locator(".member", has_text="Ben").locator(".tag")).to_be_visible()
        shows(ana, "ben", "Online")  # though the row is another one
        ana.page.reload()
        shows(ana, "ben", "Online")

        ana.page.evaluate("window.hasStayed = true")
        ana.expected.append("")  # browsers report the broken connection
        ana.context.set_offline(True)
        expect(ana.page.locator("body:not([data-conn=online])")).to_be_attached()
        ben.page.goto("about:blank")
        ana.context.set_offline(False)
        ana.be_online()
        shows(ana, "ben", "Offline")
        assert ana.page.evaluate("window.hasStayed")

    @pytest.mark.parametrize("site", ["4"], indirect=True, ids=[""])
    def test_are_hollow_for_who_does_nothing(self, ana: Somebody, ben: Somebody) -> None:
        ben.sign_up(ana.set_up())
        ben.context.add_init_script(COUNT_SIGNS)
        ben.page.clock.install()
        ben.open_room("General")
        ana.open_room("General")
        ben.page.mouse.move(200, 200, steps=20)
        ben.writing.press_sequentially("hm")
        shows(ana, "ben", "Away")
        assert ben.page.evaluate("window.signs") == 1  # once a minute at most

        ben.expected.append("")  # in a minute that is over at once nobody pings
        ben.page.clock.run_for(61_000)
        ben.page.mouse.move(300, 300)

        shows(ana, "ben", "Online")
