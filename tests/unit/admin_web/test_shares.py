"""Sharing by mail, the sender's side: the dialog, receipts, revoking, and who may see what."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.config import Config
from db.tables import outbox
from quota import contracts
from sharing import receipts
from tests.unit.admin_web.cast import Browser, Site

TO = "ichiro@fuji.example\na..b@docomo.ne.jp"


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser; she has a file and a folder."""
    site.put("hanako", "plan.txt", b"the plan")
    return site.at_work("hanako")


def share(browser: Browser, pick: Sequence[str] = ("plan.txt",), *, where: str = "my", **more: object) -> TestResponse:
    """Share by the dialog."""
    return browser.post(f"/shares/make/{where}", {"pick": list(pick), "recipients": TO, "days": "7", **more})


def bodies(site: Site) -> list[tuple[str, str]]:
    """Return recipient and body of every mail that waits."""
    with site.parts.database.reading() as tx:
        return [(row.recipient, row.body) for row in tx.execute(select(outbox).order_by(outbox.c.id))]


def test_what_is_picked_goes_into_the_dialog_with_no_recipient_filled_in(hanako: Browser) -> None:
    share(hanako)
    page = hanako.post("/shares/new/my", {"pick": "plan.txt"})
    assert page.status_code == 200
    assert re.search(r'<textarea[^>]* id="recipients"[^>]*></textarea>', page.text)
    assert "ichiro" not in page.text
    assert 'value="plan.txt"' in page.text


def test_a_share_leads_to_its_receipts_and_its_mails_carry_this_hosts_address(site: Site, hanako: Browser) -> None:
    made = share(hanako)
    assert made.status_code == 303
    page = hanako.get(made.location).text
    assert "ichiro@fuji.example" in page
    assert "a..b@docomo.ne.jp" in page
    assert page.count("waiting") == 2
    for _, body in bodies(site):
        assert re.search(r"http://localhost/s/[a-z0-9]{33}\n", body)


def test_mails_name_a_host_of_the_service_whatever_the_request_says(site: Site, hanako: Browser) -> None:
    object.__setattr__(site.parts, "config", Config.model_validate({"server": {"public_hosts": ["drive.example.jp"]}}))
    share(hanako)
    assert all("/drive.example.jp/s/" in body for _, body in bodies(site))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"recipients": ""}, "There is no recipient"),
        ({"recipients": "\n".join(f"u{n}@x.jp" for n in range(100))}, "too many recipients (100)"),
        ({"recipients": "hanako"}, "no mail addresses: hanako"),
        ({"days": "366"}, "1 to 365 days"),
        ({"days": "soon"}, "1 to 365 days"),
        ({"limit": "0"}, "1 to 1000 downloads"),
        ({"password": "short"}, "8 to 128 characters"),
        ({"tray": "1", "tray_size": "huge"}, "such as 500MB"),
    ],
)
def test_r24_what_cannot_be_shared_so_is_told_and_nothing_typed_is_lost(
    site: Site, hanako: Browser, given: dict[str, str], words: str
) -> None:
    answer = share(hanako, message="with my regards", **given)
    assert answer.status_code == 400
    assert words in answer.text
    assert "with my regards" in answer.text
    assert bodies(site) == []


def test_r18_the_security_folder_offers_no_share_and_refuses_one(site: Site, hanako: Browser) -> None:
    assert share(hanako, where="security").status_code in (403, 404)
    assert bodies(site) == []


def test_a_member_who_only_reads_shares_too_and_a_stranger_does_not(site: Site) -> None:
    hanako, taro, jiro = (site.at_work(login) for login in ("hanako", "taro", "jiro"))
    hanako.post("/files/new-folder/group/eigyo", {"name": "april"})
    assert share(taro, ["april"], where="group/eigyo").status_code == 303
    assert share(jiro, ["april"], where="group/eigyo").status_code == 404


def test_what_is_shared_is_marked_in_the_listing_and_at_the_file(hanako: Browser) -> None:
    assert "Shared by mail" not in hanako.get("/files/my").text
    share(hanako)
    assert hanako.get("/files/my").text.count("Shared by mail") == 2  # the words, and the title for a pointer
    assert "Shared by mail" in hanako.get("/files/my/plan.txt").text


