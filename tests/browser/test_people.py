"""What people say of themselves and prefer, in real browsers."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Somebody
from tests.corpora.pictures import SVG, packed

Seat = Callable[..., Somebody]


def wears(page: Page, **preferences: str) -> None:
    for name, value in preferences.items():
        expect(page.locator("html")).to_have_attribute(f"data-{name}", value)


def scheme_of(page: Page) -> Any:
    return page.evaluate("getComputedStyle(document.documentElement).colorScheme")


def choose(page: Page, label: str) -> None:
    page.get_by_text(label, exact=True).click()


class TestPreferences:
    def test_hold_at_once_in_all_pages_of_a_person(self, ana: Somebody) -> None:
        ana.set_up()
        ana.make_room("Garden")
        settings = ana.context.new_page()
        settings.goto(f"{ana.url}/preferences")

        choose(settings, "Dark")
        choose(settings, "Compact")
        choose(settings, "Adds a line")

        for page in (settings, ana.page):
            wears(page, theme="dark", density="compact", enter="line")
            assert scheme_of(page) == "dark"
        expect(settings.get_by_role("status").filter(has_text="Saved.")).to_be_visible()

    def test_are_there_before_any_script(self, ana: Somebody, somebody: Seat) -> None:
        ana.set_up()
        ana.go("/preferences")
        choose(ana.page, "Dark")
        expect(ana.page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
        plain = somebody("ana", java_script_enabled=False, color_scheme="light")
        plain.sign_in()

        wears(plain.page, theme="dark")
        plain.go("/preferences")
        expect(plain.page.get_by_role("radio", name="Dark")).to_be_checked()
        choose(plain.page, "Light")
        plain.page.get_by_role("button", name="Save").click()

        wears(plain.page, theme="light")
        wears(ana.page, theme="light")

    def test_decide_what_enter_does(self, ana: Somebody) -> None:
        ana.set_up()
        ana.go("/preferences")
        choose(ana.page, "Adds a line")
        expect(ana.page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
        ana.make_room("Garden")

        ana.writing.press_sequentially("one")
        ana.writing.press("Enter")
        ana.writing.press_sequentially("two")
        assert ana.writing.input_value() == "one\ntwo"
        ana.writing.press("Control+Enter")

        ana.sees("two")
        assert ana.texts == ["one\ntwo"]

    def test_decide_whether_news_are_read_out(self, ana: Somebody, ben: Somebody) -> None:
        link = ana.set_up()
        ben.sign_up(link)
        ana.make_room("Garden", "ben")
        ben.open_room("Garden")
        live = ana.page.locator("[data-announce]")
        ben.say("one")
        expect(live).to_have_text("Ben: one")

        silent = ana.context.new_page()
        silent.goto(f"{ana.url}/preferences")
        choose(silent, "Stay silent")
        wears(ana.page, announces="no")
        ben.say("two")
        ana.sees("two")
        silent.wait_for_timeout(2_500)  # longer than news are joined for

        expect(live).to_have_text("Ben: one")

    def test_that_were_missed_are_there_after_the_gap(self, ana: Somebody, somebody: Seat) -> None:
        ana.set_up()
        ana.make_room("Garden")
        elsewhere = somebody("ana")
        elsewhere.sign_in()
        elsewhere.go("/preferences")
        ana.expected.append("ERR_INTERNET_DISCONNECTED")
        ana.context.set_offline(True)
        expect(ana.page.locator("body[data-conn=offline]")).to_be_attached()

        choose(elsewhere.page, "Dark")
        expect(elsewhere.page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
        wears(ana.page, theme="system")
        ana.context.set_offline(False)

        wears(ana.page, theme="dark")


class TestOtherSignIns:
    def test_are_ended_from_here_and_their_page_is_signed_out(
        self, ana: Somebody, somebody: Seat
    ) -> None:
        ana.set_up()
        room = ana.make_room("Garden")
        lost = somebody("ana")
        lost.sign_in()
        lost.go(room)
        lost.be_online()

        ana.go("/account")
        places = ana.page.locator(".places__item")
        expect(places).to_have_count(2)
        expect(places.first).to_contain_text("This browser, in use now")
        expect(places.last).to_contain_text("today at")
        places.last.get_by_role("button", name="Sign out").click()

        expect(lost.page).to_have_url(f"{ana.url}/login?next={room.replace('/', '%2F')}")
        expect(places).to_have_count(1)
        ana.go(room)
        ana.be_online()


class TestAProfile:
    def test_changes_in_the_page_of_another_person(self, ana: Somebody, ben: Somebody) -> None:
        ben.sign_up(ana.set_up())
        ana.make_room("Garden", "ben")
        ben.open_room("Garden")
        ben.say("hello")
        ana.sees("hello")
        settings = ben.context.new_page()
        settings.goto(f"{ben.url}/profile")

        settings.get_by_label("Your name").fill("Zoe Quist")
        settings.get_by_role("button", name="🏡 Working from home").click()
        settings.get_by_role("button", name="Save").click()
        expect(settings.get_by_text("Saved.")).to_be_visible()

        for page in (ana.page, ben.page):
            said = page.locator(".message[data-sender=ben]:has(.message__text)")
            expect(said.locator(".message__sender")).to_have_text("Zoe Quist")
            expect(said.locator(".avatar")).to_have_text("ZQ")
            expect(page.locator(".member[data-username=ben]")).to_contain_text("Zoe Quist")
        expect(ben.page.locator(".me__name")).to_have_text("Zoe Quist")
        ben.say("with a new name")
        expect(ben.page.locator(".message__sender").last).to_have_text("Zoe Quist")

    def test_is_on_a_card_beside_the_name_and_follows(self, ana: Somebody, somebody: Seat) -> None:
        ben = somebody("ben", timezone_id="Africa/Lagos")
        ben.sign_up(ana.set_up())
        ana.make_room("Garden", "ben")
        ben.open_room("Garden")
        ben.say("hello")
        ana.sees("hello")
        card = ana.page.locator(".person-card")

        ana.page.locator(".message[data-sender=ben] .message__sender").click()
        expect(card).to_contain_text("@ben")
        expect(card).to_contain_text("for them, in Africa/Lagos")
        ben.go("/profile")
        ben.page.get_by_role("button", name="In a meeting").click()
        ben.page.get_by_role("button", name="Save").click()

        expect(card).to_contain_text("In a meeting")
        expect(card).to_contain_text("until")
        ana.page.keyboard.press("Escape")
        expect(card).to_be_hidden()
        ana.page.locator(".member[data-username=ben] .member__name").press("Enter")
        expect(card).to_contain_text("In a meeting")


class TestAPicture:
    def test_is_seen_at_once_by_the_other(self, ana: Somebody, ben: Somebody) -> None:
        ben.sign_up(ana.set_up())
        ana.make_room("Garden", "ben")
        ben.open_room("Garden")
        ben.say("hello")
        ana.sees("hello")
        settings = ben.context.new_page()
        settings.goto(f"{ben.url}/profile")
        file = settings.locator("input[type=file]")

        file.set_input_files({"name": "me.png", "mimeType": "image/png", "buffer": packed("PNG")})

        for place in (".message[data-sender=ben] > .avatar", ".member[data-username=ben]"):
            drawn = ana.page.locator(f"{place} img").first
            expect(drawn).to_have_js_property("naturalWidth", 96)
        expect(ben.page.locator(".me > .avatar img")).to_be_visible()
        ana.page.reload()
        ana.be_online()
        expect(ana.page.locator(".message[data-sender=ben] > .avatar img").first).to_be_visible()

        settings.get_by_role("button", name="Remove it").click()
        expect(ana.page.locator(".message img")).to_have_count(0)
        expect(ana.page.locator(".message[data-sender=ben] > .avatar").first).to_have_text("BE")

    def test_that_is_none_is_refused_in_words(self, ana: Somebody) -> None:
        ana.set_up()
        ana.go("/profile")
        ana.expected.append("400")
        file = ana.page.locator("input[type=file]")

        file.set_input_files({"name": "me.png", "mimeType": "image/png", "buffer": SVG})
        expect(ana.page.get_by_text("That is no PNG, JPEG, WebP or GIF")).to_be_visible()
        large = b"\0" * 5_000_001
        file.set_input_files({"name": "me.png", "mimeType": "image/png", "buffer": large})
        expect(ana.page.get_by_text("A picture has at most 5 MB")).to_be_visible()
