"""Publishing, the publisher's side: the act, one's own pages, and the contract's decision (R25)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from auth.access import FolderType, authorize
from auth.callers import LineProof
from core.errors import AccessDenied
from sharing import publications
from tests.unit.admin_web.cast import Browser, Site

_PAGE = re.compile(r'value="(http://localhost/p/[a-z2-9]+)"')


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser with two files and a folder that holds one."""
    browser = site.at_work("hanako")
    site.put("hanako", "a.txt", b"A")
    site.put("hanako", "b.txt", b"BB")
    browser.post("/files/new-folder/my", {"name": "箱"})
    site.put("hanako", "箱/c.txt", b"CCC")
    return browser


def publish(browser: Browser, *names: str, where: str = "my", title: str = "夏祭り") -> str:
    """Publish things and return the address of their page's details."""
    answer = browser.post(f"/publications/make/{where}", {"pick": list(names), "title": title})
    assert answer.status_code == 303, answer.text
    return answer.location


def page_of(browser: Browser, details: str) -> str:
    """Return the address of the public page, from its details."""
    found = _PAGE.search(browser.get(details).text)
    assert found is not None
    return found[1].removeprefix("http://localhost")


def test_r25_publishing_asks_first_and_says_what_it_means(site: Site, hanako: Browser) -> None:
    form = hanako.post("/publications/new/my", {"pick": "a.txt"})
    assert "This makes a page anybody can see" in form.text
    assert "A photo may carry" not in form.text
    assert "Nothing is published." in hanako.get("/publications/").text, "asking is not publishing"
    assert "A photo may carry" in hanako.post("/publications/new/my", {"pick": "夏.jpg"}).text
    assert "Of a folder" in hanako.post("/publications/new/my", {"pick": "箱"}).text


def test_r25_a_page_is_told_by_plain_links_to_x_and_facebook(hanako: Browser) -> None:
    details = publish(hanako, "a.txt")
    text = hanako.get(details).text
    address = "http%3A%2F%2Flocalhost" + page_of(hanako, details).replace("/", "%2F")
    assert f'href="https://x.com/intent/post?url={address}&amp;text=%E5%A4%8F%E7%A5%AD%E3%82%8A"' in text
    assert f'href="https://www.facebook.com/sharer/sharer.php?u={address}"' in text
    assert "<script" not in text


def test_what_is_published_is_marked_at_the_file_and_listed(hanako: Browser) -> None:
    publish(hanako, "a.txt")
    assert hanako.get("/files/my").text.count('title="published"') == 1
    assert '<a href="/publications/">published</a>' in hanako.get("/files/my/a.txt").text
    assert "published</a>" not in hanako.get("/files/my/b.txt").text
    assert "夏祭り" in hanako.get("/publications/").text


def test_unpublishing_is_said_and_stays_in_the_list(hanako: Browser) -> None:
    details = publish(hanako, "a.txt")
    assert hanako.post(f"{details}/end").location == "/publications/"
    text = hanako.get("/publications/").text
    assert "“夏祭り” is no longer published." in text
    assert 'state-revoked">ended' in text
    assert "Unpublish" not in hanako.get(details).text
    assert 'title="published"' not in hanako.get("/files/my").text
    assert hanako.post(f"{details}/end").status_code == 303, "once more does no harm"


@pytest.mark.parametrize(("login", "may"), [("sakura-admin", True), ("taro", False), ("momiji-admin", False)])
def test_a_page_is_its_publishers_and_the_administrators_to_end(
    site: Site, hanako: Browser, login: str, may: bool
) -> None:
    details = publish(hanako, "a.txt")
    other = site.at_work(login)
    assert other.get(details).status_code == (200 if may else 404)
    assert ("夏祭り" in other.get("/publications/").text) is may
    page = page_of(hanako, details)
    assert other.post(f"{details}/end").status_code == (303 if may else 404)
    assert hanako.get(page).status_code == (410 if may else 200)


@pytest.mark.parametrize(("picked", "status"), [(["a.txt", "箱"], 400), (["gone"], 404), (["a.txt", "gone"], 404)])
def test_what_cannot_be_published_is_told_and_nothing_is(hanako: Browser, picked: list[str], status: int) -> None:
    answer = hanako.post("/publications/make/my", {"pick": picked, "title": "題"})
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert "Nothing is published." in hanako.get("/publications/").text


