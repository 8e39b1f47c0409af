"""The rules of profiles and preferences."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from chatapp.auth.entities import User
from chatapp.auth.errors import UserNotFound
from chatapp.auth.service import AccountService
from chatapp.core.errors import NotFound
from chatapp.core.events import Event
from chatapp.core.limits import Tries
from chatapp.core.text import clean_emoji, clean_short
from chatapp.memory.memory import Memory
from chatapp.people.entities import CHOICES, LASTS, Person, Preferences, Profile, Status, end_of
from chatapp.people.errors import StatusInvalid, UnknownChoice, UnknownZone
from chatapp.people.events import PreferencesChanged, ProfileChanged
from chatapp.people.pictures import made_small
from chatapp.people.repository import PersonRepository, PictureRepository
from chatapp.rooms.access import RoomAccess

MAX_STATUS_LENGTH = 100
MAX_ZONE_LENGTH = 64
PICTURES_A_QUARTER_HOUR = 20
PICTURE_SIZES = ("small", "large")
USUAL_EMOJI = "💬"  # of a status that has words only


class PeopleService:
    def __init__(
        self,
        people: PersonRepository,
        pictures: PictureRepository,
        accounts: AccountService,
        access: RoomAccess,
        memory: Memory,
        publish: Callable[[Event], None],
        now: Callable[[], datetime],
        tries: Tries,
    ) -> None:
        self._people = people
        self._pictures = pictures
        self._tries = tries
        self._accounts = accounts
        self._access = access
        self._memory = memory
        self._publish = publish
        self._now = now

    # How one is shown

    def profile(self, actor: User, username: str) -> Profile:
        """Return how a person is shown. Everybody here may look anybody up, as in suggestions."""
        user = actor if username == actor.username else self._accounts.find(username)
        if user is None:
            raise UserNotFound(username=username)
        return self._profile(user)

    def _profile(self, user: User) -> Profile:
        person = self._person(user.username)
        return Profile(
            username=user.username,
            display_name=user.display_name,
            is_site_admin=user.is_site_admin,
            is_active=user.is_active,
            status=person.status_at(self._now()),
            zone=person.zone,
        )

    def introduce(
        self, actor: User, display_name: str, emoji: str = "", text: str = "", lasts: str = ""
    ) -> Profile:
        """Say who one is and how. A status without emoji and text is taken away."""
        status = self._status(actor, emoji, text, lasts)
        user = self._accounts.rename(actor, display_name)
        self._people.update_status(actor.username, status)
        return self._changed(user)

    def _status(self, actor: User, emoji: str, text: str, lasts: str) -> Status | None:
        if lasts not in LASTS:
            raise UnknownChoice()
        text = clean_short(text, MAX_STATUS_LENGTH, StatusInvalid)
        emoji = emoji[: 2 * MAX_STATUS_LENGTH].strip()
        emoji = clean_emoji(emoji) if emoji else ""
        if not emoji and not text:
            return None
        before = self._person(actor.username)
        ends_at = end_of(lasts, self._now(), before.zone)
        if lasts == "keep" and before.status:
            ends_at = before.status.ends_at
        return Status(emoji=emoji or USUAL_EMOJI, text=text, ends_at=ends_at)

    def tell_zone(self, actor: User, zone: str) -> None:
        """Note in which time zone the actor's browser is."""
        if not _is_zone(zone):
            raise UnknownZone()
        if zone != self._person(actor.username).zone:
            self._people.update_zone(actor.username, zone)
            self._changed(actor)

    def show_picture(self, actor: User, sent: bytes) -> Profile:
        """Make small pictures of what was sent, and let them stand beside the actor's name."""
        self._tries.take(PICTURES_A_QUARTER_HOUR, "picture", actor.username)
        sizes = made_small(sent)
        name = secrets.token_urlsafe(16)
        self._pictures.save_picture(name, actor.username, sizes)  # first: nobody is shown a gap
        return self._change_picture(actor, name)

    def hide_picture(self, actor: User) -> Profile:
        return self._change_picture(actor, "")

    def _change_picture(self, actor: User, name: str) -> Profile:
        user = self._accounts.set_picture(actor, name)
        self._pictures.remove_pictures_of(actor.username, kept=name)
        return self._changed(user)

    def picture(self, actor: User, name: str, size: str) -> bytes:
        """Return a picture that stands beside somebody's name, as WebP."""
        found = self._pictures.get_picture(name, size) if size in PICTURE_SIZES else None
        if found is None:
            raise NotFound()
        return found

    def _changed(self, user: User) -> Profile:
        """Return, and tell, how a person is shown when every process knows it."""
        self._memory.changed(_person(user.username))
        profile = self._profile(user)
        rooms = self._access.usernames(self._access.rooms_of(user.username))
        usernames = frozenset({user.username}.union(*rooms.values()))
        self._publish(ProfileChanged(profile=profile, usernames=usernames))
        return profile

    # How one likes the chat to be

    def zone(self, actor: User) -> str:
        """Return the time zone that is known of the actor, empty where none is."""
        return self._person(actor.username).zone

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


def _is_zone(name: str) -> bool:
    try:
        return len(name) <= MAX_ZONE_LENGTH and bool(ZoneInfo(name))
    except (LookupError, ValueError, OSError):  # a path, a folder, what is none
        return False
