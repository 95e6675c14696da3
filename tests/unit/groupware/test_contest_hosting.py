"""Holding contests: pictures of their own, refusals whole, publishing, taking back."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from auth.access import FolderType, Grant
from core.errors import (
    AccessDenied,
    ContestClosed,
    ContestRefused,
    NotFound,
    PhotosRefused,
    StoreUnavailable,
)
from db.tables import access_log, contest_entries, contests, objects
from groupware import contest_hosting
from groupware import contests as looking
from groupware.contest_hosting import Photo
from groupware.contest_rules import MOST_KEPT, Audience, Stage
from storage import files, fsck, reclaim
from tests.unit.groupware.hall import CATALOGUE, Hall, picture, terms_at


def _keys(hall: Hall) -> set[str]:
    return {one.key for one in hall.store.inner.list(hall.fs.key_prefix + "/")}


def _rows(hall: Hall, statement: object) -> list[object]:
    with hall.fs.database.reading() as tx:
        return list(tx.execute(statement))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("login", "may"), [("sakura-admin", True), ("momiji-admin", True), ("kaede-admin", False), ("hanako", False)]
)
def test_r27_administrators_of_paid_contracts_host(hall: Hall, login: str, may: bool) -> None:
    assert contest_hosting.may_host(hall.fs, CATALOGUE, hall.grants[login].caller) is may
    photos = hall.photos(login=login)
    if may:
        assert hall.hold(photos, login=login)
        return
    with pytest.raises(AccessDenied) as refused:
        hall.hold(photos, login=login)
    assert refused.value.message_id == "contest.may_not_host"
    assert _rows(hall, select(contests)) == []


def test_a_contest_has_pictures_of_its_own_that_count_nowhere(hall: Hall) -> None:
    grant = hall.grants["sakura-admin"]
    photos = hall.photos(3)
    used_bytes = files.quota(hall.fs, grant).used_bytes
    before = _keys(hall)
    contest_id = hall.hold(photos)
    assert len(_keys(hall) - before) == 3
    assert files.quota(hall.fs, grant).used_bytes == used_bytes
    found, entries = looking.look(hall.fs, grant, contest_id)
    assert (found.title, found.contract, found.host, found.photos) == ("夏の写真", "sakura", "sakura-admin", 3)
    assert [one.caption for one in entries] == ["photo 1", "photo 2", "photo 3"]
    shown = Image.open(BytesIO(looking.picture(hall.fs, grant, contest_id, 2).read(hall.fs)))
    assert (shown.format, shown.size) == ("JPEG", (40, 30))
    report = fsck.check(hall.fs)
    assert not report.is_wrong
    assert report.orphan_objects == 0


def test_photos_may_be_deleted_from_their_folder_afterwards(hall: Hall) -> None:
    grant = hall.grants["sakura-admin"]
    contest_id = hall.hold()
    for name in ("photo 1.png", "photo 2.png"):
        files.delete(hall.fs, grant, (name,))
    assert reclaim.reclaim(hall.fs, freed_before_us=hall.clock.us).deleted_objects == 2
    hall.clock.advance(days=3)
    assert reclaim.collect_orphans(hall.fs, stored_before_us=hall.clock.us).deleted_objects == 0
    hall.clock.advance(days=-3)
    assert looking.picture(hall.fs, grant, contest_id, 1).read(hall.fs)[:2] == b"\xff\xd8"


def test_r27_creation_is_in_the_hosts_log_photo_by_photo(hall: Hall) -> None:
    contest_id = hall.hold()
    wanted = select(access_log.c.login_id, access_log.c.path, access_log.c.detail).where(
        access_log.c.act == "contest.create"
    )
    assert _rows(hall, wanted.order_by(access_log.c.path)) == [
        ("sakura-admin", "my/photo 1.png", contest_id),
        ("sakura-admin", "my/photo 2.png", contest_id),
    ]


def test_every_photo_that_cannot_take_part_is_named_and_nothing_is_left(hall: Hall) -> None:
    good, other = hall.photos(2)
    lying = hall.write("sakura-admin", "letter.jpg", b"Dear Sir")
    cut = hall.write("sakura-admin", "cut.png", picture(9, (300, 300))[:200])
    files.make_collection(hall.fs, lying.grant, ("album",))
    album = Photo(lying.grant, ("album",), "my/album")
    before = _keys(hall)
    with pytest.raises(PhotosRefused) as refused:
        hall.hold([good, lying, other, cut, album])
    assert refused.value.refused == (
        ("letter.jpg", "contest.photo.kind"),
        ("cut.png", "contest.photo.broken"),
        ("album", "contest.photo.kind"),
    )
    assert refused.value.facts()["photos"] == "letter.jpg, cut.png, album"
    assert _keys(hall) == before
    assert _rows(hall, select(contests)) == []


def test_a_photo_that_is_gone_or_a_store_that_fails_leaves_nothing(hall: Hall) -> None:
    photos = hall.photos()
    before = _keys(hall)
    with pytest.raises(NotFound):
        hall.hold([photos[0], Photo(photos[0].grant, ("gone.png",), "my/gone.png")])
    assert _keys(hall) == before

    def fail_the_second(method: str) -> None:
        if method == "put" and hall.store.requests["put"] % 2 == 0:
            raise StoreUnavailable("down")

    hall.store.requests.clear()
    hall.store.before = fail_the_second
    with pytest.raises(StoreUnavailable):
        hall.hold(photos)
    hall.store.before = lambda _: None
    assert _keys(hall) == before
    assert _rows(hall, select(contests)) == []


@pytest.mark.parametrize("folder", [FolderType.SECRET, FolderType.SECURITY])
def test_r18_no_photo_comes_from_a_folder_links_do_not_lead_into(hall: Hall, folder: FolderType) -> None:
    photos = hall.photos()
    closed = Grant(photos[0].grant.caller, folder, photos[0].grant.root, may_write=True)
    with pytest.raises(AccessDenied):
        hall.hold([photos[0], photos[1]._replace(grant=closed)])


def test_a_contract_keeps_so_many_contests_and_no_more(hall: Hall) -> None:
    photos = hall.photos()
    held = [hall.hold(photos) for _ in range(MOST_KEPT)]
    with pytest.raises(ContestClosed) as refused:
        hall.hold(photos)
    assert refused.value.message_id == "contest.too_many"
    assert hall.hold(login="momiji-admin")
    contest_hosting.withdraw(hall.fs, hall.grants["sakura-admin"], held[0])
    assert hall.hold(photos)


def test_terms_are_looked_at_before_any_photo_is(hall: Hall) -> None:
    hall.store.requests.clear()
    with pytest.raises(ContestRefused):
        hall.hold([])
    with pytest.raises(ContestRefused):
        contest_hosting.create(
            hall.fs, CATALOGUE, hall.grants["sakura-admin"], terms_at(hall.clock, title=""), hall.photos()
        )
    assert hall.store.requests["stream"] == 0
    assert hall.store.requests["read"] == 0


def test_r27_a_result_is_published_after_the_end_by_its_host_alone(hall: Hall) -> None:
    contest_id = hall.hold(audience=Audience.EVERYONE)
    host = hall.grants["sakura-admin"]
    with pytest.raises(ContestClosed):
        contest_hosting.publish(hall.fs, host, contest_id, published=True)
    hall.clock.advance(hours=1)
    for stranger in ("hanako", "momiji-admin"):
        with pytest.raises(AccessDenied):
            contest_hosting.publish(hall.fs, hall.grants[stranger], contest_id, published=True)

    def seen() -> list[int | None]:
        return [one.votes for one in looking.look(hall.fs, hall.grants["jiro"], contest_id)[1]]

    assert seen() == [None, None]
    contest_hosting.publish(hall.fs, host, contest_id, published=True)
    assert seen() == [0, 0]
    contest_hosting.publish(hall.fs, host, contest_id, published=False)
    assert seen() == [None, None]


def test_what_is_withdrawn_is_gone_for_all_but_its_hosts_list(hall: Hall) -> None:
    host, hanako = hall.grants["sakura-admin"], hall.grants["hanako"]
    photos = hall.photos()
    before = _keys(hall)
    contest_id = hall.hold(photos, audience=Audience.EVERYONE)
    looking.vote(hall.fs, hanako, contest_id, 1)
    with pytest.raises(AccessDenied):
        contest_hosting.withdraw(hall.fs, hanako, contest_id)
    contest_hosting.withdraw(hall.fs, host, contest_id)
    contest_hosting.withdraw(hall.fs, host, contest_id)
    found, entries = looking.look(hall.fs, host, contest_id)
    assert (found.stage(hall.clock()), found.photos, entries) == (Stage.WITHDRAWN, 0, [])
    for login in ("hanako", "jiro"):
        with pytest.raises(NotFound):
            looking.look(hall.fs, hall.grants[login], contest_id)
    reclaim.reclaim(hall.fs, freed_before_us=hall.clock.us)
    assert _keys(hall) == before
    assert _rows(hall, select(contest_entries)) == []
    assert len(_rows(hall, select(objects.c.id))) == 2
    logged = select(access_log.c.act).where(access_log.c.act == "contest.withdraw")
    assert len(_rows(hall, logged)) == 1


def test_r9_of_an_ended_contract_nothing_is_held(hall: Hall) -> None:
    grant = hall.grants["sakura-admin"]
    contest_id = hall.hold()
    ended = Grant(grant.caller, grant.folder, grant.root, may_write=False)
    hall.clock.advance(minutes=1)
    with pytest.raises(AccessDenied):
        contest_hosting.withdraw(hall.fs, ended, contest_id)
    assert looking.look(hall.fs, ended, contest_id)[0].period.ends_at == hall.clock() + timedelta(minutes=59)