def test_nothing_picked_is_said(hanako: Browser) -> None:
    assert hanako.post("/publications/new/my").location == "/files/my"


def test_who_only_reads_a_group_publishes_nothing_of_it(site: Site, hanako: Browser) -> None:
    hanako.post("/files/new-folder/group/eigyo", {"name": "会"})
    taro = site.at_work("taro")
    assert "/publications/new/" not in taro.get("/files/group/eigyo").text
    assert taro.post("/publications/new/group/eigyo", {"pick": "会"}).status_code == 403
    assert taro.post("/publications/make/group/eigyo", {"pick": "会", "title": "x"}).status_code == 403
    assert publish(hanako, "会", where="group/eigyo")


@pytest.mark.parametrize("folder", [FolderType.SECRET, FolderType.SECURITY])
def test_r25_nothing_is_published_from_secret_or_security(site: Site, folder: FolderType) -> None:
    caller = replace(site.caller("hanako"), line=LineProof("line", None))
    grant = authorize(caller, folder, folder_key=b"k" * 32)
    with site.parts.database.reading() as tx, pytest.raises(AccessDenied) as refused:
        publications.require_publishable(tx, grant)
    assert refused.value.message_id == "link.folder"


def test_r25_the_administrator_forbids_publishing_and_every_page_goes(site: Site, hanako: Browser) -> None:
    page = page_of(hanako, publish(hanako, "a.txt"))
    admin = site.at_work("sakura-admin")
    assert 'id="publishing" name="publishing" value="1" aria-describedby="publishing-hint" checked' in (
        admin.get("/admin/settings/").text
    )
    admin.post("/admin/settings/publishing")
    assert "Pages that ended: 1" in admin.get("/admin/settings/").text
    assert site.browser().get(page).status_code == 410
    assert "/publications/new/" not in hanako.get("/files/my").text
    refused = hanako.post("/publications/make/my", {"pick": "a.txt", "title": "x"})
    assert refused.status_code == 403
    assert "administrator does not allow publishing" in refused.text
    admin.post("/admin/settings/publishing", {"publishing": "1"})
    assert site.browser().get(page).status_code == 410, "allowing it again brings nothing back"
    assert publish(hanako, "a.txt")


def test_deciding_on_devices_leaves_the_decision_on_publishing(site: Site) -> None:
    admin = site.at_work("sakura-admin")
    admin.post("/admin/settings/publishing")
    admin.post("/admin/settings/", {"device_binding": "none"})
    assert 'aria-describedby="publishing-hint" checked' not in admin.get("/admin/settings/").text


def test_a_user_does_not_decide(site: Site, hanako: Browser) -> None:
    assert hanako.post("/admin/settings/publishing").status_code == 404
    assert publish(hanako, "a.txt")


def test_each_act_is_in_the_access_log(site: Site, hanako: Browser) -> None:
    details = publish(hanako, "a.txt")
    site.browser().get(page_of(hanako, details))
    hanako.post(f"{details}/end")
    site.parts.journal.flush()
    log = site.at_work("sakura-admin").get("/admin/log/").text
    for words in ("published", "public page looked at", "published file read", "unpublished"):
        assert words in log


def test_r12_without_a_device_no_names_are_shown(site: Site) -> None:
    browser = site.browser()
    browser.sign_in("hanako")
    assert browser.get("/publications/").location.startswith("/login/device")


@pytest.mark.parametrize(("later_us", "forgotten"), [(0, 0), (1, 1)])
def test_pages_that_ended_are_forgotten_in_time_and_open_ones_never(
    site: Site, hanako: Browser, later_us: int, forgotten: int
) -> None:
    hanako.post(f"{publish(hanako, 'a.txt', title='ended page')}/end")
    publish(hanako, "b.txt", title="open page")
    before = site.clock() + timedelta(microseconds=later_us)
    assert site.parts.database.write(lambda tx: publications.forget(tx, before=before)) == forgotten
    text = hanako.get("/publications/").text
    assert ("ended page</strong>" in text, "open page</strong>" in text) == (not forgotten, True)
