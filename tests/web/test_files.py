"""Work with files in the browser: with script and without, on a PC and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.product import Product
from tests.web.conftest import Enter

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


def _open_new_folder(page: Page, name: str) -> None:
    page.click("summary:has-text('新しいフォルダ')")
    page.fill("#new-name", name)
    page.press("#new-name", "Enter")
    page.click(f"a:has-text('{name}')")
    expect(page.locator("h1")).to_have_text(name)


def test_200_files_are_dropped_and_are_on_the_drive(enter: Enter, product: Product, server: str) -> None:
    hanako = enter()
    hanako.sign_in("hanako")
    password = hanako.register("hanako", "花子のノートPC")
    hanako.open("/files/my")
    _open_new_folder(hanako.page, f"二百 {server}")
    _drop(hanako.page, 200, 2000)
    expect(hanako.page.locator(".title-row p")).to_contain_text("200 件", timeout=60_000)
    hanako.require_no_barriers()
    listed = httpx.request(
        "PROPFIND",
        f"{product.dav_url}my/二百 {server}/",
        headers={"Depth": "1"},
        auth=("hanako", password),
    )
    assert listed.text.count("<D:response>") == 201


def test_an_upload_that_is_refused_is_told_in_words_and_may_replace(enter: Enter, server: str, tmp_path: Path) -> None:
    hanako = enter()
    hanako.at_work("hanako")
    hanako.open("/files/my")
    _open_new_folder(hanako.page, f"置換 {server}")
    for words in ("一回目", "二回目"):
        file = tmp_path / "見積書.txt"
        file.write_text(words, encoding="utf-8")
        hanako.page.click("summary:has-text('アップロード')")
        hanako.page.set_input_files("#files", file)
        with hanako.page.expect_response(re.compile("/files/upload/")):
            hanako.page.click("button:has-text('送信する')")
    refusal = hanako.page.locator("#uploads .failed")
    expect(refusal).to_contain_text("同じ名前のものがあります")
    hanako.require_no_barriers()
    hanako.page.click("button:has-text('置き換える')")
    hanako.page.click("a:has-text('見積書.txt')")
    expect(hanako.page.locator(".preview pre")).to_have_text("二回目")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_phone_does_everything_with_script_and_without(
    enter: Enter, server: str, tmp_path: Path, script: bool
) -> None:
    hanako = enter(phone=True, script=script)
    hanako.at_work("hanako", "花子のスマートフォン")
    page = hanako.page
    hanako.open("/files/my")
    _open_new_folder(page, f"出張 {server} {script}")
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


def test_stored_html_and_svg_run_no_script(enter: Enter, product: Product, server: str) -> None:
    hanako = enter()
    hanako.sign_in("hanako")
    password = hanako.register("hanako", "PC")
    evil = "<script>parent.document.title='owned';document.title='owned'</script>"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{evil}</svg>'
    for name, body in ((f"悪 {server}.html", evil), (f"悪 {server}.svg", svg)):
        assert httpx.put(f"{product.dav_url}my/{name}", content=body.encode(), auth=("hanako", password)).is_success
        hanako.open(f"/files/my/{name}")
        expect(hanako.page).to_have_title(re.compile("悪"))
        hanako.open(f"/files/content/my/{name}")
        assert hanako.page.title() != "owned"
    hanako.troubles.clear()  # the browser says which scripts it did not run
