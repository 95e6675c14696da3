"""Whole stories, from the first key to the lost device, as people live them."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.product import Product
from tests.web.conftest import Enter, Person
from tests.web.test_files import open_new_folder

pytestmark = pytest.mark.slow

_DROP = """([count, size]) => {
  const carried = new DataTransfer();
  for (let at = 0; at < count; at += 1) {
    const name = `写真 ${String(at).padStart(3, "0")}.txt`;
    carried.items.add(new File([new Uint8Array(size).fill(65 + (at % 26))], name, { lastModified: 1700000000000 }));
  }
  return carried;
}"""


def _drop(page: Page, count: int, size: int) -> None:
    carried = page.evaluate_handle(_DROP, [count, size])
    for kind in ("dragenter", "dragover", "drop"):
        page.dispatch_event("main", kind, {"dataTransfer": carried})


def test_r16_from_the_first_key_to_the_lost_device(enter: Enter, admin: Person, product: Product) -> None:
    admin.open("/admin/")
    admin.picture("admin")
    key = admin.issue_key("taro")
    admin.picture("device-key")
    taro = enter()
    taro.open("/")
    taro.picture("login")
    taro.sign_in("taro")
    drive_password = taro.register(key, "太郎のノートPC")
    taro.picture("registered")

    def drive() -> httpx.Response:
        address = f"{product.dav_url}my/夏の写真/"
        return httpx.request("PROPFIND", address, headers={"Depth": "1"}, auth=("taro", drive_password))

    taro.open("/files/my")
    open_new_folder(taro.page, "夏の写真")
    _drop(taro.page, 200, 2000)
    expect(taro.page.locator(".title-row p")).to_contain_text("200 件", timeout=60_000)
    taro.picture("files")
    taro.require_no_barriers()
    assert drive().text.count("<D:response>") == 201

    admin.open("/admin/devices/")
    admin.page.locator("li", has_text="太郎のノートPC").locator("a[href$='/lock']").click()
    admin.page.fill("#reason", "電車に置き忘れた")
    admin.picture("lock")
    admin.page.click("button:has-text('ロックする')")
    expect(admin.page.locator(".notice")).to_contain_text("「太郎のノートPC」をロックしました。")
    assert drive().status_code == 401
    taro.page.reload()
    expect(taro.page.locator("h1")).to_have_text("ログイン")
    taro.page.fill("#login_id", "taro")
    taro.page.fill("#password", product.logins["taro"].password)
    taro.page.press("#password", "Enter")
    expect(taro.page.locator("#refusal")).to_contain_text("利用を止められています")
    admin.open("/admin/log/?login=taro")
    expect(admin.page.locator("table.log")).to_contain_text("device.locked")


def test_r4_a_smaller_plan_is_previewed_and_confirmed(enter: Enter, product: Product) -> None:
    admin = enter()
    admin.sign_in("momiji-admin")
    admin.open("/admin/plan/")
    admin.picture("plans")
    admin.page.click("a[href$='/plan/free-5']")
    expect(admin.page.locator("h1")).to_have_text("free-5 に変更した場合")
    expect(admin.page.locator("main")).to_contain_text("この変更で削除されるファイルはありません。")
    expect(admin.page.locator("main")).to_contain_text("PRO の機能")
    admin.picture("plan-preview")
    admin.page.click("a:has-text('やめる')")
    assert product.azukari("contract", "show", "momiji")["plan"] == "pro-10"
    admin.page.click("a[href$='/plan/pro-25']")
    admin.page.click("button:has-text('pro-25 に変更する')")
    expect(admin.page.locator(".notice").first).to_contain_text("プランを pro-25 に変更しました。")
    assert product.azukari("contract", "show", "momiji")["plan"] == "pro-25"


def test_r16_the_support_desk_locks_on_a_call(enter: Enter, admin: Person) -> None:
    hanako, support = enter(), enter()
    hanako.sign_in("hanako")
    hanako.register(admin.issue_key("hanako"), "花子の携帯")
    support.sign_in("support")
    support.page.fill("#name", "sakura")
    support.page.press("#name", "Enter")
    support.page.locator("li", has_text="花子の携帯").locator("a").click()
    support.page.fill("#asked_by", "桜商事 鈴木様")
    support.page.click("button:has-text('ロックする')")
    expect(support.page.locator(".notice")).to_contain_text("「花子の携帯」をロックしました。")
    hanako.open("/files/my")
    expect(hanako.page.locator("h1")).to_have_text("ログイン")
