"""The bulletin board of two contracts: three roles, two languages, a phone and a browser without script."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.product import Product
from tests.web.conftest import Enter, Person

pytestmark = pytest.mark.slow


def _at_work(enter: Enter, product: Product, login: str, **how: Any) -> Person:
    """Seat someone at a registered browser."""
    person = enter(**how)
    person.sign_in(login)
    person.register(str(product.azukari("device", "issue", login)["device_key"]), f"{login} の端末")
    return person


@pytest.fixture
def at_work(enter: Enter, product: Product) -> Callable[..., Person]:
    """Return a function that seats someone at a registered browser."""
    return functools.partial(_at_work, enter, product)


def test_r28_a_topic_from_the_first_word_to_its_mark(at_work: Callable[..., Person], product: Product) -> None:
    hanako = at_work("hanako")
    hanako.page.click("nav.main-nav a[href='/board/']")
    expect(hanako.page.locator("main .empty")).to_contain_text("話題はまだありません。")
    hanako.require_no_barriers()
    hanako.page.click("main a[href='/board/new']")
    hanako.page.fill("#title", "夏季休業のお知らせ")
    hanako.page.fill(
        "#body", "# 日程\n\n- **8/10** から\n- 8/16 まで\n\n@taro さん、<https://example.com> もご覧ください。"
    )
    hanako.page.click("summary:has-text('ファイルを添付')")
    hanako.page.get_by_label("はじめにお読みください.txt").check()
    hanako.page.click("button[name='add']")
    hanako.require_no_barriers()
    hanako.picture("board-new")
    hanako.page.click("button.btn-wide")
    expect(hanako.page.locator(".post-body h3")).to_have_text("日程")
    expect(hanako.page.locator(".post-body a")).to_have_attribute("rel", "noopener nofollow")
    topic = hanako.page.url.removeprefix(product.base_url).partition("?")[0]
    hanako.require_no_barriers()
    hanako.page.click(".attached a")
    expect(hanako.page.locator("h1")).to_have_text("はじめにお読みください.txt")

    _answer(at_work("taro", language="en-US", phone=True), topic)
    _moderate(at_work("sakura-admin"), topic)
    hanako.open("/board/search?q=8/16")
    hanako.require_no_barriers()
    hanako.page.click(".topics a")
    expect(hanako.page.locator("h1")).to_have_text("夏季休業のお知らせ")

    stranger = at_work("jiro")
    assert stranger.page.goto(product.base_url + topic).status == 404  # type: ignore[union-attr]
    stranger.open("/board/")
    expect(stranger.page.locator("main")).not_to_contain_text("夏季休業")


def _answer(taro: Person, topic: str) -> None:
    """Read a topic that is new, answer it and edit the answer."""
    expect(taro.page.locator("nav.main-nav a[href='/board/'] .badge-pro")).to_contain_text("1")
    taro.page.click("nav.main-nav a[href='/board/']")
    taro.require_no_barriers()
    taro.page.click("main a:has-text('夏季休業のお知らせ')")
    taro.require_no_barriers()
    expect(taro.page.locator("nav.main-nav .badge-pro")).to_have_count(0)
    taro.page.fill("#body", "Understood, thank you.")
    taro.page.click("button[value='post']")
    expect(taro.page.locator(".post")).to_have_count(2)
    taro.page.click(".post a:has-text('Edit')")
    taro.require_no_barriers()
    taro.page.fill("#body", "Understood. Thank you, @hanako!")
    taro.page.click("main button:has-text('Save')")
    taro.page.click(".post a:has-text('edited')")
    expect(taro.page.locator(".post")).to_have_count(2)
    taro.require_no_barriers()
    taro.open(topic)
    taro.picture("board-topic")
    taro.open(f"{topic}/reply")
    taro.require_no_barriers()
    taro.open("/board/settings")
    taro.require_no_barriers()


def _moderate(admin: Person, topic: str) -> None:
    """Pin a topic and delete its second post."""
    admin.open(topic)
    admin.page.click("button:has-text('上に固定する')")
    second = admin.page.locator(".post").nth(1)
    second.locator("summary").click()
    admin.require_no_barriers()
    second.locator("button:has-text('この投稿を削除する')").click()
    expect(admin.page.locator(".post").nth(1)).to_contain_text("この投稿は sakura-admin が")
    expect(admin.page.locator("main")).not_to_contain_text("Understood")
    admin.open("/board/")
    expect(admin.page.locator(".topics li").first).to_contain_text("固定")


def test_r22_a_groups_topic_is_read_by_its_readers_alone(at_work: Callable[..., Person], product: Product) -> None:
    hanako = at_work("hanako", script=False)
    hanako.open("/board/new")
    hanako.page.fill("#title", "営業部の予定")
    hanako.page.select_option("#group", "eigyo")
    hanako.page.fill("#body", "来週の訪問先です。")
    hanako.page.click("button.btn-wide")
    topic = hanako.page.url.removeprefix(product.base_url).partition("?")[0]
    taro = at_work("taro", script=False)
    taro.open(topic)
    expect(taro.page.locator("main")).to_contain_text("このグループでは閲覧のみできます。")
    expect(taro.page.locator("#body")).to_have_count(0)
    admin = at_work("sakura-admin")
    assert admin.page.goto(product.base_url + topic).status == 404  # type: ignore[union-attr]
