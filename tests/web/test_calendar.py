"""The scheduler as people use it: a repeated meeting with somebody invited, the answer, and one time of it moved."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.conftest import Enter, Person
from tests.web.pages import open_details

pytestmark = pytest.mark.slow


def test_a_meeting_that_repeats_is_answered_and_one_time_of_it_is_moved(
    hanako: Person, admin: Person, enter: Enter
) -> None:
    hanako.open("/calendar/new?on=2027-04-05")
    hanako.require_no_barriers()
    page = hanako.page
    page.fill("#title", "営業会議")
    page.fill("#start_time", "10:00")
    page.fill("#end_time", "11:00")
    page.select_option("#repeat", "WEEKLY")
    page.select_option("#ends", "count")
    page.fill("#count", "3")
    page.get_by_label("taro").check()
    page.click("button:has-text('保存')")
    expect(page.locator(".item", has_text="営業会議")).to_have_count(3)
    hanako.require_no_barriers()
    hanako.picture("calendar")

    taro = enter(language="en-US", phone=True, script=False)
    taro.sign_in("taro")
    taro.register(admin.issue_key("taro"), "太郎の携帯")
    taro.open("/calendar/?on=2027-04-05")
    expect(taro.page.locator("#waiting")).to_be_visible()
    taro.page.click(".item a >> nth=0")
    taro.page.click("button:has-text('Accept')")
    expect(taro.page.locator(".notice-done")).to_contain_text("You answered: accepted.")

    page.click(".item a >> nth=1")
    expect(page.locator(".members")).to_contain_text("出席")
    open_details(page)
    hanako.require_no_barriers()
    page.click("a:has-text('この回だけ変更')")
    page.fill("#start_day", "2027-04-13")
    page.fill("#end_day", "2027-04-13")
    page.click("button:has-text('保存')")
    days = page.locator(".day:has(.item) h2 .visually-hidden")
    expect(days).to_have_text(["2027年4月5日（月）", "2027年4月13日（火）", "2027年4月19日（月）"])


@pytest.mark.parametrize(("language", "phone"), [("ja-JP", False), ("en-US", True)])
def test_the_pages_of_the_scheduler_have_no_barriers(enter: Enter, admin: Person, language: str, phone: bool) -> None:
    hanako = enter(language=language, phone=phone)
    hanako.sign_in("hanako")
    hanako.register(admin.issue_key("hanako"), "PC")
    for path in (
        "/calendar/",
        "/calendar/?view=week",
        "/calendar/?view=day",
        "/calendar/new",
        "/calendar/busy?on=2027-04-05&login=hanako&login=taro",
        "/calendar/settings",
    ):
        hanako.open(path)
        hanako.require_no_barriers()
    open_details(hanako.page)
    hanako.require_no_barriers()