def test_a_recipient_is_revoked_and_the_whole_share_ended(site: Site, hanako: Browser) -> None:
    made = share(hanako).location
    page = hanako.get(made).text
    first = re.findall(r'name="recipient" value="([0-9a-f]{32})"', page)[0]
    assert hanako.post(made, {"recipient": first}).status_code == 303
    page = hanako.get(made).text
    assert "The share is revoked for ichiro@fuji.example." in page
    assert len(re.findall(r'name="recipient"', page)) == 1
    hanako.post(made, {"do": "end"})
    page = hanako.get(made).text
    assert "The share has ended." in page
    assert 'name="recipient"' not in page
    assert "Shared by mail" not in hanako.get("/files/my").text


def test_a_form_that_says_nothing_changes_nothing(hanako: Browser) -> None:
    assert hanako.post(share(hanako).location, {}).status_code == 400


def test_the_administrator_sees_and_ends_the_contracts_shares_and_no_other(site: Site, hanako: Browser) -> None:
    made = share(hanako).location
    admin, other = site.at_work("sakura-admin"), site.at_work("momiji-admin")
    assert "plan.txt" in admin.get("/admin/shares/").text
    assert "by hanako" in admin.get("/admin/shares/").text
    assert "plan.txt" not in other.get("/admin/shares/").text
    assert other.get(made).status_code == 404
    assert other.post(made, {"do": "end"}).status_code == 404
    assert admin.get(made).status_code == 200
    assert admin.post(made, {"do": "end"}).status_code == 303
    assert "ended" in hanako.get(made).text


def test_another_login_of_the_contract_neither_sees_nor_ends_a_share(site: Site, hanako: Browser) -> None:
    made = share(hanako).location
    taro = site.at_work("taro")
    assert "Nothing is shared yet." in taro.get("/shares/").text
    assert taro.get(made).status_code == 404
    assert taro.post(made, {"do": "end"}).status_code == 404
    assert taro.get("/admin/shares/").status_code == 404
    assert taro.get("/shares/suggest?q=ichi").json == {"addresses": []}


def test_r24_past_recipients_are_offered_while_typing(hanako: Browser) -> None:
    share(hanako)
    assert hanako.get("/shares/suggest?q=ichi").json == {"addresses": ["ichiro@fuji.example"]}
    assert hanako.get("/shares/suggest").json == {"addresses": []}


def test_a_return_tray_is_a_folder_of_the_sender(site: Site, hanako: Browser) -> None:
    made = share(hanako, tray="1", tray_size="5MB").location
    tray = re.search(r'href="(/files/my/[^"]+)"', hanako.get(made).text)
    assert tray is not None
    assert hanako.get(tray[1]).status_code == 200
    assert "Return tray" not in site.at_work("sakura-admin").get(made).text.replace("return tray", "")


def test_r9_the_administrator_of_an_ended_contract_reads_receipts_and_shares_nothing(
    site: Site, hanako: Browser
) -> None:
    made = share(hanako).location
    site.put("sakura-admin", "last.txt")
    admin, now = site.at_work("sakura-admin"), site.clock
    now.advance(minutes=1)
    site.parts.database.write(
        lambda tx: contracts.end(tx, contracts.find(tx, "sakura"), at=now(), now=now.advance(seconds=1))
    )
    assert admin.get(made).status_code == 200
    assert admin.post(made, {"do": "end"}).status_code == 403
    assert share(admin, ["last.txt"]).status_code == 403


def test_shares_are_listed_a_page_at_a_time(site: Site, hanako: Browser) -> None:
    for _ in range(receipts.PAGE_ROWS + 1):
        site.clock.advance(seconds=1)
        share(hanako)
    first, second = hanako.get("/shares/").text, hanako.get("/shares/?page=2").text
    assert (first.count("plan.txt"), second.count("plan.txt")) == (receipts.PAGE_ROWS, 1)
    assert 'rel="next"' in first
    assert 'rel="next"' not in second
    assert hanako.get("/shares/?page=x").text.count("plan.txt") == receipts.PAGE_ROWS
