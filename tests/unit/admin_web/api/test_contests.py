"""Contests over the API."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.unit.admin_web.api.callers import Program, Programs


@pytest.fixture
def host(programs: Programs) -> Program:
    """Return the program of sakura's administrator, who has two photos."""
    for shade, name in enumerate(("fire.png", "sea.png")):
        out = BytesIO()
        Image.new("RGB", (40, 30), (shade * 100, 0, 0)).save(out, "PNG")
        programs.site.put("sakura-admin", name, out.getvalue())
    return programs.of("sakura-admin")


def hold(programs: Programs, host: Program, **more: object) -> dict[str, Any]:
    """Hold a contest of ten minutes and return what is answered."""
    ends_at = (programs.site.clock() + timedelta(minutes=10)).isoformat()
    given = {"title": "夏の写真", "ends_at": ends_at, "photos": ["my/fire.png", "my/sea.png"], "audience": "everyone"}
    answer = host.post("/contests", **{**given, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json or {})


def test_r27_a_contest_is_held_voted_in_and_published(programs: Programs, host: Program) -> None:
    made = hold(programs, host)
    assert (made["stage"], made["photos"], made["my_vote"]) == ("running", 2, None)
    assert [(one["caption"], one["votes"]) for one in made["entries"]] == [("fire", 0), ("sea", 0)]
    address, jiro = f"/contests/{made['contest_id']}", programs.of("jiro")
    for position in (1, 2):
        voted = jiro.ask("PUT", f"{address}/vote", json={"position": position})
        assert (voted.status_code, voted.json["my_vote"]) == (200, position)  # type: ignore[index]
    photo = jiro.get(f"{address}/photos/2")
    assert (photo.status_code, photo.mimetype, photo.data[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert host.ask("PUT", f"{address}/publication").status_code == 409
    programs.site.clock.advance(minutes=10)
    late = jiro.ask("PUT", f"{address}/vote", json={"position": 1})
    assert (late.status_code, late.json["error"]["code"]) == (409, "contest.not_open")  # type: ignore[index]
    assert [one["votes"] for one in jiro.read(address)["entries"]] == [None, None]
    assert jiro.ask("PUT", f"{address}/publication").status_code == 403
    assert host.ask("PUT", f"{address}/publication").status_code == 204
    assert [one["votes"] for one in jiro.read(address)["entries"]] == [0, 1]
    assert host.ask("DELETE", f"{address}/publication").status_code == 204
    assert [one["votes"] for one in jiro.read(address)["entries"]] == [None, None]
    assert host.ask("DELETE", address).status_code == 204
    assert jiro.get(address).status_code == 404
    assert host.read(address)["stage"] == "withdrawn"


def test_contests_are_listed_in_pages(programs: Programs, host: Program) -> None:
    for number in range(3):
        hold(programs, host, title=f"{number}", audience="contract")
    first = host.read("/contests", limit=2)
    assert (len(first["items"]), first["next_offset"]) == (2, 2)
    assert len(host.read("/contests", limit=2, offset=2)["items"]) == 1
    assert programs.of("jiro").read("/contests")["items"] == []


def test_a_photo_that_is_none_is_named(programs: Programs, host: Program) -> None:
    programs.site.put("sakura-admin", "letter.png", b"Dear Sir")
    ends_at = (programs.site.clock() + timedelta(minutes=10)).isoformat()
    answer = host.post("/contests", title="t", ends_at=ends_at, photos=["my/fire.png", "my/letter.png"])
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "contest.photos")  # type: ignore[index]
    assert "letter.png" in answer.json["error"]["message"]  # type: ignore[index]
    assert host.post("/contests", title="t", ends_at=ends_at, photos=["my/fire.png"]).status_code == 400


def test_r27_a_free_plan_does_not_host(programs: Programs) -> None:
    ends_at = (programs.site.clock() + timedelta(minutes=10)).isoformat()
    answer = programs.of("kaede-admin").post("/contests", title="t", ends_at=ends_at, photos=["my/a.png", "my/b.png"])
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "contest.may_not_host")  # type: ignore[index]
