"""The pages of transfers between contracts, as both sides use them (R26)."""

from __future__ import annotations

import re

import pytest

from auth.access import FolderType, authorize
from storage import files
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def code(site: Site) -> str:
    """Return momiji's transfer code, read off its administrator's page."""
    admin = site.at_work("momiji-admin")
    assert admin.post("/admin/transfer-code", {"do": "renew"}).location == "/admin/"
    found = re.search(r"<code>([a-z2-9-]+)</code>", admin.get("/admin/").text)
    assert found is not None
    return found[1]


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser with two files."""
    site.put("hanako", "a.txt", b"A")
    site.put("hanako", "b.txt", b"BB")
    return site.at_work("hanako")


def _send(hanako: Browser, code: str, **more: str) -> str:
    given = {"pick": ["a.txt", "b.txt"], "code": code, "message": "ご確認ください", "days": "7", **more}
    assert hanako.post("/transfers/send/my", given).location == "/transfers/"
    found = re.findall(r'href="(/transfers/[0-9a-f]{32})"', hanako.get("/transfers/").text)
    return str(found[0])


def _names(site: Site, login: str, *path: str) -> list[str]:
    grant, fs = authorize(site.caller(login), FolderType.MY), site.parts.files
    return [one.name for one in files.members(fs, grant, files.stat(fs, grant, path))]


def test_a_code_is_made_replaced_and_removed_on_the_administrators_page(site: Site, code: str) -> None:
    assert re.fullmatch("[a-hj-km-np-z2-9]{4}-[a-hj-km-np-z2-9]{4}-[a-hj-km-np-z2-9]{4}", code)
    admin = site.at_work("momiji-admin")
    admin.post("/admin/transfer-code", {"do": "renew"})
    page = admin.get("/admin/").text
    assert code not in page
    assert "Replace by a new code" in page
    admin.post("/admin/transfer-code", {"do": "remove"})
    assert "There is no transfer code" in admin.get("/admin/").text


def test_a_user_neither_sees_nor_changes_the_code(site: Site, code: str) -> None:
    jiro = site.at_work("jiro")
    assert jiro.post("/admin/transfer-code", {"do": "renew"}).status_code == 404
    assert code in site.at_work("momiji-admin").get("/admin/").text


def test_r26_from_picking_to_accepting_into_a_new_folder(site: Site, hanako: Browser, code: str) -> None:
    form = hanako.post("/transfers/new/my", {"pick": ["a.txt", "b.txt"]})
    assert form.status_code == 200
    assert "a.txt" in form.text
    address = _send(hanako, code)
    assert "waiting" in hanako.get(address).text
    admin = site.at_work("momiji-admin")
    assert '<span class="badge-pro">1' in admin.get("/files/my").text
    page = admin.get(address).text
    assert "ご確認ください" in page
    assert "a.txt" in page
    answer = admin.post(address, {"do": "accept", "into": "my", "new_folder": "sakura"})
    assert answer.location == "/files/my/sakura"
    assert _names(site, "momiji-admin", "sakura") == ["a.txt", "b.txt"]
    assert "2 files were accepted." in admin.get("/files/my/sakura").text
    assert "badge-pro" not in admin.get("/files/my").text
    assert "accepted" in hanako.get("/transfers/").text


def test_a_named_login_may_accept_and_another_does_not_see_it(site: Site, hanako: Browser, code: str) -> None:
    address = _send(hanako, code)
    assert site.at_work("jiro").get(address).status_code == 404
    named = _send(hanako, code, addressee="jiro")
    jiro = site.at_work("jiro")
    assert jiro.post(named, {"do": "accept", "into": "my"}).location == "/files/my"
    assert _names(site, "jiro") == ["a.txt", "b.txt"]


@pytest.mark.parametrize("stranger", ["taro", "kaede-admin"])
def test_who_is_on_neither_side_finds_nothing(site: Site, hanako: Browser, code: str, stranger: str) -> None:
    address = _send(hanako, code)
    browser = site.at_work(stranger)
    assert browser.get(address).status_code == 404
    for act in ("accept", "decline", "withdraw"):
        assert browser.post(address, {"do": act, "into": "my"}).status_code == 404


def test_declining_is_seen_by_the_sender(site: Site, hanako: Browser, code: str) -> None:
    address = _send(hanako, code)
    assert site.at_work("momiji-admin").post(address, {"do": "decline"}).location == "/transfers/"
    page = hanako.get(address).text
    assert "declined" in page
    assert "my/a.txt" in page, "the sender still sees what it was"
    assert "Withdraw" not in page


def test_withdrawn_files_cannot_be_accepted_and_the_page_says_why(site: Site, hanako: Browser, code: str) -> None:
    address = _send(hanako, code)
    hanako.post(address, {"do": "withdraw"})
    admin = site.at_work("momiji-admin")
    answer = admin.post(address, {"do": "accept", "into": "my"})
    assert answer.status_code == 409
    assert "The sender withdrew this transfer." in answer.text
    assert _names(site, "momiji-admin") == []


def test_a_want_of_room_is_told_and_changes_nothing(site: Site, hanako: Browser, code: str) -> None:
    address = _send(hanako, code)
    site.capacity_bytes = 2
    admin = site.at_work("momiji-admin")
    answer = admin.post(address, {"do": "accept", "into": "my", "new_folder": "箱"})
    assert answer.status_code == 507
    assert 'role="alert"' in answer.text
    assert 'value="箱"' in answer.text
    assert _names(site, "momiji-admin") == []
    site.capacity_bytes = 3
    assert admin.post(address, {"do": "accept", "into": "my"}).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "status"), [("code", "nobody", 404), ("days", "0", 400), ("days", "31", 400)]
)
def test_what_cannot_be_sent_is_told_on_the_form(
    hanako: Browser, code: str, field: str, value: str, status: int
) -> None:
    given = {"pick": "a.txt", "code": code, "days": "7", "message": "残る言葉", field: value}
    answer = hanako.post("/transfers/send/my", given)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert "残る言葉" in answer.text


def test_nothing_picked_is_said(hanako: Browser) -> None:
    assert hanako.post("/transfers/new/my").location == "/files/my"


def test_something_else_than_the_acts_is_refused(site: Site, hanako: Browser, code: str) -> None:
    assert hanako.post(_send(hanako, code), {"do": "burn"}).status_code == 400


def test_the_pages_say_what_to_do_when_there_is_nothing(hanako: Browser) -> None:
    page = hanako.get("/transfers/").text
    assert "Nothing has come in." in page
    assert "Nothing was sent." in page


def test_r12_without_a_device_no_names_are_shown(site: Site) -> None:
    browser = site.browser()
    browser.sign_in("hanako")
    assert browser.get("/transfers/").location.startswith("/login/device")


def test_r26_both_contracts_logs_tell_of_it(site: Site, hanako: Browser, code: str) -> None:
    site.at_work("momiji-admin").post(_send(hanako, code), {"do": "accept", "into": "my"})
    assert "transfer accepted there" in site.at_work("sakura-admin").get("/admin/log/").text
    assert "came in from another contract" in site.at_work("momiji-admin").get("/admin/log/").text
