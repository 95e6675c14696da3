"""Sharing by mail in the browser: from the file list to the recipient's phone and back."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.failures.asking import eventually
from tests.product import Product
from tests.web.conftest import Enter, Person

pytestmark = pytest.mark.slow


def mails_to(product: Product, address: str) -> list[str]:
    """Return the bodies of the mails to an address, after sending what waits; the product may be at it by itself."""
    product.azukari("jobs", "run", "send-mail", may_refuse=True)
    eventually(lambda: bool(received(product, address)))
    return received(product, address)


def received(product: Product, address: str) -> list[str]:
    """Return the bodies of the mails to an address that were sent."""
    found = []
    for path in sorted((product.data / "mails").glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        if message["To"] == address:
            found.append(str(message.get_content()))
    return found


def link_in(bodies: list[str]) -> str:
    """Return the path of the share's address in a recipient's mails."""
    return next(found[0] for body in bodies if (found := re.search(r"/s/[a-z0-9]{33}", body)))


def share(person: Person, name: str, recipients: str, **fields: str) -> None:
    """Share one thing of My Folder by the dialog."""
    person.open("/files/my")
    person.page.check(f"input[name=pick][value='{name}']")
    person.page.click("button[formaction*='/shares/new/']")
    person.require_no_barriers()
    person.page.fill("#recipients", recipients)
    for field, value in fields.items():
        person.page.fill(f"#{field}", value)


def test_a_file_goes_to_a_recipient_and_an_answer_comes_back(
    hanako: Person, admin: Person, enter: Enter, product: Product, tmp_path: Path
) -> None:
    name = "はじめにお読みください.txt"
    share(hanako, name, "Ichiro <ichiro@fuji.example>、a..b@docomo.ne.jp", password="さくら咲く四月の朝")
    hanako.page.check("#tray")
    hanako.page.click("button:has-text('共有する')")
    expect(hanako.page.locator(".notice-done")).to_contain_text("2 件の宛先にメールを送ります")
    hanako.require_no_barriers()
    hanako.picture("share")

    guest = enter(language="ja-JP", phone=True, script=True)
    guest.open(link_in(mails_to(product, "ichiro@fuji.example")))
    guest.require_no_barriers()
    guest.page.fill("#password", "違うパスワード")
    guest.page.press("#password", "Enter")
    expect(guest.page.locator("#refusal")).to_contain_text("パスワードが違います")
    guest.page.fill("#password", "さくら咲く四月の朝")
    guest.page.press("#password", "Enter")
    expect(guest.page.locator("h1")).to_have_text(name)
    guest.require_no_barriers()
    guest.picture("share-recipient")
    answer = tmp_path / "返事.txt"
    answer.write_text("承知しました", encoding="utf-8")
    guest.page.set_input_files("#files", answer)
    guest.page.click("button:has-text('送信する')")
    expect(guest.page.locator(".notice-done")).to_contain_text("返事.txt")
    guest.page.click(f"a:has-text('{name}') >> nth=0")
    expect(guest.page.locator(".preview pre")).to_be_visible()
    guest.require_no_barriers()
    with guest.page.expect_download() as download:
        guest.page.click("a:has-text('ダウンロード')")
    assert download.value.suggested_filename == name

    hanako.page.reload()
    expect(hanako.page.locator(".rows li").first).to_contain_text("1 回")
    expect(hanako.page.locator(".rows li").nth(1)).to_contain_text("まだ")
    hanako.page.click("a:has-text('返信トレイを開く')")
    expect(hanako.page.locator("td.col-name")).to_have_text(re.compile("返事.txt"))
    hanako.open("/files/my")
    expect(hanako.page.locator(".mark")).to_have_count(1)

    admin.open("/admin/shares/")
    admin.require_no_barriers()
    admin.page.click(f"a:has-text('{name}')")
    admin.require_no_barriers()
    admin.page.click("button:has-text('共有を終了する')")
    guest.page.reload()
    expect(guest.page.locator("[role=alert]")).to_contain_text("取り消されました")
    guest.require_no_barriers()


def test_in_english_on_a_phone_a_folder_is_shared_and_revoked_and_another_contract_sees_nothing(
    enter: Enter, product: Product
) -> None:
    momiji, jiro = enter(language="en-US"), enter(language="en-US", phone=True)
    momiji.sign_in("momiji-admin")
    jiro.sign_in("jiro")
    jiro.register(momiji.issue_key("jiro"), "Jiro's phone")
    jiro.open("/shares/")
    expect(jiro.page.locator(".empty")).to_contain_text("Nothing is shared yet.")
    jiro.require_no_barriers()
    jiro.open("/files/my")
    jiro.page.click("summary:has-text('New folder')")
    jiro.page.fill("#new-name", "Trip")
    jiro.page.press("#new-name", "Enter")
    share(jiro, "Trip", "100 words are no address")
    jiro.page.click("button:has-text('Share')")
    expect(jiro.page.locator(".notice-refused")).to_contain_text("no mail addresses")
    jiro.require_no_barriers()
    jiro.page.fill("#recipients", "guest@abroad.example")
    jiro.page.click("button:has-text('Share')")
    expect(jiro.page.locator(".notice-done")).to_contain_text("1 recipient")
    jiro.require_no_barriers()
    share(jiro, "Trip", "")
    jiro.page.locator("#recipients").press_sequentially("abr")
    jiro.page.click("#suggestions button:has-text('guest@abroad.example')")
    expect(jiro.page.locator("#recipients")).to_have_value("guest@abroad.example\n")

    guest = enter(language="en-US", phone=True)
    guest.open(link_in(mails_to(product, "guest@abroad.example")))
    guest.page.click("a:has-text('Trip') >> nth=0")
    expect(guest.page.locator(".empty")).to_contain_text("nothing in this folder yet")
    guest.require_no_barriers()
    jiro.open("/shares/")
    jiro.require_no_barriers()
    jiro.page.click("a:has-text('Trip')")
    jiro.page.click("button:has-text('Revoke')")
    expect(jiro.page.locator(".state-revoked")).to_have_count(1)
    guest.page.reload()
    expect(guest.page.locator("[role=alert]")).to_contain_text("taken back")

    sakura = enter(language="en-US")
    sakura.sign_in("sakura-admin")
    sakura.open("/admin/shares/")
    sakura.require_no_barriers()
    expect(sakura.page.locator("main")).not_to_contain_text("Trip")
