"""hanako publishes an album, anybody sees it, the administrator puts an end to it (R25)."""

from __future__ import annotations

from io import BytesIO

import httpx
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.product import Product
from tests.web.conftest import Enter, Person

pytestmark = pytest.mark.slow

_FOLDER = "夏祭り"


def _photo(colour: str) -> bytes:
    held = BytesIO()
    Image.new("RGB", (640, 480), colour).save(held, "JPEG")
    return held.getvalue()


def _store(product: Product) -> None:
    """Put an album of two photos and a text into hanako's My Folder."""
    drive = product.drive()
    with httpx.Client(auth=(drive.login, drive.password), timeout=60) as client:
        assert client.request("MKCOL", f"{drive.url}{_FOLDER}").status_code == 201
        for name, body in (("1.jpg", _photo("red")), ("2.jpg", _photo("navy")), ("案内.txt", "ようこそ".encode())):
            assert client.put(f"{drive.url}{_FOLDER}/{name}", content=body).is_success


def _publish(hanako: Person, folder: str, name: str) -> str:
    """Publish something by its checkbox; return the address of its page, as people are told it."""
    hanako.open(f"/files/{folder}")
    hanako.page.check(f"input[name=pick][value='{name}']")
    hanako.page.click("button[formaction*='/publications/new/']")
    expect(hanako.page.locator("main")).to_contain_text("だれでも見られるページを作ります")
    hanako.require_no_barriers()
    hanako.page.click("main form button.btn-primary")
    expect(hanako.page.locator(".notice-done")).to_contain_text("公開しました")
    return hanako.page.input_value("#address")


def test_r25_an_album_is_published_seen_by_anybody_and_taken_away_by_the_administrator(
    enter: Enter, hanako: Person, admin: Person, product: Product
) -> None:
    _store(product)
    photo = _publish(hanako, f"my/{_FOLDER}", "1.jpg")
    address = _publish(hanako, "my", _FOLDER)
    hanako.require_no_barriers()
    hanako.picture("publication")
    assert hanako.page.get_attribute("#to-x", "href", strict=True).startswith("https://x.com/intent/post?url=")  # type: ignore[union-attr]
    assert hanako.page.get_attribute("#to-facebook", "href", strict=True).startswith("https://www.facebook.com/")  # type: ignore[union-attr]

    path = address.removeprefix(product.base_url)
    for language, phone in (("ja-JP", False), ("en-US", True)):
        anybody = enter(language=language, phone=phone)
        anybody.open(path)
        expect(anybody.page.locator("h1")).to_have_text(_FOLDER)
        pictures = anybody.page.locator(".album img")
        expect(pictures).to_have_count(2)
        for number in range(2):
            expect(pictures.nth(number)).to_have_js_property("complete", True)
            assert pictures.nth(number).evaluate("one => one.naturalWidth") == 640
        anybody.require_no_barriers()
        assert anybody.context.cookies() == []
        anybody.picture("public-album")
        anybody.page.click(".album a >> nth=2")
        expect(anybody.page.locator("body")).to_contain_text("ようこそ")
        anybody.page.goto(photo)
        expect(anybody.page.locator(".preview img")).to_have_js_property("naturalWidth", 640)
        anybody.require_no_barriers()

    hanako.open("/publications/")
    expect(hanako.page.locator("main")).to_contain_text("閲覧 2 回")
    hanako.require_no_barriers()

    admin.open("/admin/settings/")
    admin.page.uncheck("#publishing")
    admin.page.locator("form:has(#publishing) button").click()
    expect(admin.page.locator(".notice-done")).to_contain_text("終了したページ：2 件")
    admin.require_no_barriers()
    late = enter(language="en-US", phone=True)
    late.open(path)
    expect(late.page.locator("main")).to_contain_text("This page is no longer published.")
    expect(late.page.locator("main")).not_to_contain_text(_FOLDER)
    late.require_no_barriers()
    hanako.open("/files/my")
    expect(hanako.page.locator("button[formaction*='/publications/new/']")).to_have_count(0)
    admin.open("/admin/settings/")
    admin.page.check("#publishing")
    admin.page.locator("form:has(#publishing) button").click()
