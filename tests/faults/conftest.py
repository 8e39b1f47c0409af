"""Real servers, and people who post to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.server import Server, running
from tests.wire import Person


@dataclass
class Town:
    """A workspace with a few people, all of them in one room."""

    server: Server
    people: list[Person]
    room_id: str

    def history(self) -> list[dict[str, object]]:
        """Return every message of the room, as pages of history give them."""
        messages: list[dict[str, object]] = []
        while True:
            page = self.people[0].get_json(
                f"/rooms/{self.room_id}/messages?after={len(messages)}&limit=200"
            )
            if not page["messages"]:
                return messages
            messages += page["messages"]


@pytest.fixture
def town(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    """Six people on a server; `request.param` may name another way of starting it."""
    command, settings = getattr(request, "param", (None, {}))
    with running(tmp_path, *([command] if command else []), **settings) as server:
        founder = Person(server.url)
        invite = founder.set_up("ana")
        people = [founder]
        for number in range(5):
            person = Person(server.url)
            person.sign_up(invite, f"guest{number}")
            people.append(person)
        yield Town(server=server, people=people, room_id=founder.first_room())
