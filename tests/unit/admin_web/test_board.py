"""The bulletin board's pages: reading, writing, and what each role may do."""

from __future__ import annotations

import re
from io import BytesIO

import pytest

from auth import groups
from auth.access import FolderType, authorize
from groupware.board import POST_ROWS
from storage import files, uploads
from storage.uploads import Announced
from tests.unit.admin_web.cast import Browser, Site


def _start(browser: Browser, title: str = "連絡", body: str = "はじめます", **more: object) -> str:
    """Start a topic and return the address of its first post."""
    answer = browser.post("/board/new", {"title": title, "body": body, "do": "post", **more})
    assert answer.status_code == 303
    return str(answer.location)


def _topic(browser: Browser, post: str) -> str:
    """Return the address of a post's topic."""
    return str(browser.get(post).location).partition("?")[0]


def _put_in_group(site: Site, name: str) -> None:
    hanako = site.caller("hanako")
    with site.parts.database.reading() as tx:
        member = groups.membership(tx.cursor, hanako, "eigyo")
    grant = authorize(hanako, FolderType.GROUP, group=member)
    uploads.write(site.parts.files, grant, (name,), BytesIO(b"x").read, Announced(1))


@pytest.fixture
def hanako(site: Site) -> Browser:
    """Return hanako's browser."""
    return site.at_work("hanako")


def test_r28_a_topic_is_written_read_and_answered(site: Site, hanako: Browser) -> None:
    topic = _topic(hanako, _start(hanako, body="**大事**な\r\nお知らせ"))
    taro = site.at_work("taro")
    assert '<span class="badge-pro">1<span class="visually-hidden"> unread' in taro.get("/help/").text
    page = taro.get(topic).text
    assert "<p><strong>大事</strong>な<br>\nお知らせ</p>" in page
    assert "badge-pro" not in page
    assert taro.post(f"{topic}/reply", {"body": "了解です", "do": "post"}).status_code == 303
    listed = hanako.get("/board/").text
    assert 'class="unread"' in listed
    assert "2 posts" in listed
    assert "了解です" in hanako.get(topic).text
    assert 'class="unread"' not in hanako.get("/board/").text


def test_r28_another_contracts_board_is_not_there(site: Site, hanako: Browser) -> None:
    post = _start(hanako)
    topic = _topic(hanako, post)
    for login in ("jiro", "momiji-admin", "kaede-admin"):
        stranger = site.at_work(login)
        assert "連絡" not in stranger.get("/board/").text
        assert "Nothing was found" in stranger.get("/board/search?q=はじめ").text
        for path in (topic, f"{topic}/reply", post, f"{post}/edit", f"{post}/history", f"{post}/attachments/1"):
            assert stranger.get(path).status_code == 404
        for path in (f"{topic}/reply", f"{topic}/pin", f"{post}/edit", f"{post}/delete"):
            assert stranger.post(path, {"body": "x", "pinned": "1"}).status_code == 404


def test_r22_a_groups_topic_is_for_its_members_and_readers_read(site: Site, hanako: Browser) -> None:
    assert 'value="eigyo"' in hanako.get("/board/new").text
    topic = _topic(hanako, _start(hanako, group="eigyo"))
    taro, admin = site.at_work("taro"), site.at_work("sakura-admin")
    assert 'value="eigyo"' not in taro.get("/board/new").text
    assert "In this group you read only" in taro.get(topic).text
    assert taro.post(f"{topic}/reply", {"body": "x"}).status_code == 403
    assert admin.get(topic).status_code == 404
    assert taro.post("/board/new", {"title": "t", "body": "b", "group": "eigyo"}).status_code == 403
    assert admin.post("/board/new", {"title": "t", "body": "b", "group": "eigyo"}).status_code == 404


