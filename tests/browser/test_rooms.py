"""Two people and the rooms they share, seen live by both."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Somebody, in_garden


class TestATopic:
    def test_is_seen_live_in_the_header_in_the_details_and_in_the_conversation(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        path = in_garden(ana, ben)
        expect(ben.page.get_by_role("heading", name="Topic")).to_be_hidden()

        ana.page.get_by_role("link", name="Name and topic").click()
        ana.page.get_by_role("textbox", name="Topic").fill("Beds, bees & water")
        ana.page.get_by_role("button", name="Save").click()

        expect(ben.page.locator(".bar__topic")).to_have_text("Beds, bees & water")
        details = ben.page.get_by_role("complementary")
        expect(details.get_by_text("Beds, bees & water")).to_be_visible()
        line = ben.page.locator(".message__quiet")
        expect(line).to_contain_text("ana changed the topic to Beds, bees & water")
        ana.go(path)
        expect(ana.page.locator(".bar__topic")).to_have_text("Beds, bees & water")

    def test_that_changed_while_one_was_away_is_seen_on_coming_back(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        path = in_garden(ana, ben)
        ben.expected.append("")  # browsers report the broken connection
        ben.context.set_offline(True)
        expect(ben.page.locator("body[data-conn=offline]")).to_be_attached()

        ana.go(f"{path}/edit")
        ana.page.get_by_role("textbox", name="Topic").fill("Beds")
        ana.page.get_by_role("button", name="Save").click()
        expect(ana.page.get_by_text("Saved.")).to_be_visible()
        ben.context.set_offline(False)

        expect(ben.page.locator(".bar__topic")).to_have_text("Beds")


class TestAnOpenRoom:
    def test_is_opened_found_while_typing_joined_and_left(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        ben.sign_up(ana.set_up())
        path = ana.make_room("Garden")
        ana.say("Before it was open")
        ana.sees("Before it was open")
        ben.rooms.get_by_role("link", name="Browse rooms").click()
        ben.be_online()
        expect(ben.page.get_by_role("heading", name="General")).to_be_visible()
        expect(ben.page.get_by_role("heading", name="Garden")).to_have_count(0)

        ana.page.get_by_role("button", name="Open to everybody").click()
        question = ana.page.get_by_role("dialog")
        expect(question).to_contain_text("read everything that was said")
        question.get_by_role("button", name="Open the room").click()

        expect(ben.page.get_by_role("heading", name="Garden")).to_be_visible()
        ben.page.get_by_role("searchbox").press_sequentially("gard")
        expect(ben.page.get_by_role("heading", name="General")).to_have_count(0)
        ben.page.get_by_role("button", name=re.compile("Join.*Garden")).click()
        ben.sees("Before it was open")
        expect(ben.rooms.get_by_role("link", name="Garden")).to_be_visible()
        expect(ana.page.locator(".message__quiet").last).to_contain_text("Ben joined")

        ana.page.get_by_role("button", name="Make it by invitation").click()
        details = ben.page.get_by_role("complementary")
        expect(details.get_by_text("Closed: people come in by invitation.")).to_be_visible()

        ben.page.get_by_role("button", name="Leave the room").click()
        ben.page.get_by_role("dialog").get_by_role("button", name="Leave the room").click()
        expect(ben.page).to_have_url(f"{ben.url}/")
        expect(ben.rooms.get_by_role("link", name="Garden")).to_have_count(0)
        ben.go("/rooms")
        expect(ben.page.get_by_role("heading", name="General")).to_be_visible()
        expect(ben.page.get_by_role("heading", name="Garden")).to_have_count(0)
        ben.expected.append("404")
        ben.go(path)
        expect(ben.page.get_by_text("There is no such room")).to_be_visible()


class TestAnArchivedRoom:
    def test_is_read_only_for_both_until_it_is_restored(self, ana: Somebody, ben: Somebody) -> None:
        in_garden(ana, ben)
        ben.say("The last word")
        ana.sees("The last word")

        ana.page.get_by_role("button", name="Archive the room").click()
        ana.page.get_by_role("dialog").get_by_role("button", name="Archive the room").click()

        for person in (ana, ben):
            expect(person.page.get_by_text("This room is archived.")).to_be_visible()
            expect(person.writing).to_be_hidden()
            expect(person.rooms.get_by_role("link", name="Garden")).to_have_count(0)
            expect(person.page.get_by_role("button", name="Leave the room")).to_be_hidden()
            person.sees("The last word")
        expect(ben.page.get_by_role("button", name="Restore the room")).to_be_hidden()
        ben.page.locator(".message", has_text="The last word").hover()
        expect(ben.page.get_by_role("button", name="Copy link")).to_have_count(0)
        expect(ben.page.get_by_role("button", name="Reply")).to_have_count(0)
        ben.go("/rooms")
        ben.page.get_by_role("link", name=re.compile("Read.*Garden")).click()
        ben.sees("The last word")
        ben.be_online()

        ana.page.get_by_role("button", name="Restore the room").click()

        expect(ben.rooms.get_by_role("link", name="Garden")).to_be_visible()
        ben.say("Not the last one after all")
        ana.sees("Not the last one after all")


class TestADirectMessage:
    def test_is_opened_from_a_name_seen_with_the_first_word_hidden_and_back_again(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        ben.sign_up(ana.set_up())
        ana.open_room("General")
        ben.open_room("General")

        ana.page.get_by_role("button", name="Message Ben").click()
        expect(ana.page.locator("h1 [data-room-name]")).to_have_text("Ben")
        ana.be_online()
        expect(ben.rooms.get_by_role("link", name="ana")).to_have_count(0)
        ana.say("Just between us")

        ben.rooms.get_by_role("link", name="ana").click()
        ben.be_online()
        ben.sees("Just between us")
        expect(ben.page).to_have_title("ana, Harbour")
        seat = ana.rooms.locator("[data-directs] [data-presence=ben]")
        expect(seat).to_have_attribute("data-presence-state", "online")

        ben.page.get_by_role("button", name="Hide until the next message").click()
        expect(ben.page.get_by_text("It is back with the next message.")).to_be_visible()
        expect(ben.rooms.get_by_role("link", name="ana")).to_have_count(0)
        ben.be_online()
        ana.say("Still there?")
        expect(ben.rooms.get_by_role("link", name="ana")).to_be_visible()

    def test_is_found_again_by_the_other(self, ana: Somebody, ben: Somebody) -> None:
        ben.sign_up(ana.set_up())
        ana.go("/directs/new")
        ana.page.get_by_role("combobox", name="People").fill("ben")
        ana.page.get_by_role("button", name="Open the conversation").click()
        expect(ana.page.locator("h1 [data-room-name]")).to_have_text("Ben")
        path = ana.page.url.removeprefix(ana.url)

        ben.go("/directs/new")
        ben.page.get_by_role("combobox", name="People").fill("ana")
        ben.page.get_by_role("button", name="Open the conversation").click()

        expect(ben.page.locator("h1 [data-room-name]")).to_have_text("ana")
        assert ben.page.url.removeprefix(ben.url) == path


class TestMuting:
    def test_is_seen_in_every_tab_of_ones_own_and_by_nobody_else(
        self, ana: Somebody, ben: Somebody
    ) -> None:
        path = in_garden(ana, ben)
        other_tab = ben.context.new_page()
        other_tab.goto(ben.url + path)
        expect(other_tab.locator("body[data-conn=online]")).to_be_attached()
        expect(ben.rooms.get_by_role("link", name=re.compile("Garden.*muted"))).to_have_count(0)

        ben.page.get_by_role("radio", name="Nothing: mute it").check()

        for page in (ben.page, other_tab):
            rooms = page.get_by_role("navigation", name="Rooms")
            expect(rooms.get_by_role("link", name=re.compile("Garden.*muted"))).to_be_visible()
        expect(other_tab.get_by_role("radio", name="Nothing: mute it")).to_be_checked()
        expect(ana.rooms.get_by_role("link", name=re.compile("Garden.*muted"))).to_have_count(0)
        ben.page.reload()
        expect(ben.page.get_by_role("radio", name="Nothing: mute it")).to_be_checked()
