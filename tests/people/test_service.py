"""The rules of profiles and preferences."""

import pytest

from chatapp.core.events import user_channel
from chatapp.people.entities import CHOICES, Preferences
from chatapp.people.errors import UnknownChoice
from chatapp.people.events import PreferencesChanged
from chatapp.services import Services
from tests.cast import Cast, Listening


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
