"""The rules of profiles and preferences."""

from collections.abc import Callable, Mapping

from chatapp.auth.entities import User
from chatapp.core.events import Event
from chatapp.memory.memory import Memory
from chatapp.people.entities import CHOICES, Person, Preferences
from chatapp.people.errors import UnknownChoice
from chatapp.people.events import PreferencesChanged
from chatapp.people.repository import PersonRepository


class PeopleService:
    def __init__(
        self, people: PersonRepository, memory: Memory, publish: Callable[[Event], None]
    ) -> None:
        self._people = people
        self._memory = memory
        self._publish = publish

    def preferences(self, actor: User) -> Preferences:
        """Return how the actor likes the chat to be; every page of theirs asks."""
        return self._person(actor.username).preferences

    def prefer(self, actor: User, chosen: Mapping[str, str]) -> Preferences:
        """Change the preferences that are named; every open page of the actor's follows."""
        if not all(value in CHOICES.get(name, ()) for name, value in chosen.items()):
            raise UnknownChoice()
        if chosen:
            self._people.update_preferences(actor.username, chosen)
            self._memory.changed(_person(actor.username))
        preferences = self.preferences(actor)
        self._publish(PreferencesChanged(username=actor.username, preferences=preferences))
        return preferences

    def _person(self, username: str) -> Person:
        return self._memory.recall(
            _person(username), "person", lambda: self._people.get_person(username)
        )


def _person(username: str) -> str:
    """Return what a change of a profile or of preferences is about."""
    return f"person {username}"
