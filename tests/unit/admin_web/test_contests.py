"""The contests' pages: who sees and does what, and what every refusal says."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from admin_web.contests import bars
from core.clock import TOKYO
from groupware.contests import Entry
from tests.unit.admin_web.cast import Browser, Site


def _photo(shade: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), (shade, 0, 0)).save(out, "PNG")
    return out.getvalue()


def _ends(site: Site, **after: float) -> str:
    return (site.clock() + timedelta(**after)).astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M")


def _form(site: Site, **changed: object) -> dict[str, object]:
    return {
        "title": "夏の写真", "text": "一行目\r\n二行目", "ends": _ends(site, hours=1), "audience": "everyone",
        "tally": "live", "where": "my", "pick": ["fire.png", "sea.png"], "do": "create", **changed,
    }  # fmt: skip


@pytest.fixture
def host(site: Site) -> Browser:
    """Return sakura's administrator at work, with two photos and a letter."""
    for at, name in enumerate(("fire.png", "sea.png")):
        site.put("sakura-admin", name, _photo(at * 100))
    site.put("sakura-admin", "letter.png", b"Dear Sir")
    site.put("sakura-admin", "notes.txt", b"x")
    return site.at_work("sakura-admin")


def _hold(site: Site, host: Browser, **changed: object) -> str:
    answer = host.post("/contests/new", _form(site, **changed))
    assert answer.status_code == 303
    return str(answer.location)


def _places(page: str) -> list[tuple[str, str, str]]:
    return re.findall(r'<tr><td>(\d+)</td><th scope="row">([^<]+)</th><td class="col-size">([\d,]+)</td>', page)


def test_r27_a_contest_from_its_form_to_its_published_result(site: Site, host: Browser) -> None:
    address = _hold(site, host, ends=_ends(site, minutes=10))
    jiro, taro = site.at_work("jiro"), site.at_work("taro")
    page = jiro.get(address)
    assert "夏の写真" in page.text
    assert "held by sakura" in page.text
    assert page.text.count("<img ") == 2 + 1  # and the brand's
    photo = jiro.get(f"{address}/photos/1")
    assert (photo.status_code, photo.mimetype, photo.headers["Cache-Control"]) == (
        200, "image/jpeg", "private, no-cache",
    )  # fmt: skip
    assert jiro.get(f"{address}/photos/1", **{"If-None-Match": photo.headers["ETag"]}).status_code == 304
    for browser, position in ((jiro, 1), (jiro, 2), (taro, 2), (host, 1)):
        assert browser.post(f"{address}/vote", {"position": position}).status_code == 303
    assert _places(jiro.get(address).text) == [("1", "sea", "2"), ("2", "fire", "1")]
    assert jiro.get(address).text.count("Your vote") == 1
    site.clock.advance(minutes=10)
    late = jiro.post(f"{address}/vote", {"position": 1})
    assert late.status_code == 409
    assert "This contest takes no votes at present" in late.text
    assert _places(jiro.get(address).text) == []
    assert "You find the result here once its host publishes it" in jiro.get(address).text
    assert "only the administrator sees this result" in host.get(address).text
    assert host.post(f"{address}/publish", {"published": "1"}).status_code == 303
    assert _places(jiro.get(address).text) == [("1", "sea", "2"), ("2", "fire", "1")]
    assert host.post(f"{address}/publish", {"published": "0"}).status_code == 303
    assert _places(jiro.get(address).text) == []


def test_a_result_cannot_be_published_before_the_end(site: Site, host: Browser) -> None:
    early = host.post(f"{_hold(site, host)}/publish", {"published": "1"})
    assert early.status_code == 409
    assert "once voting is over" in early.text


def test_r27_a_private_contest_of_another_contract_is_not_there(site: Site, host: Browser) -> None:
    address = _hold(site, host, audience="contract")
    stranger = site.at_work("momiji-admin")
    assert "夏の写真" not in stranger.get("/contests/").text
    for path in (address, f"{address}/photos/1"):
        assert stranger.get(path).status_code == 404
    for act in ("vote", "publish", "withdraw"):
        assert stranger.post(f"{address}/{act}", {"position": "1", "published": "1"}).status_code == 404
    assert site.at_work("taro").get(address).status_code == 200


def test_what_others_hold_is_theirs(site: Site, host: Browser) -> None:
    address = _hold(site, host)
    for login in ("jiro", "hanako", "momiji-admin"):
        browser = site.at_work(login)
        assert "Withdraw" not in browser.get(address).text
        assert browser.post(f"{address}/withdraw").status_code == 403
        assert browser.post(f"{address}/publish", {"published": "1"}).status_code == 403


def test_r12_without_a_device_nobody_looks_at_photos(site: Site, host: Browser) -> None:
    address = _hold(site, host)
    taro = site.browser()
    taro.sign_in("taro")
    for path in ("/contests/", address, f"{address}/photos/1"):
        assert taro.get(path).location.startswith("/login/device?")


def test_the_staff_of_the_service_has_no_contests(site: Site, host: Browser) -> None:
    address = _hold(site, host)
    for login in ("operator", "support"):
        browser = site.at_work(login)
        for path in ("/contests/", address, f"{address}/photos/1", "/contests/new"):
            assert browser.get(path).status_code == 404


