"""The contract of what is stored of people, on every store."""

from dataclasses import replace

from chatapp.core import clock
from chatapp.core.database import Documents
from chatapp.people.entities import Preferences, Status
from chatapp.people.repository import PersonRepository


def test_preferences_are_stored_one_by_one(database: Documents) -> None:
    people = PersonRepository(database)

    people.update_preferences("ana", {"theme": "dark"})
    people.update_preferences("ana", {"announces": "no"})

    assert people.get_person("ana").preferences == Preferences(theme="dark", announces="no")
    assert people.get_person("ben").preferences == Preferences()


def test_a_status_is_read_as_saved_and_taken_away(database: Documents) -> None:
    people = PersonRepository(database)
    status = Status(emoji="🏡", text="At home", ends_at=clock.now())

    for saved in (status, replace(status, ends_at=None), None):
        people.update_status("ana", saved)
        assert people.get_person("ana").status == saved
    people.update_zone("ana", "Africa/Lagos")
    assert people.get_person("ana").zone == "Africa/Lagos"