def test_r12_the_board_needs_a_device_on_pro_and_the_staff_has_none(site: Site, hanako: Browser) -> None:
    topic = _topic(hanako, _start(hanako))
    taro = site.browser()
    taro.sign_in("taro")
    for path in ("/board/", topic, "/board/search?q=x"):
        assert taro.get(path).location.startswith("/login/device?")
    for login in ("operator", "support"):
        assert site.at_work(login).get("/board/").status_code == 404


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title": ""}, "Give the topic a title"),
        ({"body": " "}, "Write something first"),
        ({"body": "x" * 10_001}, "Keep a post within 10000 characters"),
    ],
)
def test_a_form_that_is_wrong_says_so_and_keeps_what_was_entered(
    hanako: Browser, changed: dict[str, object], words: str
) -> None:
    answer = hanako.post("/board/new", {"title": "題", "body": "本文", **changed})
    assert answer.status_code == 400
    assert words in answer.text
    assert ('value="題"' in answer.text) or ("本文</textarea>" in answer.text)
    assert "There are no topics yet" in hanako.get("/board/").text


def test_an_edited_post_is_marked_and_shows_its_history(site: Site, hanako: Browser) -> None:
    post = _start(hanako, body="初稿")
    taro = site.at_work("taro")
    topic = _topic(hanako, post)
    assert "edited" not in taro.get(topic).text
    site.clock.advance(minutes=3)
    assert hanako.post(f"{post}/edit", {"body": "二稿"}).status_code == 303
    page = taro.get(topic).text
    assert "二稿" in page
    assert "edited 1 Apr 2026, 12:03" in page
    history = taro.get(f"{post}/history").text
    assert history.index("二稿") < history.index("初稿")
    refused = taro.post(f"{post}/edit", {"body": "x"})
    assert refused.status_code == 403
    assert "You can edit your own posts only" in refused.text
    empty = hanako.post(f"{post}/edit", {"body": ""})
    assert (empty.status_code, "Write something first" in empty.text) == (400, True)


def test_a_deleted_post_leaves_a_mark_and_no_words(site: Site, hanako: Browser) -> None:
    post = _start(hanako, body="消したい言葉")
    topic = _topic(hanako, post)
    assert site.at_work("taro").post(f"{post}/delete").status_code == 403
    admin = site.at_work("sakura-admin")
    assert admin.post(f"{post}/delete").status_code == 303
    for path in (topic, f"{post}/history"):
        page = hanako.get(path).text
        assert "This post was deleted by sakura-admin, 1 Apr 2026, 12:00." in page
        assert "消したい言葉" not in page
    assert hanako.post(f"{post}/edit", {"body": "x"}).status_code == 400


def test_the_administrator_pins_and_nobody_else_can(site: Site, hanako: Browser) -> None:
    first = _topic(hanako, _start(hanako, title="一"))
    _start(hanako, title="二")
    assert "Pin to the top" not in hanako.get(first).text
    assert hanako.post(f"{first}/pin", {"pinned": "1"}).status_code == 403
    admin = site.at_work("sakura-admin")
    assert admin.post(f"{first}/pin", {"pinned": "1"}).status_code == 303
    listed = hanako.get("/board/").text
    assert listed.index(">一</a>") < listed.index(">二</a>")
    admin.post(f"{first}/pin", {"pinned": "0"})
    listed = hanako.get("/board/").text
    assert listed.index(">二</a>") < listed.index(">一</a>")


def test_attachments_are_chosen_without_script_and_open_by_the_readers_rights(site: Site, hanako: Browser) -> None:
    _put_in_group(site, "計画.txt")
    site.put("hanako", "下書き.txt")
    opened = hanako.post("/board/new", {"title": "題", "body": "本文", "where": "my", "look": "group/eigyo"})
    assert 'value="計画.txt"' in opened.text
    assert "本文</textarea>" in opened.text
    form = {"title": "題", "body": "本文", "where": "group/eigyo", "pick": "計画.txt", "chosen": "my/下書き.txt"}
    post = str(hanako.post("/board/new", form).location)
    taro, admin = site.at_work("taro"), site.at_work("sakura-admin")
    addresses = re.findall(r'href="(/board/posts/\d+/attachments/\d+)"', taro.get(_topic(taro, post)).text)
    assert len(addresses) == 2
    mine, groups_own = addresses
    found = taro.get(groups_own)
    assert found.status_code == 303
    assert taro.get(found.location).status_code == 200
    refused = taro.get(mine)
    assert refused.status_code == 403
    assert "You may not open this attachment" in refused.text
    assert admin.get(groups_own).status_code == 403
    grant = authorize(site.caller("hanako"), FolderType.MY)
    files.delete(site.parts.files, grant, ("下書き.txt",))
    gone = hanako.get(mine)
    assert gone.status_code == 410
    assert "The attached file was deleted" in gone.text
    assert taro.get(f"{post}/attachments/3").status_code == 404


