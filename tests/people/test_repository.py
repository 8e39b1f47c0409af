"""The contract of what is stored of people, on every store."""

from chatapp.core.database import Documents
from chatapp.people.entities import Preferences
from chatapp.people.repository import PersonRepository


def test_preferences_are_stored_one_by_one(database: Documents) -> None:
    people = PersonRepository(database)

    people.update_preferences("ana", {"theme": "dark"})
    people.update_preferences("ana", {"announces": "no"})

    assert people.get_person("ana").preferences == Preferences(theme="dark", announces="no")
    assert people.get_person("ben").preferences == Preferences()
