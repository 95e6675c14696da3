"""Public pages: for anybody, cookieless, with a card, and gone in plain words (R25)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import update

from admin_web import public
from auth import logins
from auth.access import FolderType, authorize
from db.tables import contracts
from storage import moves
from storage.moves import End
from tests.unit.admin_web.cast import Browser, Site
from tests.unit.admin_web.test_publications import page_of, publish


def photo(width: int = 40, height: int = 30) -> bytes:
    """Return a JPEG."""
    held = BytesIO()
    Image.new("RGB", (width, height), "red").save(held, "JPEG")
    return held.getvalue()


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser with a photo, a text and a folder of both."""
    browser = site.at_work("hanako")
    site.put("hanako", "海.jpg", photo())
    site.put("hanako", "a.txt", "言葉 & <b>".encode())
    browser.post("/files/new-folder/my", {"name": "album"})
    site.put("hanako", "album/1.jpg", photo())
    site.put("hanako", "album/2.txt", b"two")
    browser.post("/files/new-folder/my/album", {"name": "deep"})
    site.put("hanako", "album/deep/3.txt", b"three")
    return browser


@pytest.fixture
def anybody(site: Site) -> Browser:
    """Return a browser that nobody is signed in with."""
    return site.browser()


def _links(text: str, page: str) -> list[str]:
    return [part.partition('"')[0] for part in text.split('href="') if part.startswith(page)]


def test_r25_anybody_sees_a_published_photo_with_its_card(hanako: Browser, anybody: Browser) -> None:
    page = page_of(hanako, publish(hanako, "海.jpg"))
    text = anybody.get(page).text
    (address,) = {one.partition("?")[0] for one in _links(text, page)}
    assert f'<meta property="og:url" content="http://localhost{page}">' in text
    assert '<meta property="og:title" content="夏祭り">' in text
    assert f'<meta property="og:image" content="http://localhost{address}/preview.jpg">' in text
    assert '<meta name="twitter:card" content="summary_large_image">' in text
    assert anybody.get(address).data == photo()
    assert f'href="https://x.com/intent/post?url=http%3A%2F%2Flocalhost{page.replace("/", "%2F")}&amp;text=' in text
    assert (
        f'href="https://www.facebook.com/sharer/sharer.php?u=http%3A%2F%2Flocalhost{page.replace("/", "%2F")}"' in text
    )
    preview = anybody.get(f"{address}/preview.jpg")
    assert preview.content_type == "image/jpeg"
    assert Image.open(BytesIO(preview.data)).size == (40, 30)
    assert anybody.get(f"{address}/preview.jpg", **{"If-None-Match": preview.headers["ETag"]}).status_code == 304


def test_a_card_without_a_picture_is_a_small_one(hanako: Browser, anybody: Browser) -> None:
    text = anybody.get(page_of(hanako, publish(hanako, "a.txt"))).text
    assert '<meta name="twitter:card" content="summary">' in text
    assert "og:image" not in text
    assert "言葉 &amp; &lt;b&gt;" in text


def test_no_cookie_is_read_or_set_and_no_script_is_there(hanako: Browser, anybody: Browser) -> None:
    page = page_of(hanako, publish(hanako, "海.jpg"))
    for browser in (hanako, anybody):  # hanako's browser brings her session along
        answer = browser.get(page)
        assert "Set-Cookie" not in answer.headers
        assert "hanako" not in answer.text
        assert "<script" not in answer.text
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';")
        assert answer.headers["X-Robots-Tag"] == "noindex"


def test_cookies_do_not_reach_what_answers_public_addresses() -> None:
    seen: list[bool] = []

    def application(environ: dict[str, object], _: object) -> list[bytes]:
        seen.append("HTTP_COOKIE" in environ)
        return []

    for path in ("/p/x", "/p/x/1", "/files/my", "/publications/"):
        public.cookieless(application)({"PATH_INFO": path, "HTTP_COOKIE": "a=b"}, lambda *_: None)
    assert seen == [False, False, True, True]


