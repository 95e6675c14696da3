"""The bulletin board over the API."""

from __future__ import annotations

from typing import Any

from auth.access import FolderType, authorize
from storage import files
from tests.unit.admin_web.api.callers import Program, Programs


def start(program: Program, **more: object) -> dict[str, Any]:
    """Start a topic and return what is answered."""
    answer = program.post("/board/topics", **{"title": "連絡", "body": "**はじめます**", **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json or {})


def test_r28_a_topic_is_started_answered_edited_and_cleared(programs: Programs) -> None:
    hanako, taro, admin = programs.of("hanako"), programs.of("taro"), programs.of("sakura-admin")
    made = start(hanako)
    topic, post = f"/board/topics/{made['topic_id']}", f"/board/posts/{made['post_id']}"
    (listed,) = taro.read("/board/topics")["items"]
    assert (listed["title"], listed["posts"], listed["unread"], listed["may_post"]) == ("連絡", 1, True, True)
    answered = taro.post(f"{topic}/posts", body="了解です")
    assert answered.status_code == 201
    told = hanako.read(topic, limit=1)
    assert ([one["body"] for one in told["part"]["items"]], told["part"]["next_offset"]) == (["**はじめます**"], 1)
    assert [one["author"] for one in hanako.read(topic)["part"]["items"]] == ["hanako", "taro"]
    last = answered.json["post_id"]  # type: ignore[index]
    assert hanako.ask("PUT", f"{topic}/mark", json={"post_id": last}).status_code == 204
    assert hanako.read("/board/topics")["items"][0]["unread"] is False
    assert hanako.ask("PUT", post, json={"body": "二稿"}).status_code == 200
    assert [one["body"] for one in taro.read(f"{post}/history")["items"]] == ["**はじめます**"]
    assert taro.ask("PUT", post, json={"body": "x"}).status_code == 403
    assert taro.ask("DELETE", post).status_code == 403
    assert admin.ask("DELETE", post).status_code == 204
    first = hanako.read(topic)["part"]["items"][0]
    assert (first["body"], first["deleted_by"]) == ("", "sakura-admin")


def test_the_administrator_pins(programs: Programs) -> None:
    hanako, admin = programs.of("hanako"), programs.of("sakura-admin")
    topic = f"/board/topics/{start(hanako)['topic_id']}"
    assert hanako.ask("PUT", f"{topic}/pin").status_code == 403
    assert admin.ask("PUT", f"{topic}/pin").status_code == 204
    assert hanako.read(topic)["pinned"] is True
    assert admin.ask("DELETE", f"{topic}/pin").status_code == 204
    assert hanako.read(topic)["pinned"] is False


def test_r22_groups_and_other_contracts_keep_their_topics(programs: Programs) -> None:
    topic = f"/board/topics/{start(programs.of('hanako'), group='eigyo')['topic_id']}"
    assert programs.of("taro").read(topic)["may_post"] is False
    assert programs.of("taro").post(f"{topic}/posts", body="x").status_code == 403
    for login in ("sakura-admin", "jiro"):
        assert programs.of(login).get(topic).status_code == 404
        assert programs.of(login).read("/board/search", text="はじめ")["items"] == []


def test_an_attachment_says_where_its_file_is_and_when_it_is_gone(programs: Programs) -> None:
    programs.site.put("hanako", "plan.txt")
    hanako = programs.of("hanako")
    made = start(hanako, attachments=["my/plan.txt"])
    address = f"/board/posts/{made['post_id']}/attachments"
    assert hanako.read(f"{address}/1") == {"path": "my/plan.txt"}
    assert hanako.get(f"{address}/2").status_code == 404
    assert programs.of("taro").get(f"{address}/1").status_code == 403
    files.delete(programs.site.parts.files, authorize(programs.site.caller("hanako"), FolderType.MY), ("plan.txt",))
    gone = hanako.get(f"{address}/1")
    assert (gone.status_code, gone.json["error"]["code"]) == (410, "board.attachment_gone")  # type: ignore[index]


def test_posts_are_found_in_pages(programs: Programs) -> None:
    hanako = programs.of("hanako")
    for number in range(3):
        start(hanako, title=f"{number}", body="予算の件")
    first = hanako.read("/board/search", text="予算", limit=2)
    assert ([one["title"] for one in first["items"]], first["next_offset"]) == (["2", "1"], 2)
    assert hanako.get("/board/search").status_code == 400
