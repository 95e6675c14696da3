"""A Secret Folder's files in the browser, while it is unlocked on this device (R18, R23)."""

from __future__ import annotations

import io
import zipfile

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from auth import settings
from auth.settings import Settings
from db.tables import access_log, nodes
from tests.unit.admin_web.cast import Browser, Site
from tests.unit.admin_web.test_secret import SECRET

WORDS = "給与の一覧".encode() * 20_000


def upload(browser: Browser, where: str, data: bytes, name: str) -> TestResponse:
    """Send a file with the form."""
    return browser.post(f"/files/upload/{where}", {"files": [(io.BytesIO(data), name)]})


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser with her Secret Folder open: 給与.txt, and 役員/議事録.txt."""
    browser = site.at_work("hanako")
    browser.post("/account/secret/create", {"secret": SECRET, "again": SECRET})
    opened = browser.post("/account/secret/unlock", {"secret": SECRET})
    assert opened.location == "/files/secret"
    assert upload(browser, "secret", WORDS, "給与.txt").status_code == 303
    assert browser.post("/files/new-folder/secret", {"name": "役員"}).status_code == 303
    assert upload(browser, "secret/役員", b"minutes", "議事録.txt").status_code == 303
    return browser


def _names(page: str) -> list[str]:
    return [one.partition("<")[0] for one in page.split('<span class="name">')[1:]]


def test_r18_names_are_shown_to_their_owner_and_sealed_wherever_they_are_kept(site: Site, hanako: Browser) -> None:
    assert _names(hanako.get("/files/secret").text) == ["役員", "給与.txt"]
    with site.parts.database.reading() as tx:
        kept = {*tx.execute(select(nodes.c.name)).scalars(), *tx.execute(select(access_log.c.path)).scalars()}
    assert not any(word in name for name in kept for word in ("役員", "給与", "議事録"))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["b", "あ.txt", "い.txt", "う.txt"]),
        ("?desc=1", ["b", "う.txt", "い.txt", "あ.txt"]),
        ("?sort=size&desc=1", ["b", "い.txt", "う.txt", "あ.txt"]),
    ],
)
def test_a_listing_is_ordered_by_the_names_people_read(
    site: Site, hanako: Browser, query: str, names: list[str]
) -> None:
    hanako.post("/files/new-folder/secret/役員", {"name": "順"})
    hanako.post("/files/new-folder/secret/役員/順", {"name": "b"})
    for name, size in (("う.txt", 2), ("あ.txt", 1), ("い.txt", 3)):
        upload(hanako, "secret/役員/順", b"x" * size, name)
    assert _names(hanako.get(f"/files/secret/役員/順{query}").text) == names


def test_a_preview_and_a_range_are_what_was_stored(hanako: Browser) -> None:
    assert "給与の一覧" in hanako.get("/files/secret/給与.txt").text
    assert hanako.get("/files/content/secret/給与.txt").data == WORDS
    part = hanako.get("/files/content/secret/給与.txt", Range="bytes=70000-140000")
    assert (part.status_code, part.data) == (206, WORDS[70_000:140_001])


def test_an_archive_has_the_names_people_read(hanako: Browser) -> None:
    archive = zipfile.ZipFile(io.BytesIO(hanako.get("/files/zip/secret").data))
    assert sorted(archive.namelist()) == ["Secret Folder/", "Secret Folder/役員/", "Secret Folder/役員/議事録.txt",
                                          "Secret Folder/給与.txt"]  # fmt: skip
    assert archive.read("Secret Folder/給与.txt") == WORDS


def test_a_search_finds_the_names_people_read(hanako: Browser) -> None:
    assert _names(hanako.get("/files/search/secret?q=議事").text) == ["役員 / 議事録.txt"]
    assert "Nothing in here" in hanako.get("/files/search/secret?q=none").text


def test_files_are_renamed_moved_inside_and_deleted(hanako: Browser) -> None:
    assert hanako.post("/files/rename/secret/給与.txt", {"name": "賃金.txt"}).status_code == 303
    form = {"pick": ["賃金.txt"], "do": "move", "into": "secret/役員"}
    assert hanako.post("/files/transfer/secret", form).status_code == 303
    assert _names(hanako.get("/files/secret/役員").text) == ["議事録.txt", "賃金.txt"]
    assert hanako.get("/files/content/secret/役員/賃金.txt").data == WORDS
    assert hanako.post("/files/delete/secret/役員", {"pick": ["賃金.txt"]}).status_code == 303
    assert _names(hanako.get("/files/secret/役員").text) == ["議事録.txt"]


def test_a_name_that_is_taken_is_told_as_everywhere(hanako: Browser) -> None:
    assert hanako.post("/files/new-folder/secret", {"name": "役員"}).status_code == 409
    assert upload(hanako, "secret", b"again", "給与.txt").status_code == 409
    assert hanako.get("/files/content/secret/給与.txt").data == WORDS


@pytest.mark.parametrize("copy_out", [True, False])
def test_r23_a_copy_goes_out_where_the_contract_allows_it(site: Site, hanako: Browser, copy_out: bool) -> None:
    contract_id = site.caller("hanako").contract_id
    site.parts.database.write(lambda tx: settings.write(tx, contract_id, Settings(copy_out=copy_out)))
    page = hanako.post("/files/select/secret", {"pick": ["役員"], "do": "copy"}).text
    assert ('value="my"' in page) is copy_out
    form = {"pick": ["役員"], "do": "copy", "into": "my"}
    assert hanako.post("/files/transfer/secret", form).status_code == (303 if copy_out else 403)
    assert hanako.get("/files/content/my/役員/議事録.txt").status_code == (200 if copy_out else 404)


def test_r23_a_copy_comes_in_and_a_move_is_told_what_to_do_instead(site: Site, hanako: Browser) -> None:
    site.put("hanako", "見積.txt", b"quote")
    offered = hanako.post("/files/select/my", {"pick": ["見積.txt"], "do": "copy"}).text
    assert 'value="secret"' in offered
    assert 'value="secret"' not in hanako.post("/files/select/my", {"pick": ["見積.txt"], "do": "move"}).text
    form = {"pick": ["見積.txt"], "into": "secret"}
    refused = hanako.post("/files/transfer/my", {**form, "do": "move"})
    assert refused.status_code == 403
    assert "Copy it, then delete the original." in refused.text
    assert hanako.post("/files/transfer/my", {**form, "do": "copy"}).status_code == 303
    assert hanako.get("/files/content/secret/見積.txt").data == b"quote"
    assert hanako.get("/files/content/my/見積.txt").data == b"quote"


def test_r18_once_locked_nothing_of_it_is_there(site: Site, hanako: Browser) -> None:
    other = site.at_work("hanako")
    assert "/files/secret" in hanako.get("/files/my").text
    hanako.post("/account/secret/lock")
    for browser in (hanako, other, site.at_work("taro"), site.at_work("sakura-admin")):
        for page in ("", "content/", "zip/", "search/", "rename/"):
            assert browser.get(f"/files/{page}secret").status_code == 404
        assert browser.get("/files/secret/給与.txt").status_code == 404
        assert upload(browser, "secret", b"x", "x.txt").status_code == 404
        assert "/files/secret" not in browser.get("/files/my").text


def test_r21_looking_at_it_is_in_the_access_log_with_sealed_names(site: Site, hanako: Browser) -> None:
    hanako.get("/files/secret")
    hanako.get("/files/content/secret/給与.txt")
    page = site.at_work("sakura-admin").get("/admin/log/?path=secret").text
    assert "<td>listed</td>" in page
    assert "<td>read</td>" in page
    assert "給与" not in page
