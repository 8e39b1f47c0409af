"""A new renderer, and what was rendered by an older one."""

from typing import Any

import pytest
from flask import Flask

from chatapp.chat import markdown, renewal
from chatapp.chat.renewal import Renewal
from chatapp.chat.repository import MessageRepository, RenderingRepository
from chatapp.core.database import Documents
from chatapp.services import Services
from tests.cast import Cast, Clock

ROOM = "6" * 24


@pytest.fixture
def said(database: Documents, clock: Clock) -> Documents:
    """Seven messages, as they were stored before anything was rendered."""
    messages = MessageRepository(database, clock)
    for number in range(7):
        messages.save_message(ROOM, f"**no. {number}**", "ana")
    return database


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "BATCH", 2)


def _html(database: Documents) -> list[Any]:
    return [message.get("html") for message in database["messages"].find().sort("seq", 1)]


def _expected(count: int = 7) -> list[str]:
    return [f"<p><strong>no. {number}</strong></p>" for number in range(count)]


@pytest.mark.usefixtures("small_batches")
class TestRenewing:
    def test_renders_everything_once(self, said: Documents) -> None:
        work = Renewal(RenderingRepository(said))

        assert work.run(0) == 7
        assert _html(said) == _expected()
        assert {message["renderer"] for message in said["messages"].find()} == {markdown.VERSION}
        assert work.run(0) == 0

    def test_is_no_change_of_a_message(self, said: Documents, clock: Clock) -> None:
        Renewal(RenderingRepository(said)).run(0)

        messages = MessageRepository(said, clock).get_messages(ROOM)
        assert {message.changes for message in messages} == {0}

    def test_goes_on_where_it_was_stopped(
        self, said: Documents, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stock, asked = RenderingRepository.get_texts, []

        def get_texts(self: Any, after: str, limit: int) -> Any:
            if len(asked) == 2:
                raise KeyboardInterrupt
            asked.append(after)
            return stock(self, after, limit)

        with monkeypatch.context() as patched:
            patched.setattr(RenderingRepository, "get_texts", get_texts)
            with pytest.raises(KeyboardInterrupt):
                Renewal(RenderingRepository(said)).run(0)
        assert _html(said) == [*_expected(4), None, None, None]

        assert Renewal(RenderingRepository(said)).run(0) == 3
        assert _html(said) == _expected()

    def test_begins_anew_for_another_version(
        self, said: Documents, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Renewal(RenderingRepository(said)).run(0)

        monkeypatch.setattr(markdown, "VERSION", markdown.VERSION + 1)
        monkeypatch.setattr(markdown, "render", lambda text: f"<p>{text.upper()}</p>")

        assert Renewal(RenderingRepository(said)).run(0) == 7
        assert _html(said)[0] == "<p>**NO. 0**</p>"

    def test_leaves_the_rest_to_who_is_ahead(self, said: Documents) -> None:
        ahead = RenderingRepository(said)
        first = ahead.get_texts("", 2)

        class Behind(RenderingRepository):
            def get_texts(self, after: str, limit: int) -> Any:
                ahead.advance(markdown.VERSION, "", first[-1].id)
                return super().get_texts(after, limit)

        assert Renewal(Behind(said)).run(0) == 2
        assert ahead.get_place(markdown.VERSION) == first[-1].id

    def test_does_not_touch_what_was_written_anew_meanwhile(self, said: Documents) -> None:
        class Slow(RenderingRepository):
            def get_texts(self, after: str, limit: int) -> Any:
                found = super().get_texts(after, limit)
                said["messages"].update_one({"seq": 1}, {"$set": {"text": "new", "html": "new"}})
                return found

        Renewal(Slow(said)).run(0)

        assert _html(said) == ["new", *_expected()[1:]]

    def test_of_nothing_is_done_at_once(self, database: Documents) -> None:
        work = Renewal(RenderingRepository(database))

        assert work.run(0) == 0
        assert RenderingRepository(database).get_place(markdown.VERSION) is None


class TestUntilThen:
    def test_an_old_message_is_rendered_when_it_is_shown(
        self, services: Services, cast: Cast
    ) -> None:
        services.messages.post(cast.ben, cast.garden.id, "**hello**")
        services.database["messages"].update_many({}, {"$unset": {"html": "", "renderer": ""}})

        (message,) = services.messages.history(cast.ana, cast.garden.id).messages
        again = services.messages.retell(cast.ana, cast.garden.id, message.id)

        assert message.html == "<p><strong>hello</strong></p>"
        assert again.id == message.id

    def test_the_console_can_do_it_now(self, app: Flask, services: Services, cast: Cast) -> None:
        services.messages.post(cast.ben, cast.garden.id, "**hello**")
        services.database["messages"].update_many({}, {"$unset": {"html": "", "renderer": ""}})

        done = app.test_cli_runner().invoke(args=["render"])

        assert done.output == "Rendered 1 messages.\n"
        assert _html(services.database) == ["<p><strong>hello</strong></p>"]
