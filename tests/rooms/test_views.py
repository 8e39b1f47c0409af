"""Pages about rooms."""

import re
from collections.abc import Callable

import pytest

from chatapp.services import Services
from tests.cast import PASSWORD, Browser, Cast

SignIn = Callable[[str], Browser]


class TestHome:
    def test_lists_my_rooms_and_no_other(self, sign_in: SignIn) -> None:
        assert "Garden" in sign_in("ben").get("/").text
        assert "Garden" not in sign_in("cleo").get("/").text

    def test_offers_the_next_step_to_who_is_in_no_room(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        (general,) = services.rooms.list_for(cast.cleo)
        services.rooms.leave(cast.cleo, general.room_id)

        page = sign_in("cleo").get("/").text

        assert "You are in no room yet" in page
        assert 'href="/rooms/new"' in page

    def test_shows_what_people_are_called_as_text(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        services.rooms.create(cast.ana, "<script>alert(1)</script>")

        page = sign_in("ana").get("/").text

        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


class TestMakingARoom:
    def test_leads_into_it_with_those_named(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        answer = sign_in("ana").post("/rooms/new", {"name": "Shed", "members": "@ben, cleo"})

        room_id = answer.location.rpartition("/")[2]
        members = services.rooms.members(cast.ana, room_id)
        assert answer.status_code == 303
        assert [member.username for member in members] == ["ana", "ben", "cleo"]

    @pytest.mark.parametrize(
        ("typed", "field", "sentence"),
        [
            ({"name": ""}, "name", "A room name has 1 to 80 characters."),
            ({"name": "x" * 81}, "name", "A room name has 1 to 80 characters."),
            (
                {"name": "Shed", "members": "ben, dora, emil"},
                "members",
                "Nobody here is called dora, emil.",
            ),
        ],
    )
    def test_refused_marks_the_field_and_makes_nothing(
        self,
        sign_in: SignIn,
        services: Services,
        cast: Cast,
        typed: dict[str, str],
        field: str,
        sentence: str,
    ) -> None:
        before = len(services.rooms.list_for(cast.ana))

        answer = sign_in("ana").post("/rooms/new", typed)

        assert answer.status_code == 400
        assert re.search(rf'id="{field}-error">\s*{re.escape(sentence)}', answer.text)
        assert len(services.rooms.list_for(cast.ana)) == before

    def test_keeps_what_was_typed_when_it_is_refused(self, sign_in: SignIn) -> None:
        answer = sign_in("ana").post("/rooms/new", {"name": "Shed", "members": "dora"})

        assert 'value="Shed"' in answer.text
        assert 'value="dora"' in answer.text

    def test_needs_the_token_of_the_page(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        ana = sign_in("ana")
        before = len(services.rooms.list_for(cast.ana))

        assert ana.client.post("/rooms/new", data={"name": "Shed"}).status_code == 400
        assert len(services.rooms.list_for(cast.ana)) == before

    def test_makes_an_open_one_when_asked_to(
        self, sign_in: SignIn, services: Services, cast: Cast
    ) -> None:
        for name, kind in (("Shed", {}), ("Meadow", {"is_open": "y"})):
            sign_in("ana").post("/rooms/new", {"name": name, **kind})

        listed = [one.room.name for one in services.rooms.directory(cast.cleo)]
        assert listed == ["General", "Meadow"]


class TestTheDirectory:
    @pytest.fixture(autouse=True)
    def _meadow(self, services: Services, cast: Cast) -> None:
        meadow = services.rooms.create_open(cast.ana, "Meadow & <b>heath</b>")
        services.rooms.change_topic(cast.ana, meadow.id, "Bees")

    def test_shows_the_open_rooms_to_everybody_and_no_other(self, sign_in: SignIn) -> None:
        page = sign_in("cleo").get("/rooms").text

        assert "Meadow &amp; &lt;b&gt;heath" in page
        assert "General" in page
        assert "Garden" not in page

    def test_offers_to_join_what_one_is_not_in(self, sign_in: SignIn, cast: Cast) -> None:
        cleo = sign_in("cleo")
        (path,) = re.findall(r'action="(/rooms/\w+/join)"', cleo.get("/rooms").text)

        answer = cleo.post(path)

        assert cleo.get(answer.location).status_code == 200
        assert "/join" not in cleo.get("/rooms").text

    @pytest.mark.parametrize(
        ("sought", "words"),
        [("bee", "Meadow"), ("", "General"), ("(", "No open room has “(” in its name or topic.")],
    )
    def test_finds_by_name_and_topic(self, sign_in: SignIn, sought: str, words: str) -> None:
        assert words in sign_in("cleo").get("/rooms", query_string={"q": sought}).text

    def test_is_json_to_who_asks_for_it(self, sign_in: SignIn) -> None:
        answer = sign_in("cleo").get("/rooms?q=gener", headers=JSON)

        (general,) = answer.get_json()["rooms"]
        assert general.pop("id")
        assert general == {"name": "General", "topic": "", "members": 3, "last_at": None}


class TestAnArchivedRoom:
    @pytest.fixture(autouse=True)
    def _archived(self, services: Services, cast: Cast) -> None:
        services.messages.post(cast.ben, cast.garden.id, "still here")
        services.rooms.archive(cast.ana, cast.garden.id)

    def test_is_read_and_found_by_its_members(self, sign_in: SignIn, cast: Cast) -> None:
        ben = sign_in("ben")
        path = f"/rooms/{cast.garden.id}"

        assert f'href="{path}"' not in ben.get("/").text
        assert "Your archived rooms" in ben.get("/rooms?q=gard").text
        assert "Your archived rooms" not in ben.get("/rooms?q=shed").text
        assert "Garden" not in sign_in("cleo").get("/rooms").text
        assert "still here" in ben.get(path).text
        assert "data-archived>" in ben.get(path).text

    def test_is_restored_by_its_admins(self, sign_in: SignIn, cast: Cast) -> None:
        path = f"/rooms/{cast.garden.id}"

        assert sign_in("ana").post(f"{path}/restore").status_code == 303

        assert f'href="{path}"' in sign_in("ben").get("/").text
        assert "data-archived>" not in sign_in("ben").get(path).text


class TestMuting:
    def test_dims_the_room_for_oneself_alone(self, sign_in: SignIn, cast: Cast) -> None:
        ben, path = sign_in("ben"), f"/rooms/{cast.garden.id}"

        assert ben.post(f"{path}/notify", {"level": "nothing"}).status_code == 303

        assert 'data-level="nothing"' in ben.get("/").text
        assert 'value="nothing" checked' in ben.get(path).text
        for page in ("/", path):
            assert 'data-level="nothing"' not in sign_in("ana").get(page).text


class TestChangingARoom:
    @pytest.fixture
    def garden(self, cast: Cast) -> str:
        return f"/rooms/{cast.garden.id}"

    def test_renames_it(self, sign_in: SignIn, garden: str) -> None:
        answer = sign_in("ana").post(f"{garden}/edit", {"name": "Orchard"}, follow_redirects=True)

        assert answer.status_code == 200
        assert "Orchard" in sign_in("ben").get("/").text

    def test_refused_marks_the_name(self, sign_in: SignIn, garden: str) -> None:
        answer = sign_in("ana").post(f"{garden}/edit", {"name": " "})

        assert answer.status_code == 400
        assert 'id="name-error"' in answer.text

    def test_changes_its_topic_which_the_room_shows(self, sign_in: SignIn, garden: str) -> None:
        answer = sign_in("ana").post(f"{garden}/topic", {"topic": "Beds & bees"})

        assert answer.status_code == 303
        assert sign_in("ben").get(garden).text.count("Beds &amp; bees</p>") == 2
        assert 'value="Beds &amp; bees"' in sign_in("ana").get(f"{garden}/edit").text

    def test_marks_a_topic_that_is_too_long_and_keeps_it(
        self, sign_in: SignIn, garden: str
    ) -> None:
        answer = sign_in("ana").post(f"{garden}/topic", {"topic": "a" * 251})

        assert answer.status_code == 400
        assert re.search(r'id="topic-error">\s*A topic has at most 250 characters.', answer.text)
        assert f'value="{"a" * 251}"' in answer.text
        assert 'value="Garden"' in answer.text

    def test_adds_members(
        self, sign_in: SignIn, services: Services, cast: Cast, garden: str
    ) -> None:
        answer = sign_in("ana").post(f"{garden}/members", {"members": "cleo"})

        assert answer.status_code == 303
        assert services.rooms.membership(cast.cleo, cast.garden.id)

    def test_adds_nobody_unknown(
        self, sign_in: SignIn, services: Services, cast: Cast, garden: str
    ) -> None:
        answer = sign_in("ana").post(f"{garden}/members", {"members": "cleo dora"})

        assert answer.status_code == 400
        assert "Nobody here is called dora." in answer.text
        assert len(services.rooms.members(cast.ana, cast.garden.id)) == 2

    def test_makes_and_unmakes_admins_and_removes(
        self, sign_in: SignIn, services: Services, cast: Cast, garden: str
    ) -> None:
        ana = sign_in("ana")

        assert ana.post(f"{garden}/members/ben/admin").status_code == 303
        assert services.rooms.membership(cast.ben, cast.garden.id).is_room_admin

        assert ana.post(f"{garden}/members/ben/unmake-admin").status_code == 303
        assert not services.rooms.membership(cast.ben, cast.garden.id).is_room_admin

        assert ana.post(f"{garden}/members/ben/remove").status_code == 303
        assert len(services.rooms.members(cast.ana, cast.garden.id)) == 1

    def test_who_is_no_member_is_not_found(self, sign_in: SignIn, garden: str) -> None:
        for change in ("admin", "unmake-admin", "remove"):
            assert sign_in("ana").post(f"{garden}/members/cleo/{change}").status_code == 404

    def test_who_unmakes_or_removes_oneself_lands_where_one_may_be(
        self, sign_in: SignIn, services: Services, cast: Cast, garden: str
    ) -> None:
        ana = sign_in("ana")
        services.rooms.make_admin(cast.ana, cast.garden.id, "ben")
        unmade = ana.post(f"{garden}/members/ana/unmake-admin", follow_redirects=True)
        services.rooms.make_admin(cast.ben, cast.garden.id, "ana")
        removed = ana.post(f"{garden}/members/ana/remove", follow_redirects=True)

        assert (unmade.status_code, unmade.request.path) == (200, garden)
        assert (removed.status_code, removed.request.path) == (200, "/")

    def test_is_left(self, sign_in: SignIn, cast: Cast, garden: str) -> None:
        ben = sign_in("ben")

        answer = ben.post(f"{garden}/leave", follow_redirects=True)

        assert answer.request.path == "/"
        assert ben.get(garden).status_code == 404


class TestTheLastAdmin:
    @pytest.mark.parametrize("go", ["leave", "members/ana/remove", "members/ana/unmake-admin"])
    def test_is_kept_by_409_last_admin(
        self, sign_in: SignIn, services: Services, cast: Cast, go: str
    ) -> None:
        path = f"/rooms/{cast.garden.id}/{go}"
        ana = sign_in("ana")

        page = ana.post(path, headers={"Accept": "text/html"})
        json = ana.post(path, headers={"Accept": "application/json"})

        assert (page.status_code, json.status_code) == (409, 409)
        assert "Make somebody else an admin first." in page.text
        assert json.get_json()["error"]["code"] == "last_admin"
        assert services.rooms.membership(cast.ana, cast.garden.id).is_room_admin


ADMINS_ONLY = [
    ("GET", "edit", {}),
    ("POST", "edit", {"name": "Mine"}),
    ("POST", "topic", {"topic": "Mine"}),
    ("POST", "archive", {}),
    ("POST", "restore", {}),
    ("POST", "open", {}),
    ("POST", "close", {}),
    ("POST", "members", {"members": "cleo"}),
    ("POST", "members/ana/remove", {}),
    ("POST", "members/ben/admin", {}),
    ("POST", "members/ana/unmake-admin", {}),
]
MEMBERS_ONLY = [
    ("POST", "notify", {"level": "nothing"}),
    ("POST", "join", {}),
    ("GET", "", {}),
    ("GET", "messages", {}),
    ("POST", "leave", {}),
]
PAGE, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}


class TestWhoMay:
    @pytest.mark.parametrize(("method", "rest", "form"), ADMINS_ONLY + MEMBERS_ONLY)
    def test_outsiders_are_answered_404_as_for_a_room_that_never_was(
        self,
        sign_in: SignIn,
        services: Services,
        cast: Cast,
        method: str,
        rest: str,
        form: dict[str, str],
    ) -> None:
        cleo = sign_in("cleo")
        before = services.rooms.members(cast.ana, cast.garden.id)

        def answers(room_id: str) -> list[tuple[int, str]]:
            path = f"/rooms/{room_id}/{rest}".rstrip("/")
            return [
                (given.status_code, re.sub(r'(csrf-token" content=)"[^"]+"', r"\1", given.text))
                for headers in (PAGE, JSON)
                for given in [
                    cleo.get(path, headers=headers)
                    if method == "GET"
                    else cleo.post(path, form, headers=headers)
                ]
            ]

        outside = answers(cast.garden.id)
        assert [status for status, _ in outside] == [404, 404]
        assert "room_not_found" in outside[1][1]
        assert outside == answers("0" * 24) == answers("no-id")
        assert services.rooms.members(cast.ana, cast.garden.id) == before

    @pytest.mark.parametrize(("method", "rest", "form"), ADMINS_ONLY)
    def test_members_are_refused_what_is_for_admins(
        self,
        sign_in: SignIn,
        services: Services,
        cast: Cast,
        method: str,
        rest: str,
        form: dict[str, str],
    ) -> None:
        ben = sign_in("ben")
        before = services.rooms.members(cast.ana, cast.garden.id)
        path = f"/rooms/{cast.garden.id}/{rest}"

        answer = ben.get(path) if method == "GET" else ben.post(path, form)

        assert answer.status_code == 403
        assert services.rooms.members(cast.ana, cast.garden.id) == before

    def test_members_see_no_form_that_is_for_admins(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("ben").get(f"/rooms/{cast.garden.id}").text

        assert 'data-manages="false"' in page

    def test_a_new_account_finds_the_open_room(
        self, visitor: Browser, services: Services, cast: Cast
    ) -> None:
        visitor.post(
            "/signup",
            {
                "username": "dora",
                "display_name": "Dora",
                "password": PASSWORD,
                "invite": services.accounts.invite(cast.ana),
            },
        )
        (general,) = services.rooms.list_for(cast.cleo)

        assert visitor.get(f"/rooms/{general.room_id}").status_code == 200
        assert visitor.get(f"/rooms/{cast.garden.id}").status_code == 404
