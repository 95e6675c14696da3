"""A photo contest from its form to its published result, in two contracts, three roles and two languages."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.product import Product
from tests.web.conftest import Enter, Person

pytestmark = pytest.mark.slow


def _photo(colour: str, size: tuple[int, int] = (640, 480)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def _at_work(enter: Enter, product: Product, login: str, **how: Any) -> Person:
    """Seat someone at a registered browser."""
    person = enter(**how)
    person.sign_in(login)
    person.register(str(product.azukari("device", "issue", login)["device_key"]), f"{login} の端末")
    return person


def _put(product: Product, login: str, photos: Mapping[str, bytes]) -> None:
    """Store photos in a login's My Folder by a network drive of its own."""
    key, password = str(product.azukari("device", "issue", login)["device_key"]), product.logins[login].password
    registered = product.azukari("device", "register", login, key, "--name", "drive", "--password", password)
    with httpx.Client(auth=(login, str(registered["dav_password"]))) as drive:
        for name, data in photos.items():
            assert drive.put(f"{product.dav_url}my/{name}", content=data).status_code == 201


@pytest.fixture
def at_work(enter: Enter, product: Product) -> Callable[..., Person]:
    """Return a function that seats someone at a registered browser."""
    return functools.partial(_at_work, enter, product)


def test_r27_a_contest_is_held_voted_in_and_withdrawn(at_work: Callable[..., Person], product: Product) -> None:
    colours = {"夕焼け.jpg": "darkorange", "海.jpg": "navy", "森.jpg": "darkgreen"}
    _put(product, "sakura-admin", {name: _photo(colour) for name, colour in colours.items()})
    host = at_work("sakura-admin")
    host.page.click("nav.main-nav a[href='/contests/']")
    expect(host.page.locator("main .empty")).to_contain_text("コンテストはまだありません。")
    host.require_no_barriers()
    host.page.click("main a[href='/contests/new']")
    host.page.fill("#title", "2026 夏のフォトコンテスト")
    host.page.fill("#text", "今年の一枚を選びましょう。")
    host.page.select_option("#audience", "everyone")
    for name in ("夕焼け.jpg", "海.jpg"):
        host.page.get_by_label(name).check()
    host.page.click("button[name='add']")
    host.page.get_by_label("森.jpg").check()
    host.require_no_barriers()
    host.picture("contest-new")
    host.page.click("button.btn-wide")
    expect(host.page.locator("h1")).to_have_text("2026 夏のフォトコンテスト")
    address = host.page.url.removeprefix(product.base_url)
    host.require_no_barriers()

    # The photos may go from their folder meanwhile.
    host.open("/files/my")
    for name in colours:
        host.page.get_by_label(f"「{name}」を選択").check()
    host.page.click("button[value='delete']")
    host.page.click("main button:has-text('削除する')")
    jiro = at_work("jiro", language="en-US", phone=True)
    _vote(jiro)
    taro = at_work("taro")
    taro.open(address)
    taro.page.click("#photo-2 button")
    expect(taro.page.locator("svg.chart")).to_be_visible()
    expect(taro.page.locator("table.result tbody tr").first).to_contain_text("海")
    taro.require_no_barriers()

    # The administrator of the other contract hosts nothing here, and a private contest is not there.
    other = at_work("momiji-admin")
    other.open(address)
    expect(other.page.locator("h1")).to_have_text("2026 夏のフォトコンテスト")
    expect(other.page.locator("main")).not_to_contain_text("取り下げる")

    host.open(address)
    host.page.click("summary:has-text('取り下げる')")
    host.require_no_barriers()
    host.page.click("button:has-text('取り下げて削除する')")
    expect(host.page.locator(".notice-done")).to_have_text("コンテストを取り下げました。")
    assert jiro.page.goto(product.base_url + address).status == 404  # type: ignore[union-attr]


def test_r27_a_private_contest_with_a_photo_that_is_none(at_work: Callable[..., Person], product: Product) -> None:
    files = {"a.jpg": _photo("maroon"), "b.jpg": _photo("teal"), "手紙.jpg": "拝啓".encode()}
    _put(product, "momiji-admin", files)
    host = at_work("momiji-admin", phone=True, script=False)
    host.open("/contests/new")
    host.page.fill("#title", "社内コンテスト")
    for name in ("a.jpg", "b.jpg", "手紙.jpg"):
        host.page.get_by_label(name).check()
    host.page.click("button.btn-wide")
    expect(host.page.locator("section.notice-refused")).to_contain_text("手紙.jpg: 写真として読めません。")
    host.page.locator("input[name='chosen'][value='my/手紙.jpg']").uncheck()
    host.page.click("button.btn-wide")
    host.page.wait_for_url(re.compile("/contests/[0-9a-f]{32}$"))
    address = host.page.url.removeprefix(product.base_url)
    host.page.click("#photo-1 button")
    for login in ("taro", "sakura-admin"):
        stranger = at_work(login, language="en-US")
        assert stranger.page.goto(product.base_url + address).status == 404  # type: ignore[union-attr]
    expect(host.page.locator("svg.chart")).to_be_visible()
    expect(host.page.locator("table.result")).to_contain_text("1")
    host.picture("contest-result")


def _vote(jiro: Person) -> None:
    """Vote as one of another contract does, and change one's mind."""
    jiro.open("/contests/")
    jiro.require_no_barriers()
    jiro.page.click("main a:has-text('夏のフォトコンテスト')")
    expect(jiro.page.locator(".gallery img")).to_have_count(3)
    jiro.page.click("#photo-1 button")
    expect(jiro.page.locator(".notice-done")).to_have_text("You voted for “夕焼け”. You may change it until the end.")
    jiro.page.click("#photo-2 button")
    expect(jiro.page.locator(".gallery .mine")).to_have_attribute("id", "photo-2")
    loaded = "[...document.images].every((one) => one.complete && one.naturalWidth > 0)"
    jiro.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    jiro.page.wait_for_function(loaded, timeout=30_000)
    jiro.require_no_barriers()
    jiro.picture("contest-vote")
