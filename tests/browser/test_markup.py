"""X1 to X3: every vector in every field of every page; nothing runs, no violation."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Somebody
from tests.cast import PASSWORD
from tests.corpora.markup import X
from tests.server import Server, running
from tests.wire import Person

WATCH = """
  window.__violations = []
  document.addEventListener("securitypolicyviolation", (event) =>
    window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`))
"""
NEXT_FRAME = "new Promise(requestAnimationFrame)"
NAMES = 60  # characters of a vector that fit into any name
SHOWN = [
    "{{77}}${77}<%=7*7%>" if "7*7" in vector else vector.strip()  # two stars are emphasis
    for vector in X.values()
]
INSIDE = (
    "**{}**",
    "- {}\n  > {}",
    "`{}`",
    "```html\n{}\n```",
    "[{}]({})",
    "|a|\n|-|\n|{}|",
    "```{}\n",
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path, CHATAPP_SIGN_UP_ADDRESS="1000") as server:
        yield server


def nothing_ran(page: Page, where: str) -> None:
    assert page.evaluate("window.__pwned") is None, where
    assert page.evaluate("window.__violations") == [], where


class TestEveryField:
    def test_X1_shows_every_vector_as_text(
        self, site: Server, ana: Somebody, somebody: Callable[..., Somebody]
    ) -> None:
        ana.page.add_init_script(WATCH)
        vectors = list(X.values())
        invite = ana.set_up(vectors[0][:NAMES])
        token = invite.partition("invite=")[2]
        writer = Person(site.url)
        writer.post("/login", username="ana", password=PASSWORD)
        for number, vector in enumerate(vectors):
            Person(site.url).post(
                "/signup",
                username=f"person{number}",
                display_name=vector[:NAMES],
                password=PASSWORD,
                invite=token,
            )
            writer.post("/rooms/new", name=vector[:NAMES])
        room_id = writer.first_room()
        ana.go(f"/rooms/{room_id}")
        ana.be_online()
        wire = writer.socket()
        for vector in vectors:
            assert wire.ask("post_message", {"room_id": room_id, "text": vector})["ok"]
        everybody = [f"person{number}" for number in range(len(vectors))]
        writer.post(f"/rooms/{room_id}/members", members=" ".join(everybody))
        writer.post(f"/rooms/{room_id}/edit", name=vectors[1][:NAMES])
        wire.close()

        # Told live, to a page that was open.
        expect(ana.page.locator(".message__text")).to_have_count(len(vectors))
        assert ana.texts == SHOWN
        nothing_ran(ana.page, "live")
        # And made by the server.
        for path in (
            "/",
            f"/rooms/{room_id}",
            f"/rooms/{room_id}/edit",
            "/admin/people",
            "/account",
        ):
            ana.go(path)
            nothing_ran(ana.page, path)
        ana.go(f"/rooms/{room_id}")
        ana.be_online()
        assert ana.texts == SHOWN
        for row in ana.page.locator(".message").all()[:3]:
            row.hover()
        ana.page.keyboard.press("Control+k")
        ana.page.keyboard.type("<")
        nothing_ran(ana.page, "the list of rooms")

    def test_X1_runs_no_vector_inside_markdown(self, site: Server, ana: Somebody) -> None:
        ana.page.add_init_script(WATCH)
        ana.set_up()
        writer = Person(site.url)
        writer.post("/login", username="ana", password=PASSWORD)
        room_id = writer.first_room()
        ana.go(f"/rooms/{room_id}")
        ana.be_online()
        wire = writer.socket()
        for around in INSIDE:
            for vector in X.values():
                text = around.replace("{}", vector)
                assert wire.ask("post_message", {"room_id": room_id, "text": text})["ok"]
        for vector in X.values():  # in a quote, before and after the quoted one is edited
            asked = {"room_id": room_id, "text": vector}
            said = wire.ask("post_message", asked)["message"]["id"]
            wire.ask("post_message", {**asked, "reply_to": said})
            edited = {**asked, "text": f"- {vector}", "message_id": said}
            assert wire.ask("edit_message", edited)["ok"]
        ack = wire.ask("post_message", {"room_id": room_id, "text": "the end"})
        wire.close()

        expect(ana.page.locator(f"[data-seq='{ack['message']['seq']}']")).to_be_visible()
        nothing_ran(ana.page, "live")
        ana.page.locator("[data-versions]").last.click()
        expect(ana.page.locator(".version")).to_have_count(2)
        ana.page.keyboard.press("Escape")
        tags = ana.page.evaluate(
            "[...new Set([...document.querySelectorAll('.message__text *')].map(e => e.tagName))]"
        )
        assert not {"SCRIPT", "IMG", "IFRAME", "INPUT", "FORM", "STYLE", "OBJECT"} & set(tags)
        ana.page.reload()
        ana.be_online()
        nothing_ran(ana.page, "as a page")

    def test_X1_shows_every_vector_of_an_address_as_text(self, ana: Somebody) -> None:
        ana.page.add_init_script(WATCH)
        ana.set_up()
        ana.expected.append("Failed to load resource")
        for name, vector in X.items():
            typed = quote(vector, safe="")
            for path in (f"/{typed}", f"/rooms/{typed}", f"/signup?invite={typed}"):
                ana.go(path)
                nothing_ran(ana.page, f"{name} at {path}")

    def test_X1_is_kept_in_a_form_that_is_refused(self, somebody: Callable[..., Somebody]) -> None:
        visitor = somebody("ana")
        visitor.page.add_init_script(WATCH)
        visitor.go("/setup")
        visitor.expected.append("Failed to load resource")
        for vector in list(X.values())[:12]:
            visitor.page.get_by_label("Workspace name").fill(vector[:NAMES])
            visitor.page.get_by_label("Username").fill(vector[:30])
            visitor.page.get_by_label("Password").fill("short")
            visitor.page.get_by_role("button", name="Start chatting").click()
            expect(visitor.page.get_by_label("Workspace name")).to_have_value(vector[:NAMES])
            nothing_ran(visitor.page, vector)


class TestThePolicy:
    INJECTED: Any = (
        "document.body.append(Object.assign(document.createElement('script'),"
        "{textContent: 'window.__pwned = 1'}))",
        "document.body.innerHTML += '<img src=x onerror=window.__pwned=1>'",
        "document.body.setAttribute('onclick', 'window.__pwned = 1'); document.body.click()",
        "setTimeout('window.__pwned = 1', 0)",
        "document.body.append(Object.assign(document.createElement('script'),"
        "{src: 'data:text/javascript,window.__pwned=1'}))",
    )

    @pytest.mark.parametrize("code", INJECTED)
    def test_X3_blocks_what_is_injected(self, ana: Somebody, code: str) -> None:
        ana.page.add_init_script(WATCH)
        ana.set_up()
        ana.expected.append("")

        ana.page.evaluate(f"async () => {{ try {{ {code} }} catch {{}} await {NEXT_FRAME} }}")

        assert ana.page.evaluate("window.__pwned") is None
        assert json.dumps(ana.page.evaluate("window.__violations")) != "[]"