def test_r27_a_free_plan_votes_and_is_told_why_it_does_not_host(site: Site, host: Browser) -> None:
    address = _hold(site, host)
    kaede = site.at_work("kaede-admin")
    listed = kaede.get("/contests/").text
    assert "夏の写真" in listed
    assert "On the free plan you can vote" in listed
    assert "Hold a contest" not in listed
    assert kaede.post(f"{address}/vote", {"position": 1}).status_code == 303
    assert "Only administrators of contracts on a paid or PRO plan" in kaede.get("/contests/new").text
    site.put("kaede-admin", "a.png", _photo(1))
    site.put("kaede-admin", "b.png", _photo(2))
    assert kaede.post("/contests/new", _form(site, pick=["a.png", "b.png"])).status_code == 403


@pytest.mark.parametrize("position", ["", "0", "3", "-1", "x", "９", "99999999999999999999"])
def test_a_vote_for_nothing_is_refused(site: Site, host: Browser, position: str) -> None:
    assert host.post(f"{_hold(site, host)}/vote", {"position": position}).status_code == 404


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"title": " "}, 400, "Give the contest a title"),
        ({"pick": ["fire.png"]}, 400, "Choose 2 to 50 photos"),
        ({"ends": ""}, 400, "The date and time cannot be read"),
        ({"ends": "2026-13-01T00:00"}, 400, "The date and time cannot be read"),
        ({"ends": "2026-03-01T00:00"}, 400, "The end has to be later"),
        ({"starts": "2026-04-09T00:00"}, 400, "The end has to be later"),
        ({"pick": ["fire.png", "gone.png"]}, 404, "There is nothing here by this name"),
    ],
)
def test_a_form_that_is_wrong_says_so_and_keeps_what_was_entered(
    site: Site, host: Browser, changed: dict[str, object], status: int, words: str
) -> None:
    answer = host.post("/contests/new", _form(site, **changed))
    assert answer.status_code == status
    assert words in answer.text
    assert "二行目</textarea>" in answer.text
    assert 'value="my/fire.png" checked' in answer.text
    assert "夏の写真" not in host.get("/contests/").text


def test_every_photo_that_cannot_take_part_is_told_with_its_reason(site: Site, host: Browser) -> None:
    answer = host.post("/contests/new", _form(site, pick=["fire.png", "letter.png", "sea.png"]))
    assert answer.status_code == 400
    assert "<strong>letter.png</strong>: This is no photo that can be read." in answer.text


def test_photos_are_chosen_place_by_place_without_script(site: Site, host: Browser) -> None:
    page = host.get("/contests/new").text
    assert 'value="fire.png"' in page
    assert "notes.txt" not in page
    opened = host.post("/contests/new", _form(site, do="", pick=["fire.png"], look="my"))
    assert opened.status_code == 200
    assert 'name="chosen" id="chosen-1" value="my/fire.png" checked' in opened.text
    assert 'name="pick" id="pick-1" value="fire.png"' not in opened.text
    assert 'value="夏の写真"' in opened.text
    added = host.post("/contests/new", _form(site, do="", pick=["sea.png"], chosen=["my/fire.png"], add="1"))
    assert re.findall(r'name="chosen" id="chosen-\d" value="([^"]+)"', added.text) == ["my/fire.png", "my/sea.png"]
    form = _form(site, pick=[], chosen=["my/fire.png", "my/sea.png"])
    assert host.post("/contests/new", form).status_code == 303


def test_no_photo_comes_from_what_the_caller_may_not_read(site: Site, host: Browser) -> None:
    for path in ("group/eigyo/a.png", "secret/a.png", "security/a.png", "elsewhere/a.png"):
        answer = host.post("/contests/new", _form(site, pick=[], chosen=["my/fire.png", path]))
        assert answer.status_code in (403, 404)
    assert host.post("/contests/new", _form(site, do="", look="group/eigyo")).status_code == 404


def test_what_is_withdrawn_is_listed_for_its_host_alone(site: Site, host: Browser) -> None:
    address = _hold(site, host)
    assert host.post(f"{address}/withdraw").status_code == 303
    assert "Its photos and votes are deleted" in host.get(address).text
    assert "withdrawn" in host.get("/contests/").text
    taro = site.at_work("taro")
    assert taro.get(address).status_code == 404
    assert "There are no contests yet" in taro.get("/contests/").text


def test_the_pages_speak_japanese(site: Site, host: Browser) -> None:
    address = _hold(site, host)
    host.headers["Accept-Language"] = "ja"
    assert "投票受付中" in host.get(address).text
    assert "写真を選ぶ" in host.get("/contests/new").text


def test_the_list_comes_in_pages(site: Site, host: Browser) -> None:
    for number in range(20):
        _hold(site, host, title=f"contest {number}")
    assert 'rel="next"' not in host.get("/contests/").text
    site.put("momiji-admin", "a.png", _photo(1))
    site.put("momiji-admin", "b.png", _photo(2))
    _hold(site, site.at_work("momiji-admin"), pick=["a.png", "b.png"], ends=_ends(site, hours=2))
    assert 'rel="next"' in host.get("/contests/").text
    second = host.get("/contests/?page=2").text
    assert second.count('class="card-plain"') == 1
    assert 'rel="prev"' in second
    for odd in ("0", "-1", "x", "99999999999"):
        assert host.get(f"/contests/?page={odd}").status_code == 200


def test_photos_with_as_many_votes_share_a_place() -> None:
    entries = [Entry(at, f"{at}", 1, 1, votes) for at, votes in enumerate((3, 7, 3, 0), start=1)]
    assert [(bar.place, bar.entry.position, bar.percent) for bar in bars(entries)] == [
        (1, 2, 100), (2, 1, 42), (2, 3, 42), (4, 4, 0),
    ]  # fmt: skip
    assert [bar.percent for bar in bars([Entry(1, "", 1, 1, 0)])] == [0]
