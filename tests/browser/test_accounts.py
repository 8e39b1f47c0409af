"""Who loses a session loses the open page too."""

from playwright.sync_api import expect

from tests.browser.conftest import Somebody
from tests.cast import PASSWORD


class TestANewPassword:
    def test_S3_signs_out_the_other_browser_at_once(self, ana: Somebody, somebody: object) -> None:
        ana.set_up()
        elsewhere = somebody("ana")  # type: ignore[operator]
        elsewhere.sign_in()
        elsewhere.open_room("General")
        elsewhere.expected.append("401")
        ana.go("/")
        ana.page.get_by_role("link", name="ana", exact=False).last.click()
        ana.page.get_by_role("navigation", name="Settings").get_by_role(
            "link", name="Account"
        ).click()
        expect(ana.page.get_by_label("Present password")).to_be_visible()
        ana.be_online()  # a handshake on its way would be refused, which a browser complains about

        ana.page.get_by_label("Present password").fill(PASSWORD)
        ana.page.get_by_label("New password").fill("another-gate-9")
        ana.page.get_by_role("button", name="Change password").click()

        expect(ana.page.get_by_text("Your password is changed")).to_be_visible()
        expect(elsewhere.page.get_by_role("heading", name="Sign in")).to_be_visible()
        ana.open_room("General")
        ana.say("still here")
        ana.sees("still here")


class TestADeactivatedAccount:
    def test_S3_is_out_at_once_and_can_come_back(self, ana: Somebody, ben: Somebody) -> None:
        ben.sign_up(ana.set_up())
        ben.open_room("General")
        ben.expected.append("401")
        ana.go("/")
        ana.page.get_by_role("link", name="People", exact=True).click()
        row = ana.page.locator("[data-username=ben].people-list__item")

        row.get_by_role("button", name="Deactivate").click()
        ana.page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()

        expect(ben.page.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(row).to_contain_text("deactivated")
        ben.sign_in()
        expect(ben.page.get_by_text("The username or the password is not right.")).to_be_visible()
        ben.expected.append("400")
        row.get_by_role("button", name="Activate").click()
        expect(row).not_to_contain_text("deactivated")
        ben.sign_in()
        expect(ben.rooms).to_be_visible()
