"""What recipients see at `/s/TOKEN`, and what they do not."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from admin_web import received
from auth import accesslog, logins
from auth.accesslog import Query
from core.config import Config
from core.errors import LinkClosed
from db.tables import outbox
from quota import contracts
from tests.unit.admin_web.cast import Browser, Site
from tests.unit.admin_web.test_shares import bodies, share

DATA = bytes(range(256)) * 4


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser; she has files and a folder."""
    site.put("hanako", "plan.txt", b"the plan")
    site.put("hanako", "film.mp4", DATA)
    browser = site.at_work("hanako")
    browser.post("/files/new-folder/my", {"name": "trip"})
    site.put("hanako", "trip/photo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    site.put("hanako", "private.txt", b"private")
    return browser


def addresses(site: Site) -> list[str]:
    """Return the address in each mail, in the order of recipients; the mails are taken away."""
    found = [re.search(r"/s/[a-z0-9]{33}", body) for _, body in bodies(site)]
    site.parts.database.write(lambda tx: tx.execute(outbox.delete()))
    return [one[0] for one in found if one]


def guest(site: Site, **headers: str) -> Browser:
    """Return the browser of someone who has no login here."""
    return site.browser(**headers)


def node_of(page: TestResponse, name: str) -> str:
    """Return the address of something a page lists."""
    found = re.search(
        rf'href="(/s/[a-z0-9]+/\d+)">(?:(?!</a>).)*<span class="name">{re.escape(name)}<', page.text, re.S
    )
    assert found is not None, page.text
    return found[1]


def act(site: Site, act: str) -> list[tuple[str, str]]:
    """Return path and detail of the log's entries of an act."""
    site.parts.journal.flush()
    contract_id = site.caller("hanako").contract_id
    with site.parts.database.reading() as tx:
        return [(one.path, one.detail) for one in accesslog.search(tx, contract_id, Query(act=act))]


def test_a_recipient_sees_the_files_without_a_login_and_gets_no_cookie(site: Site, hanako: Browser) -> None:
    share(hanako, ["plan.txt", "trip"], message="See you\nsoon")
    page = guest(site).get(addresses(site)[0])
    assert page.status_code == 200
    assert "Shared by hanako" in page.text
    assert "See you\nsoon" in page.text
    assert "Set-Cookie" not in page.headers
    assert "private.txt" not in page.text


def test_the_page_is_kept_from_search_engines_referrers_and_scripts(site: Site, hanako: Browser) -> None:
    share(hanako, ["plan.txt"])
    address = addresses(site)[0]
    for page in (guest(site).get(address), guest(site).get("/s/" + "x" * 33)):
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert "script" not in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "no-store"
        assert "<script" not in page.text


def test_a_senders_own_session_counts_for_nothing_here(site: Site, hanako: Browser) -> None:
    share(hanako, ["plan.txt"])
    page = hanako.get(addresses(site)[0])
    assert "main-nav" not in page.text
    assert page.headers.get("Vary", "") == ""


@pytest.mark.parametrize(("asked", "words"), [("ja", "さんからの共有"), ("en", "Shared by"), ("fr", "Shared by")])
def test_the_page_speaks_the_recipients_language(site: Site, hanako: Browser, asked: str, words: str) -> None:
    share(hanako, ["plan.txt"])
    assert words in guest(site, **{"Accept-Language": asked}).get(addresses(site)[0]).text


def test_no_recipient_sees_another_anywhere(site: Site, hanako: Browser) -> None:
    share(hanako, ["plan.txt", "trip"], tray="1", tray_size="1MB")
    mails = bodies(site)
    for (address, body), (other, _) in zip(mails, reversed(mails), strict=True):
        page = guest(site).get(re.search(r"/s/[a-z0-9]{33}", body)[0])  # type: ignore[index]
        assert other not in body + page.text
        assert address not in page.text


def test_files_come_whole_in_ranges_and_sandboxed(site: Site, hanako: Browser) -> None:
    share(hanako, ["film.mp4", "trip"])
    who = guest(site)
    page = who.get(addresses(site)[0])
    film = node_of(page, "film.mp4") + "/content"
    assert who.get(film).data == DATA
    answer = who.get(film, Range="bytes=10-19")
    assert (answer.status_code, answer.data) == (206, DATA[10:20])
    picture = who.get(node_of(who.get(node_of(page, "trip")), "photo.svg") + "/content")
    assert picture.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert picture.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in picture.headers["X-Robots-Tag"]


def test_a_text_is_shown_and_a_download_noted_with_its_recipient(site: Site, hanako: Browser) -> None:
    made = share(hanako, ["plan.txt", "trip"])
    who, address = guest(site), addresses(site)[0]
    file = node_of(who.get(address), "plan.txt")
    assert "the plan" in who.get(file).text
    assert "not yet" in hanako.get(made.location).text
    download = who.get(file + "/content?download=1")
    assert download.headers["Content-Disposition"].startswith("attachment")
    share_id = made.location.rpartition("/")[2]
    detail = f"{share_id} ichiro@fuji.example"
    assert act(site, "share.open") == [("", detail)]
    assert act(site, "share.read") == [("my/plan.txt", detail)]
    assert act(site, "share.download") == [("my/plan.txt", detail)]
    receipts = hanako.get(made.location).text
    assert re.search(r"1, last 1 Apr 2026, 12:00", receipts)


def test_a_folder_and_everything_come_as_archives_of_what_is_there_now(site: Site, hanako: Browser) -> None:
    share(hanako, ["plan.txt", "trip"])
    who, address = guest(site), addresses(site)[0]
    page = who.get(address)
    site.put("hanako", "trip/late.txt", b"later")
    everything = zipfile.ZipFile(io.BytesIO(who.get(address + "/zip").data))
    assert set(everything.namelist()) == {"plan.txt", "trip/", "trip/photo.svg", "trip/late.txt"}
    folder = zipfile.ZipFile(io.BytesIO(who.get(node_of(page, "trip") + "/zip").data))
    assert folder.read("trip/late.txt") == b"later"


def test_nothing_else_of_the_contract_can_be_reached_by_its_number(site: Site, hanako: Browser) -> None:
    share(hanako, ["trip"])
    who, address = guest(site), addresses(site)[0]
    within = node_of(who.get(node_of(who.get(address), "trip")), "photo.svg").rpartition("/")[2]
    opened = [
        number
        for number in range(1, 60)
        if who.get(f"{address}/{number}").status_code == 200
    ]  # fmt: skip
    assert len(opened) == 2
    assert int(within) in opened


def test_a_deleted_file_says_so_in_plain_words(site: Site, hanako: Browser) -> None:
    share(hanako, ["plan.txt", "trip"])
    who, address = guest(site), addresses(site)[0]
    file = node_of(who.get(address), "plan.txt")
    hanako.post("/files/delete/my", {"pick": "plan.txt"})
    assert re.search(r'plan\.txt</span> <span class="state[^"]*">deleted', who.get(address).text)
    for path in (file, file + "/content"):
        answer = who.get(path)
        assert answer.status_code == 410
        assert "has been deleted" in answer.text
        assert b"the plan" not in answer.data


def _disable(site: Site) -> None:
    site.parts.database.write(lambda tx: logins.set_enabled(tx, "hanako", False))


def _end_contract(site: Site) -> None:
    now = site.clock.advance(days=1)
    site.parts.database.write(lambda tx: contracts.end(tx, contracts.find(tx, "sakura"), at=now, now=now))


def _expire(site: Site) -> None:
    site.clock.advance(days=7)


@pytest.mark.parametrize(
    ("close", "words"),
    [
        (_disable, "not available any more on its sender"),
        (_end_contract, "not available any more on its sender"),
        (_expire, "has expired"),
    ],
)
def test_a_closed_share_says_why_in_plain_words_and_shows_nothing(
    site: Site, hanako: Browser, close: Callable[[Site], None], words: str
) -> None:
    share(hanako, ["plan.txt"])
    who, address = guest(site), addresses(site)[0]
    file = node_of(who.get(address), "plan.txt")
    close(site)
    for path in (address, file, file + "/content", address + "/zip"):
        answer = who.get(path)
        assert answer.status_code == 410
        assert words in answer.text
        assert "plan" not in answer.text


def test_an_unknown_token_is_not_found_and_guessing_closes_the_address(site: Site, hanako: Browser) -> None:
    share(hanako, ["plan.txt"])
    address, who = addresses(site)[0], guest(site)
    for number in range(site.parts.lockout.address_attempts):
        answer = who.get(f"/s/{number:033d}")
        assert answer.status_code == 404
        assert "There is no such share" in answer.text
    for path in ("/s/" + "y" * 33, address):
        answer = who.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    site.clock.advance(seconds=30)
    assert who.get(address).status_code == 200


def test_a_password_is_asked_for_kept_for_this_address_alone_and_forgotten_after_an_hour(
    site: Site, hanako: Browser
) -> None:
    share(hanako, ["plan.txt"], password="correct horse")
    first, second = sorted(addresses(site))
    who = guest(site)
    page = who.get(first)
    assert 'name="password"' in page.text
    assert "plan.txt" not in page.text
    wrong = who.client.post(first, data={"password": "wrong horse"})
    assert wrong.status_code == 403
    right = who.client.post(first, data={"password": "correct horse"})
    assert right.status_code == 303
    cookie = right.headers["Set-Cookie"]
    assert f"Path={first}" in cookie
    assert "HttpOnly" in cookie
    opened = who.get(first)
    assert "plan.txt" in opened.text
    assert b"the plan" in who.get(node_of(opened, "plan.txt") + "/content").data
    assert "plan.txt" not in who.get(second).text
    site.clock.advance(hours=1)
    assert "plan.txt" not in who.get(first).text


def test_without_the_password_nothing_comes_whatever_cookie_is_shown(site: Site, hanako: Browser) -> None:
    share(hanako, ["plan.txt"])
    open_page = guest(site).get(addresses(site)[0])
    file = node_of(open_page, "plan.txt").rpartition("/")[2]
    share(hanako, ["plan.txt"], password="correct horse")
    address, who = addresses(site)[0], guest(site)
    for forged in ("", "W10.x", "x" * 500):
        who.client.set_cookie("azukari-share", forged, domain="localhost", path=address)
        for path in (f"{address}/{file}", f"{address}/{file}/content", f"{address}/zip"):
            answer = who.get(path)
            assert answer.status_code == 403
            assert b"the plan" not in answer.data


def test_r19_guessing_a_shares_password_is_slowed_down(site: Site, hanako: Browser) -> None:
    share(hanako, ["plan.txt"], password="correct horse")
    address, who = addresses(site)[0], guest(site)
    for _ in range(site.parts.lockout.login_attempts):
        assert who.client.post(address, data={"password": "guess"}).status_code == 403
    refused = who.client.post(address, data={"password": "correct horse"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")


def test_downloads_end_at_the_senders_limit_and_previews_take_no_way_round(site: Site, hanako: Browser) -> None:
    share(hanako, ["film.mp4"], limit="1")
    who = guest(site)
    page = who.get(addresses(site)[0])
    film = node_of(page, "film.mp4")
    assert "<video" not in who.get(film).text
    assert who.get(film + "/content").data == DATA
    assert who.get(film + "/content?download=1", Range="bytes=5-").status_code == 206
    site.clock.advance(hours=1)
    for path in (film + "/content", film + "/content?download=1", film + "/zip"):
        answer = who.get(path)
        assert answer.status_code == 410
        assert "as often as its sender allows" in answer.text


def send(who: Browser, address: str, name: str, data: bytes) -> TestResponse:
    """Send a file back."""
    form = {"files": (io.BytesIO(data), name)}
    return who.client.post(address + "/tray", data=form, headers=who.headers)


def test_a_recipient_sends_files_back_that_the_sender_alone_sees(site: Site, hanako: Browser) -> None:
    share(hanako, ["trip"], tray="1", tray_size="1MB")
    who, address = guest(site), addresses(site)[0]
    assert "Only hanako sees what you send. 1 MB more fit." in who.get(address).text
    for _ in range(2):
        answer = send(who, address, "C:\\\\docs\\\\signed.pdf", b"signed")
    assert answer.status_code == 200
    assert "Received: signed (2).pdf" in answer.text
    assert "signed" not in who.get(address).text
    tray = "/files/my/Return tray/2026-04-01 trip"
    assert hanako.get(tray + "/signed.pdf").status_code == 200
    assert act(site, "share.put")[0][0] == "my/Return tray/2026-04-01 trip/signed.pdf"


@pytest.mark.parametrize(
    ("sharing", "data", "status", "words"),
    [
        ({}, b"x" * 1025, 507, "does not fit into the return tray"),
        ({"scan_command": ["false"]}, b"x", 403, "virus scanner does not let this file in"),
        ({"scan_command": ["/nowhere/scanner"]}, b"x", 503, "virus scanner gives no answer"),
    ],
)
def test_what_the_tray_does_not_take_is_told_and_stored_nowhere(
    site: Site, hanako: Browser, sharing: dict[str, object], data: bytes, status: int, words: str
) -> None:
    config = Config.model_validate({"sharing": sharing})
    site.app.extensions["azukari"] = dataclasses.replace(site.parts, config=config)
    share(hanako, ["trip"], tray="1", tray_size="1KB")
    who, address = guest(site), addresses(site)[0]
    answer = send(who, address, "a.bin", data)
    assert answer.status_code == status
    assert words in answer.text
    assert "There is nothing here yet." in hanako.get("/files/my/Return tray/2026-04-01 trip").text


def test_a_share_without_a_tray_takes_nothing_and_offers_none(site: Site, hanako: Browser) -> None:
    share(hanako, ["trip"])
    who, address = guest(site), addresses(site)[0]
    assert "Send files back" not in who.get(address).text
    assert send(who, address, "a.bin", b"x").status_code == 410


def test_a_form_without_a_file_asks_for_one(site: Site, hanako: Browser) -> None:
    share(hanako, ["trip"], tray="1", tray_size="1KB")
    assert "No file was chosen." in send(guest(site), addresses(site)[0], "", b"").text


def test_a_prefetch_that_only_asks_for_the_head_opens_nothing(site: Site, hanako: Browser) -> None:
    made = share(hanako, ["plan.txt"])
    guest(site).client.head(addresses(site)[0])
    assert hanako.get(made.location).text.count("not yet") == 4


@pytest.mark.parametrize("path", ["/zip", "/content"])
def test_a_transfer_under_way_ends_when_its_share_does(
    site: Site, hanako: Browser, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(received, "_WATCH_SECONDS", -1.0)
    site.put("hanako", "large.bin", b"x" * (2 << 20))
    made = share(hanako, ["large.bin"])
    who, address = guest(site), addresses(site)[0]
    file = node_of(who.get(address), "large.bin")
    answer = who.client.get(file + path, base_url=who.base_url, buffered=False)
    blocks = iter(answer.response)
    first = next(blocks)
    hanako.post(made.location, {"do": "end"})
    with pytest.raises(LinkClosed):
        for _ in blocks:
            pass
    assert len(first) < 2 << 20