@pytest.mark.parametrize("name", ["page.html", "drawing.svg"])
def test_what_is_published_never_runs_as_a_page_of_ours(
    site: Site, hanako: Browser, anybody: Browser, name: str
) -> None:
    site.put("hanako", name, b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    page = page_of(hanako, publish(hanako, name))
    answer = anybody.get(_links(anybody.get(page).text, page)[0].partition("?")[0])
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not answer.content_type.startswith("text/html")


def test_an_album_shows_its_own_files_and_nothing_below(hanako: Browser, anybody: Browser, site: Site) -> None:
    page = page_of(hanako, publish(hanako, "album"))
    text = anybody.get(page).text
    assert ("1.jpg" in text, "2.txt" in text, "3.txt" in text, "deep" in text) == (True, True, False, False)
    site.put("hanako", "album/4.txt", b"four")
    assert "4.txt" in anybody.get(page).text, "a folder is shown as it is when somebody looks"


def test_nothing_beside_what_is_published_can_be_reached(hanako: Browser, anybody: Browser) -> None:
    page = page_of(hanako, publish(hanako, "album"))
    other = page_of(hanako, publish(hanako, "a.txt"))
    (of_other,) = {one.partition("?")[0] for one in _links(anybody.get(other).text, other)}
    node_id = of_other.rpartition("/")[2]
    assert anybody.get(f"{page}/{node_id}").status_code == 404
    assert anybody.get(f"{other}/{node_id}").status_code == 200
    for number in range(1, 40):
        answer = anybody.get(f"{page}/{number}")
        assert answer.status_code == 404 or answer.data in (photo(), b"two")


def test_several_files_are_an_album_by_name(hanako: Browser, anybody: Browser) -> None:
    text = anybody.get(page_of(hanako, publish(hanako, "海.jpg", "a.txt"))).text
    assert text.index("a.txt") < text.index("海.jpg")


def test_r25_each_look_counts_and_asking_for_the_head_does_not(hanako: Browser, anybody: Browser) -> None:
    details = publish(hanako, "a.txt")
    page = page_of(hanako, details)
    for _ in range(3):
        anybody.get(page)
    anybody.client.head(page, base_url=anybody.base_url)
    assert "3 views" in hanako.get(details).text


def test_a_replaced_file_shows_its_new_content_and_a_moved_one_stays(
    site: Site, hanako: Browser, anybody: Browser
) -> None:
    page = page_of(hanako, publish(hanako, "a.txt"))
    site.put("hanako", "a.txt", b"new words")
    assert "new words" in anybody.get(page).text
    hanako.post("/files/transfer/my", {"pick": "a.txt", "do": "move", "into": "my/album"})
    assert "new words" in anybody.get(page).text


def _unpublish(site: Site, hanako: Browser, details: str) -> None:
    hanako.post(f"{details}/end")


def _delete(site: Site, hanako: Browser, details: str) -> None:
    hanako.post("/files/delete/my", {"pick": "a.txt"})


def _disable(site: Site, hanako: Browser, details: str) -> None:
    site.parts.database.write(lambda tx: logins.set_enabled(tx, "hanako", False))


def _end_contract(site: Site, hanako: Browser, details: str) -> None:
    ended = {"state": "ended", "ended_at": site.clock()}
    site.parts.database.write(
        lambda tx: tx.execute(update(contracts).where(contracts.c.name == "sakura").values(ended))
    )


def _forbid(site: Site, hanako: Browser, details: str) -> None:
    site.at_work("sakura-admin").post("/admin/settings/publishing")


@pytest.mark.parametrize("close", [_unpublish, _delete, _disable, _end_contract, _forbid])
def test_r25_what_is_closed_says_so_plainly_and_gives_no_content(
    site: Site, hanako: Browser, anybody: Browser, close: Callable[[Site, Browser, str], None]
) -> None:
    details = publish(hanako, "a.txt", title="秘密の題")
    page = page_of(hanako, details)
    file = _links(anybody.get(page).text, page)[0]
    close(site, hanako, details)
    answer = anybody.get(page)
    assert answer.status_code == 410
    assert "<h1>Public page</h1>" in answer.text
    assert "秘密の題" not in answer.text
    gone = anybody.get(file)
    assert gone.status_code in (404, 410)
    assert "言葉" not in gone.text


def test_r19_guessing_addresses_is_slowed_down(site: Site, hanako: Browser, anybody: Browser) -> None:
    page = page_of(hanako, publish(hanako, "a.txt"))
    for number in range(site.parts.lockout.address_attempts):
        assert anybody.get(f"/p/guess{number}").status_code == 404
    locked = anybody.get("/p/guess")
    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) > 0
    assert anybody.get(page).status_code == 429
    site.clock.advance(hours=2)
    assert anybody.get(page).status_code == 200


def test_the_page_speaks_the_readers_language(site: Site, hanako: Browser) -> None:
    page = page_of(hanako, publish(hanako, "a.txt"))
    assert "ダウンロード" in site.browser(**{"Accept-Language": "ja"}).get(page).text


def test_what_is_no_picture_has_no_preview(site: Site, hanako: Browser, anybody: Browser) -> None:
    site.put("hanako", "broken.jpg", b"no picture")
    for name in ("a.txt", "broken.jpg"):
        page = page_of(hanako, publish(hanako, name))
        (address,) = {one.partition("?")[0] for one in _links(anybody.get(page).text, page)}
        assert anybody.get(f"{address}/preview.jpg").status_code == 404


def test_a_file_moved_where_nothing_is_published_from_leaves_the_album(
    site: Site, hanako: Browser, anybody: Browser
) -> None:
    page = page_of(hanako, publish(hanako, "海.jpg", "a.txt"))
    (moved,) = {one.partition("?")[0] for one in _links(anybody.get(page).text, page)[:1]}
    grant = authorize(site.caller("hanako"), FolderType.MY)
    other = replace(authorize(site.caller("taro"), FolderType.MY), caller=grant.caller)
    moves.move(site.parts.files, End(grant, ("a.txt",)), End(other, ("a.txt",)), overwrite=False)
    text = anybody.get(page).text
    assert "a.txt" not in text
    assert "海.jpg" in text
    assert anybody.get(moved).status_code == 404
