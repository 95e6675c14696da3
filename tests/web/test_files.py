"""Work with files in the browser: with script and without, on a PC and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.product import Product
from tests.web.conftest import Enter, Person

pytestmark = pytest.mark.slow


def open_new_folder(page: Page, name: str) -> None:
    """Create a folder in the one that is open, and open it."""
    page.click("summary:has-text('新しいフォルダ')")
    page.fill("#new-name", name)
    page.press("#new-name", "Enter")
    page.click(f"a:has-text('{name}')")
    expect(page.locator("h1")).to_have_text(name)


def test_an_upload_that_is_refused_is_told_in_words_and_may_replace(hanako: Person, tmp_path: Path) -> None:
    hanako.open("/files/my")
    open_new_folder(hanako.page, "置換")
    for words in ("一回目", "二回目"):
        file = tmp_path / "見積書.txt"
        file.write_text(words, encoding="utf-8")
        hanako.page.click("summary:has-text('アップロード')")
        hanako.page.set_input_files("#files", file)
        hanako.page.click("button:has-text('送信する')")
        if words == "一回目":
            expect(hanako.page.locator("td.col-name")).to_have_count(1)
    refusal = hanako.page.locator("#uploads .failed")
    expect(refusal).to_contain_text("同じ名前のものがあります")
    hanako.require_no_barriers()
    hanako.page.click("button:has-text('置き換える')")
    expect(hanako.page.locator("#uploads")).to_be_hidden()
    hanako.page.click("a:has-text('見積書.txt')")
    expect(hanako.page.locator(".preview pre")).to_have_text("二回目")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_phone_does_everything_with_script_and_without(
    enter: Enter, admin: Person, tmp_path: Path, script: bool
) -> None:
    hanako = enter(phone=True, script=script)
    hanako.sign_in("hanako")
    hanako.register(admin.issue_key("hanako"), "花子のスマートフォン")
    page = hanako.page
    hanako.open("/files/my")
    open_new_folder(page, f"出張 {script}")
    memo = tmp_path / "メモ.txt"
    memo.write_text("忘れ物なし", encoding="utf-8")
    page.click("summary:has-text('アップロード')")
    page.set_input_files("#files", memo)
    page.click("button:has-text('送信する')")
    page.click("a:has-text('メモ.txt')")
    expect(page.locator(".preview pre")).to_have_text("忘れ物なし")
    if script:
        hanako.require_no_barriers()
    page.click("a:has-text('名前の変更')")
    page.fill("#name", "覚書.txt")
    page.press("#name", "Enter")
    page.check("input[name=pick]")
    page.click("button:has-text('移動')")
    page.click("button:has-text('一つ上へ')")
    page.click("button:has-text('ここへ移動する')")
    expect(page.locator("h1")).to_have_text("マイフォルダ")
    page.check("input[name=pick][value='覚書.txt']")
    with page.expect_download() as download:
        page.click("button:has-text('ZIP でダウンロード')")
    assert download.value.suggested_filename == "覚書.txt.zip"
    page.click("button:has-text('削除')")
    page.click("button:has-text('削除する')")
    expect(page.locator(".notice")).to_contain_text("1 件を削除しました。")


@pytest.mark.parametrize("name", ["悪.html", "悪.svg"])
def test_stored_pages_and_pictures_run_no_script(hanako: Person, tmp_path: Path, name: str) -> None:
    script = "<script>document.documentElement.id='owned'</script>"
    file = tmp_path / name
    file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{script}</svg>' if name.endswith("svg") else script)
    hanako.open("/files/my")
    hanako.page.click("summary:has-text('アップロード')")
    hanako.page.set_input_files("#files", file)
    hanako.page.click("button:has-text('送信する')")
    hanako.page.click(f"a:has-text('{name}')")
    expect(hanako.page).to_have_title(re.compile("悪"))
    assert hanako.page.locator("#owned").count() == 0
    hanako.open(f"/files/content/my/{name}")
    assert hanako.page.locator("#owned").count() == 0
    assert any("sandboxed" in one or "script" in one for one in hanako.troubles) or name == "悪.html"
    hanako.troubles.clear()  # the browser told which script it did not run


def test_the_keyboard_alone_opens_a_file(hanako: Person) -> None:
    hanako.open("/files/my")
    page = hanako.page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skip to content
    for _ in range(40):
        page.keyboard.press("Tab")
        if "はじめに" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("はじめにお読みください.txt")


def test_r6_a_file_that_is_too_large_is_refused_in_words_before_it_is_sent(
    enter: Enter, product: Product, tmp_path: Path
) -> None:
    admin = enter()
    admin.sign_in("momiji-admin")
    jiro = enter()
    jiro.sign_in("jiro")
    jiro.register(admin.issue_key("jiro"), "次郎のPC")
    huge = tmp_path / "動画.bin"
    with huge.open("wb") as file:
        file.truncate(101 * 1024**3)  # a sparse file: no plan has room for it
    jiro.open("/files/my")
    jiro.page.click("summary:has-text('アップロード')")
    jiro.page.set_input_files("#files", huge)
    jiro.page.click("button:has-text('送信する')")
    expect(jiro.page.locator("#uploads .failed")).to_contain_text("容量が足りません")
    assert product.azukari("contract", "show", "momiji")["used_bytes"] == 316
