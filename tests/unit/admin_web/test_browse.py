"""Folders and files as pages show them."""

from __future__ import annotations

import time
import zipfile
from io import BytesIO

import pytest
from sqlalchemy import insert

from auth.access import FolderType, authorize
from db.tables import FILE, nodes
from storage import files
from tests.unit.admin_web.cast import Browser, Site

PLAIN = {"Accept": "text/html"}


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser, a registered device."""
    return site.at_work("hanako")


def test_r29_files_begin_at_my_folder(hanako: Browser) -> None:
    assert hanako.get("/").location == "/files/"
    assert hanako.get("/files/").location == "/files/my"
    assert "There is nothing here yet." in hanako.get("/files/my").text


def test_a_folder_shows_its_members_with_links(site: Site, hanako: Browser) -> None:
    site.put("hanako", "見積 #1?.txt", b"x" * 2048)
    page = hanako.get("/files/my").text
    assert '<span class="name">見積 #1?.txt</span>' in page
    assert "/files/my/%E8%A6%8B%E7%A9%8D%20%231%3F.txt" in page
    assert "2 KB" in page
    assert hanako.get("/files/my/%E8%A6%8B%E7%A9%8D%20%231%3F.txt").status_code == 200


def test_r7_every_page_shows_what_is_used_and_free(site: Site, hanako: Browser) -> None:
    site.put("hanako", "a", b"x" * (3 * 1024 * 1024))
    for page in ("/files/my", "/help/", "/files/group/"):
        assert "3 MB of 50 GB" in hanako.get(page).text
        assert 'value="3145728"' in hanako.get(page).text


def test_sorting_is_a_link_in_the_columns_head(site: Site, hanako: Browser) -> None:
    for name, size in (("b", 1), ("a", 2)):
        site.put("hanako", name, b"x" * size)
    by_size = hanako.get("/files/my?sort=size").text
    assert by_size.index('class="name">b<') < by_size.index('class="name">a<')
    assert 'aria-sort="ascending"' in by_size
    assert "sort=size&amp;desc=1" in by_size
    turned = hanako.get("/files/my?sort=size&desc=1").text
    assert turned.index('class="name">a<') < turned.index('class="name">b<')


@pytest.mark.parametrize("query", ["sort=evil", "page=0", "page=-1", "page=x", "page=99999999", "desc=2", "page=²"])
def test_nonsense_in_the_address_shows_the_folder_all_the_same(hanako: Browser, query: str) -> None:
    assert hanako.get(f"/files/my?{query}").status_code == 200


@pytest.mark.parametrize("path", ["/files/none", "/files/my/none", "/files/secret", "/files/my/%00", "/files/my/a/../b",
                                  "/files/group/none", "/files/my/%ff"])  # fmt: skip
def test_what_is_not_there_is_not_found(hanako: Browser, path: str) -> None:
    assert hanako.get(path).status_code in (400, 404)


def _fill(site: Site, count: int) -> None:
    """Insert files as rows alone; their bytes are of no interest."""
    caller = site.caller("hanako")
    root = files.stat(site.parts.files, authorize(caller, FolderType.MY), ())
    rows = [
        {
            "contract_id": caller.contract_id,
            "parent_id": root.id,
            "name": f"file {number:05d}.txt",
            "id": 1_000_000 + number,
            "kind": FILE,
            "size_bytes": 0,
            "object_id": None,
            "created_at": site.clock(),
            "modified_at": site.clock(),
            "stored_at": site.clock(),
        }
        for number in range(count)
    ]
    site.parts.database.write(lambda tx: tx.execute(insert(nodes), rows))


def test_10000_entries_come_in_pages_within_300_ms(site: Site, hanako: Browser) -> None:
    _fill(site, 10_000)
    hanako.get("/files/my")
    took = []
    for number in ("1", "25", "50"):
        began = time.perf_counter()
        page = hanako.get(f"/files/my?page={number}").text
        took.append(time.perf_counter() - began)
        assert page.count('name="pick"') == 200
    assert min(took) < 0.3
    assert "9,801–10,000 of 10,000" in page
    assert 'rel="next"' not in page


def test_a_search_finds_names_below_the_folder(site: Site, hanako: Browser) -> None:
    hanako.post("/files/new-folder/my", {"name": "箱"})
    site.put("hanako", "箱/見積 Plan.txt")
    page = hanako.get("/files/search/my?q=plan").text
    assert "箱 / 見積 Plan.txt" in page
    assert "/files/my/%E7%AE%B1/%E8%A6%8B%E7%A9%8D%20Plan.txt" in page
    assert "Nothing in here" in hanako.get("/files/search/my?q=nothing").text
    assert hanako.get("/files/search/my?q=").status_code == 200
    assert hanako.get("/files/search/my?q=..").status_code == 400
    assert hanako.get("/files/search/group/none?q=x").status_code == 404


def test_a_file_has_a_page_with_a_preview(site: Site, hanako: Browser) -> None:
    site.put("hanako", "memo.txt", "<b>太字</b>".encode())
    site.put("hanako", "photo.png", b"x")
    site.put("hanako", "plan.pdf", b"x")
    site.put("hanako", "song.mp3", b"x")
    site.put("hanako", "film.mp4", b"x")
    site.put("hanako", "data.xyz", b"x")
    assert "&lt;b&gt;太字&lt;/b&gt;" in hanako.get("/files/my/memo.txt").text
    for name, mark in (("photo.png", "<img src="), ("plan.pdf", "<iframe"), ("song.mp3", "<audio"),
                       ("film.mp4", "<video"), ("data.xyz", "cannot be shown here")):  # fmt: skip
        assert mark in hanako.get(f"/files/my/{name}").text


def test_a_long_text_is_cut_in_its_preview(site: Site, hanako: Browser) -> None:
    site.put("hanako", "log.txt", b"a" * (64 * 1024) + b"END")
    page = hanako.get("/files/my/log.txt").text
    assert "The first 64 KB are shown." in page
    assert "END" not in page


def test_a_folder_comes_as_a_zip_with_all_that_is_in_it(site: Site, hanako: Browser) -> None:
    hanako.post("/files/new-folder/my", {"name": "見積"})
    hanako.post("/files/new-folder/my/見積", {"name": "空"})
    site.put("hanako", "見積/4月.txt", b"April")
    site.put("hanako", "top.txt", b"top")
    answer = hanako.get("/files/zip/my/見積")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E8%A6%8B%E7%A9%8D.zip"
    with zipfile.ZipFile(BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == ["見積/", "見積/4月.txt", "見積/空/"]
        assert archive.read("見積/4月.txt") == b"April"
    assert hanako.get("/files/zip/my/top.txt").status_code == 404


def test_r22_a_group_folder_is_for_its_members_as_they_may(site: Site, hanako: Browser) -> None:
    assert "read and write" in hanako.get("/files/group/").text
    hanako.post("/files/new-folder/group/eigyo", {"name": "共有"})
    taro, admin = site.at_work("taro"), site.at_work("sakura-admin")
    page = taro.get("/files/group/eigyo").text
    assert "共有" in page
    assert "read only" in page
    assert "upload-form" not in page
    assert taro.post("/files/new-folder/group/eigyo", {"name": "x"}).status_code == 403
    assert admin.get("/files/group/eigyo").status_code == 404
    assert "You are in no group yet." in admin.get("/files/group/").text


@pytest.mark.parametrize("login", ["operator", "support"])
def test_staff_open_no_customers_files(site: Site, login: str) -> None:
    browser = site.browser()
    browser.sign_in(login)
    assert browser.get("/files/my").status_code == 403