def test_nothing_is_attached_from_a_folder_the_author_may_not_read(site: Site, hanako: Browser) -> None:
    site.put("taro", "x.txt")
    for path in ("my/x.txt", "group/none/x.txt", "secret/x.txt", "security/x.txt"):
        answer = hanako.post("/board/new", {"title": "t", "body": "b", "chosen": path})
        assert answer.status_code in (403, 404)
    assert "There are no topics yet" in hanako.get("/board/").text


def test_a_long_topic_opens_where_one_left_off(site: Site, hanako: Browser) -> None:
    topic = _topic(hanako, _start(hanako, body="post 1"))
    for number in range(2, POST_ROWS + 3):
        last = hanako.post(f"{topic}/reply", {"body": f"post {number}"}).location
    taro = site.at_work("taro")
    first = taro.get(topic).text
    assert "post 1<" in first
    assert f"post {POST_ROWS + 1}<" not in first
    assert f"1–{POST_ROWS} of {POST_ROWS + 2}" in first
    assert "unread</span></a>" not in taro.get("/board/").text
    second = taro.get(topic).text
    assert f"post {POST_ROWS + 1}<" in second
    assert "post 1<" not in second
    assert f"?page=2#p{str(last).rpartition('/')[2]}" in taro.get(str(last)).location
    for odd in ("0", "-1", "x", "99999999999", "3"):
        assert taro.get(f"{topic}?page={odd}").status_code == 200


def test_everything_is_marked_as_read_at_once(site: Site, hanako: Browser) -> None:
    for title in ("一", "二"):
        _start(hanako, title=title)
    taro = site.at_work("taro")
    assert '<span class="badge-pro">2<' in taro.get("/board/").text
    assert taro.post("/board/read-all").status_code == 303
    assert "badge-pro" not in taro.get("/help/").text


def test_a_search_leads_to_the_post(hanako: Browser) -> None:
    post = _start(hanako, body="見積もりは <b>来週</b>")
    page = hanako.get("/board/search?q=見積").text
    assert f'href="{post}"' in page
    assert "&lt;b&gt;来週" in page
    assert "Nothing was found" in hanako.get("/board/search?q=%25").text
    assert hanako.get("/board/search").status_code == 200


def test_who_is_told_by_mail_decides_it(site: Site, hanako: Browser) -> None:
    assert 'name="mail" value="1" checked' in hanako.get("/board/settings").text
    answer = hanako.post("/board/settings", {"address": "h@sakura.example", "language": "en"})
    assert answer.status_code == 303
    page = hanako.get("/board/settings").text
    assert 'name="mail" value="1" checked' not in page
    assert 'value="h@sakura.example"' in page
    wrong = hanako.post("/board/settings", {"mail": "1", "address": "no address", "language": "en"})
    assert (wrong.status_code, 'value="no address"' in wrong.text) == (400, True)


@pytest.mark.parametrize("path", ["/board/0", "/board/99999999999999999999", "/board/posts/x", "/board/7"])
def test_an_address_that_leads_nowhere_says_so(hanako: Browser, path: str) -> None:
    assert hanako.get(path).status_code == 404


def test_the_pages_speak_japanese(hanako: Browser) -> None:
    topic = _topic(hanako, _start(hanako))
    hanako.headers["Accept-Language"] = "ja"
    assert "掲示板" in hanako.get("/board/").text
    assert "返信を書く" in hanako.get(topic).text
    assert "新しい話題" in hanako.get("/board/new").text
