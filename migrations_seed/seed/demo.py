"""Ana, Ben and Cleo, and what they said: told through the services, so every rule held."""

from chatapp.auth.entities import User
from chatapp.chat.entities import Message
from chatapp.core.clock import now
from chatapp.services import Services

PASSWORD = "garden-gate-7"
PEOPLE = {"ben": "Ben Okafor", "cleo": "Cleo Marin"}

GENERAL = (
    ("ana", "Welcome, everybody. This is where we say things that concern us all."),
    ("ben", "Hello! Finally a chat that lives on our own machine."),
    ("cleo", "Hi! Is there a room for the garden too?"),
    ("ana", "There is now. Ben and I are in it; say the word and we add you."),
)
REACTIONS = (  # to a line of the garden's story
    (0, "ana", "🎉"),
    (1, "ben", "🍅"),
    (1, "ana", "👀"),
    (2, "ben", "🐝"),
    (3, "ana", "👍"),
    (5, "ben", "👍"),
    (5, "ana", "👍"),
)
GARDEN = (
    ("ben", "Morning! The compost came, six bags. They stand behind the shed."),
    ("ana", "The tomatoes are in. I put the plan at https://example.org/garden/plan"),
    ("ana", "Beans go along the fence this year, so that the bees find them."),
    ("ben", "Nice. I can water on Tuesdays and Fridays."),
    ("ben", "And bring the long hose:\n- two couplings\n- the brass nozzle"),
    ("ana", "Perfect. Then I take Sundays."),
)
RELEASE = (
    ("ana", "**Release 7** goes out on Thursday. What is left, and whose is it?"),
    ("cleo", "| What | Who |\n| --- | --- |\n| Upgrade notes | Cleo |\n| Load test | Ben |"),
    (
        "ben",
        "The load test is one line now:\n```python\nfor size in (50, 500):\n    run(size)\n```",
    ),
)
KITCHEN = (
    ("cleo", "There is cake. ~~Two~~ One and a half."),
    ("ben", "🎂"),
)
PARTY = (("ana", "Thank you all for coming, and Ben for the music."),)
BETWEEN_TWO = (
    ("ben", "Do you have the key of the shed?"),
    ("ana", "Under the blue pot, as always."),
)


def tell(services: Services) -> str:
    """Fill an empty database; say what was done. A database in use is left alone."""
    if services.accounts.is_set_up():
        return "There are people here already; nothing was added."
    ana = services.accounts.set_up("Harbour", "Ana", PASSWORD)
    invite = services.accounts.invite(ana)
    cast = {"ana": ana} | {
        username: services.accounts.sign_up(username, display_name, PASSWORD, invite)
        for username, display_name in PEOPLE.items()
    }
    story = _Story(services, cast)
    story.tell_of_people()
    story.tell_of_rooms()
    story.tell_of_the_garden()
    story.tell_of_the_release()
    return f"Sign in as ana, ben or cleo with the password {PASSWORD}."


class _Story:
    def __init__(self, services: Services, cast: dict[str, User]) -> None:
        self._services = services
        self._cast = cast
        self._ana, self._ben, self._cleo = cast.values()
        self._begun = f"demo-{now():%Y%m%d}"
        self._said = 0

    def tell_of_people(self) -> None:
        introduce = self._services.people.introduce
        introduce(self._ben, PEOPLE["ben"], "🌱", "In the garden", "keep")
        introduce(self._cleo, PEOPLE["cleo"], "🎧", "Writing the upgrade notes", "keep")

    def tell_of_rooms(self) -> None:
        rooms = self._services.rooms
        general = rooms.list_for(self._ana)[0].room_id
        rooms.change_topic(self._ana, general, "What concerns us all")
        self._all_say(general, GENERAL)
        kitchen = rooms.create_open(self._cleo, "Kitchen", ["ana", "ben"]).id
        rooms.change_topic(self._cleo, kitchen, "Who cooks, and what is left of it")
        self._all_say(kitchen, KITCHEN)
        rooms.create_open(self._ben, "Boat", ["ana"])
        party = rooms.create(self._ana, "Summer party", ["ben", "cleo"]).id
        self._all_say(party, PARTY)
        rooms.archive(self._ana, party)
        self._all_say(rooms.open_direct(self._ana, ["ben"]).id, BETWEEN_TWO)

    def tell_of_the_garden(self) -> None:
        garden = self._services.rooms.create(self._ana, "Garden", ["ben"]).id
        said = self._all_say(garden, GARDEN)
        for line, username, emoji in REACTIONS:
            self._services.reactions.add(self._cast[username], garden, said[line].id, emoji)

    def tell_of_the_release(self) -> None:
        """Everything that can be done with a message."""
        messages = self._services.messages
        room_id = self._services.rooms.create(self._ana, "Release 7", ["ben", "cleo"]).id
        asked, *_ = self._all_say(room_id, RELEASE)
        self._say(room_id, "ben", "I take the load test, on Tuesday.", reply_to=asked.id)
        messages.edit(self._ana, room_id, asked.id, asked.text.replace("Thursday", "Friday"))
        self._services.pins.pin(self._ana, room_id, asked.id)
        for actor, emoji in ((self._ben, "🚀"), (self._cleo, "🚀"), (self._cleo, "👀")):
            self._services.reactions.add(actor, room_id, asked.id, emoji)
        wrong = self._say(room_id, "cleo", "This was meant for another room.")
        messages.delete(self._cleo, room_id, wrong.id)

    def _all_say(self, room_id: str, said: tuple[tuple[str, str], ...]) -> list[Message]:
        return [self._say(room_id, username, text) for username, text in said]

    def _say(self, room_id: str, username: str, text: str, reply_to: str | None = None) -> Message:
        self._said += 1
        client_id = f"{self._begun}-{self._said}"
        actor = self._cast[username]
        return self._services.messages.post(actor, room_id, text, client_id, reply_to)
