"""What people say of themselves and prefer, as MongoDB keeps it."""

from collections.abc import Mapping
from dataclasses import asdict, fields

from chatapp.core.database import Document, Documents
from chatapp.people.entities import Person, Preferences, SmallPictures, Status


class PersonRepository:
    """Collection `people`, keyed by username: one document of whoever has ever changed anything."""

    def __init__(self, database: Documents) -> None:
        self._people = database["people"]

    def get_person(self, username: str) -> Person:
        """Return what is stored, and what is usual for the rest."""
        return _to_person(username, self._people.find_one({"_id": username}) or {})

    def update_preferences(self, username: str, chosen: Mapping[str, str]) -> None:
        """Store those that are named and leave the others."""
        self._people.update_one({"_id": username}, {"$set": dict(chosen)}, upsert=True)

    def update_status(self, username: str, status: Status | None) -> None:
        stored = asdict(status) if status else None
        self._people.update_one({"_id": username}, {"$set": {"status": stored}}, upsert=True)

    def update_zone(self, username: str, zone: str) -> None:
        self._people.update_one({"_id": username}, {"$set": {"zone": zone}}, upsert=True)


class PictureRepository:
    """Collection `pictures`, keyed by a name that nobody guesses: both sizes in one document."""

    def __init__(self, database: Documents) -> None:
        self._pictures = database["pictures"]

    def save_picture(self, name: str, username: str, sizes: SmallPictures) -> None:
        self._pictures.insert_one({"_id": name, "username": username, **asdict(sizes)})

    def get_picture(self, name: str, size: str) -> bytes | None:
        found = self._pictures.find_one({"_id": name}, {size: 1})
        return bytes(found[size]) if found else None

    def remove_pictures_of(self, username: str, kept: str) -> None:
        """Remove all that a person ever had but `kept`: also what a crash has left behind."""
        self._pictures.delete_many({"username": username, "_id": {"$ne": kept}})


def _to_person(username: str, document: Document) -> Person:
    stored = {one.name: document[one.name] for one in fields(Preferences) if one.name in document}
    status = document.get("status")
    return Person(
        username=username,
        preferences=Preferences(**stored),
        status=Status(**status) if status else None,
        zone=document.get("zone", ""),
    )
