"""The rules of profiles and preferences."""

from datetime import UTC, datetime, timedelta

import pytest

from chatapp.auth.errors import DisplayNameInvalid, NameLooksAlike, UserNotFound
from chatapp.auth.events import Renamed
from chatapp.core.errors import BadText, UnknownEmoji
from chatapp.core.events import user_channel
from chatapp.people.entities import CHOICES, Preferences, Status, end_of
from chatapp.people.errors import StatusInvalid, UnknownChoice, UnknownZone
from chatapp.people.events import PreferencesChanged, ProfileChanged
from chatapp.services import Services
from tests.cast import PASSWORD, Cast, Clock, Listening


class TestPreferences:
    def test_are_the_usual_ones_of_who_has_chosen_nothing(
        self, services: Services, cast: Cast
    ) -> None:
        assert services.people.preferences(cast.ben) == Preferences()

    def test_that_are_usual_are_among_the_choices(self) -> None:
        usual = Preferences().public()

        assert usual.keys() == CHOICES.keys()
        assert all(usual[name] in CHOICES[name] for name in CHOICES)

    def test_are_kept_and_what_is_not_named_stays(self, services: Services, cast: Cast) -> None:
        services.people.prefer(cast.ana, {"theme": "dark", "enter": "line"})
        services.people.prefer(cast.ana, {"theme": "light"})

        assert services.people.preferences(cast.ana) == Preferences(theme="light", enter="line")
        assert services.people.preferences(cast.ben) == Preferences()

    @pytest.mark.parametrize(
        "chosen",
        [{"theme": "pink"}, {"theme": ""}, {"username": "ben"}, {"theme": "dark", "enter": "x"}],
    )
    def test_that_there_are_not_are_refused_with_all_beside_them(
        self, services: Services, cast: Cast, told: Listening, chosen: dict[str, str]
    ) -> None:
        with pytest.raises(UnknownChoice):
            services.people.prefer(cast.ana, chosen)

        assert services.people.preferences(cast.ana) == Preferences()
        assert told == []

    def test_are_told_to_ones_own_pages_alone(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        services.people.prefer(cast.ana, {"density": "compact"})

        (event,) = told.of(PreferencesChanged)
        assert event.audience == (user_channel("ana"),)
        assert event.payload() == {"preferences": Preferences(density="compact").public()}


MONDAY = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # in Berlin half an hour before Tuesday


class TestAProfile:
    def test_is_shown_to_anybody_here(self, services: Services, cast: Cast) -> None:
        shown = services.people.profile(cast.cleo, "ben")

        assert (shown.username, shown.display_name, shown.status) == ("ben", "Ben Okafor", None)
        with pytest.raises(UserNotFound):
            services.people.profile(cast.cleo, "nobody")

    def test_that_changes_is_told_where_the_person_is_and_nowhere_else(
        self, services: Services, cast: Cast, told: Listening
    ) -> None:
        general = services.rooms.list_for(cast.cleo)[0].room_id
        services.rooms.leave(cast.cleo, general)
        services.rooms.create(cast.cleo, "Cleo's", [])

        services.people.introduce(cast.ben, " Ben  O. ", "🏡", "At home")

        assert services.people.profile(cast.ana, "ben").display_name == "Ben O."
        assert services.accounts.names(["ben"]) == {"ben": "Ben O."}
        (event,) = told.of(ProfileChanged)
        assert event.audience == (user_channel("ana"), user_channel("ben"))
        assert event.payload()["person"]["display_name"] == "Ben O."
        assert [renamed.display_name for renamed in told.of(Renamed)] == ["Ben O."]

    @pytest.mark.parametrize("name", ["", " ", "x" * 65, "Ana", "ANA", "Аna"])
    def test_takes_no_name_that_is_none_or_an_admins(
        self, services: Services, cast: Cast, told: Listening, name: str
    ) -> None:
        with pytest.raises((DisplayNameInvalid, NameLooksAlike)):
            services.people.introduce(cast.ben, name, "🏡", "At home")

        assert services.people.profile(cast.ana, "ben").display_name == "Ben Okafor"
        assert told.of(ProfileChanged) == []

    def test_of_an_admin_may_keep_to_their_own_name(self, services: Services, cast: Cast) -> None:
        assert services.people.introduce(cast.ana, "Ána").display_name == "Ána"

    def test_is_found_by_its_new_name(self, services: Services, cast: Cast) -> None:
        services.people.introduce(cast.ben, "Zacharias")

        assert [user.username for user in services.accounts.suggest(cast.ana, "zach")] == ["ben"]
        assert services.accounts.suggest(cast.ana, "Ben O") == []


class TestAStatus:
    def test_is_gone_when_it_has_ended(self, harbour: Services, clock: Clock) -> None:
        ana = harbour.accounts.set_up("Harbour", "ana", PASSWORD)
        harbour.people.introduce(ana, "ana", "📅", "In a meeting", "30")

        clock.forward(timedelta(minutes=30, milliseconds=-1))
        assert harbour.people.profile(ana, "ana").status == Status(
            emoji="📅", text="In a meeting", ends_at=clock() + timedelta(milliseconds=1)
        )
        clock.forward(timedelta(milliseconds=1))
        assert harbour.people.profile(ana, "ana").status is None

    def test_keeps_its_end_where_only_the_words_change(
        self, harbour: Services, clock: Clock
    ) -> None:
        ana = harbour.accounts.set_up("Harbour", "ana", PASSWORD)
        ends_at = clock() + timedelta(minutes=60)
        harbour.people.introduce(ana, "ana", "📅", "One", "60")

        clock.forward(timedelta(minutes=20))
        harbour.people.introduce(ana, "ana", "📅", "Another", "keep")

        assert harbour.people.profile(ana, "ana").status == Status(
            emoji="📅", text="Another", ends_at=ends_at
        )

    def test_without_words_and_emoji_is_none(self, services: Services, cast: Cast) -> None:
        services.people.introduce(cast.ben, "Ben", "🏡", "")
        assert services.people.profile(cast.ana, "ben").status is not None

        services.people.introduce(cast.ben, "Ben", " ", " ")
        assert services.people.profile(cast.ana, "ben").status is None

    @pytest.mark.parametrize(
        ("emoji", "text", "lasts", "refusal"),
        [
            ("ab", "", "", UnknownEmoji),
            ("<b>", "", "", UnknownEmoji),
            ("🏡", "x" * 101, "", StatusInvalid),
            ("🏡", "x\x00", "", BadText),
            ("🏡", "x", "31", UnknownChoice),
        ],
    )
    def test_refused_changes_nothing(
        self,
        services: Services,
        cast: Cast,
        told: Listening,
        emoji: str,
        text: str,
        lasts: str,
        refusal: type[Exception],
    ) -> None:
        with pytest.raises(refusal):
            services.people.introduce(cast.ben, "Another name", emoji, text, lasts)

        assert services.people.profile(cast.ana, "ben").display_name == "Ben Okafor"
        assert told == []

    @pytest.mark.parametrize(
        ("lasts", "zone", "ends_at"),
        [
            ("", "UTC", None),
            ("30", "UTC", MONDAY + timedelta(minutes=30)),
            ("today", "", datetime(2026, 11, 24, tzinfo=UTC)),
            ("today", "Europe/Berlin", datetime(2026, 11, 23, 23, tzinfo=UTC)),
            ("today", "Asia/Tokyo", datetime(2026, 11, 24, 15, tzinfo=UTC)),
            ("week", "UTC", datetime(2026, 11, 30, tzinfo=UTC)),
            ("week", "America/Lima", datetime(2026, 11, 30, 5, tzinfo=UTC)),
        ],
    )
    def test_ends_with_the_day_of_its_person(
        self, lasts: str, zone: str, ends_at: datetime | None
    ) -> None:
        assert end_of(lasts, MONDAY, zone) == ends_at


class TestATimeZone:
    def test_is_told_once(self, services: Services, cast: Cast, told: Listening) -> None:
        for _ in range(2):
            services.people.tell_zone(cast.ben, "Africa/Lagos")

        assert services.people.profile(cast.ana, "ben").zone == "Africa/Lagos"
        assert len(told.of(ProfileChanged)) == 1

    @pytest.mark.parametrize("zone", ["", "Nowhere", "../../etc/passwd", "Europe", "x" * 65, "\0"])
    def test_that_there_is_not_is_refused(self, services: Services, cast: Cast, zone: str) -> None:
        with pytest.raises(UnknownZone):
            services.people.tell_zone(cast.ben, zone)
