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
    general = services.rooms.list_for(ana)[0].room_id
    garden = services.rooms.create(ana, "Garden", ["ben"]).id
    services.rooms.create(ana, "Release 7", ["ben", "cleo"])
    services.rooms.change_topic(ana, general, "What concerns us all")
    _say(services, cast, general, GENERAL)
    said = _say(services, cast, garden, GARDEN)
    for line, username, emoji in REACTIONS:
        services.reactions.add(cast[username], garden, said[line].id, emoji)
    return f"Sign in as ana, ben or cleo with the password {PASSWORD}."


def _say(
    services: Services, cast: dict[str, User], room_id: str, story: tuple[tuple[str, str], ...]
) -> list[Message]:
    started = f"demo-{now():%Y%m%d}"
    return [
        services.messages.post(cast[username], room_id, text, f"{started}-{number}")
        for number, (username, text) in enumerate(story)
    ]
