"""Recipients at the door: what a token opens, and what is counted."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from auth import accesslog, groups
from auth.access import FolderType, Grant
from auth.accesslog import Query
from core.errors import LinkClosed, NotFound
from db.engine import Transaction
from sharing import receipts, visits
from sharing import shares as sharing
from sharing.rules import Terms
from sharing.shares import Item
from sharing.visits import EVERYTHING, Shown, Visit
from storage import files, moves
from storage.moves import End
from tests.unit.sharing.cast import BASE, TWO, add_login, disable, end_contract, node_id, share, visit
from tests.unit.world import Firm, ProbedDatabase, at


def opened(firm: Firm, *paths: str, terms: Terms = Terms()) -> Visit:  # noqa: B008 - frozen
    """Share files and come as the first recipient."""
    return visit(firm, share(firm, *paths, terms=terms).tokens[TWO[0]])


def shown(firm: Firm, who: Visit) -> list[Shown]:
    with firm.fs.database.reading() as tx:
        return visits.shown(tx, who)


def locate(firm: Firm, who: Visit, number: int) -> visits.Place:
    with firm.fs.database.reading() as tx:
        return visits.locate(tx, who, number)


def fetch(firm: Firm, who: Visit, number: int) -> None:
    firm.fs.database.write(lambda tx: visits.count_fetch(tx, who, number, ["my/plan.txt"], now=firm.clock()))


def test_a_token_tells_who_shared_what_with_whom(sharer: Firm) -> None:
    who = opened(sharer, "plan.txt", "trip", terms=Terms(message="hello"))
    assert (who.sender, who.recipient, who.title, who.message) == ("login1", TWO[0], "plan.txt (+1)", "hello")
    assert [(one.name, one.is_collection) for one in shown(sharer, who)] == [("trip", True), ("plan.txt", False)]


@pytest.mark.parametrize("token", ["", "x" * 33, "\x00", "あ" * 33])
def test_a_token_there_never_was_finds_nothing(sharer: Firm, token: str) -> None:
    share(sharer, "plan.txt")
    with pytest.raises(NotFound):
        visit(sharer, token)


def test_r24_a_share_closes_after_its_seven_days(sharer: Firm) -> None:
    token = share(sharer, "plan.txt").tokens[TWO[0]]
    sharer.clock.instant += timedelta(days=7) - timedelta(microseconds=1)
    visit(sharer, token)
    sharer.clock.instant += timedelta(microseconds=1)
    with pytest.raises(LinkClosed, match="expired"):
        visit(sharer, token)


@pytest.mark.parametrize("close", [disable, end_contract])
def test_a_locked_sender_and_an_ended_contract_close_every_share(sharer: Firm, close: object) -> None:
    token = share(sharer, "plan.txt").tokens[TWO[0]]
    who = visit(sharer, token)
    close(sharer)  # type: ignore[operator]
    with pytest.raises(LinkClosed, match="maker_closed"):
        visit(sharer, token)
    with sharer.fs.database.reading() as tx, pytest.raises(LinkClosed):
        visits.require_still_open(tx, who, now=sharer.clock())
    with pytest.raises(LinkClosed):
        locate(sharer, who, node_id(sharer, "plan.txt"))


def test_a_file_that_moves_or_is_replaced_stays_shared(sharer: Firm) -> None:
    who, number = opened(sharer, "plan.txt"), node_id(sharer, "plan.txt")
    sharer.put("plan.txt", b"the new plan")
    ends = End(sharer.grant, at("plan.txt")), End(sharer.grant, at("trip/final.txt"))
    moves.move(sharer.fs, *ends, overwrite=False)
    place = locate(sharer, who, number)
    assert (place.trail.names, place.path) == (("trip", "final.txt"), "my/trip/final.txt")
    assert place.trail.node.size_bytes == len(b"the new plan")
    (one,) = shown(sharer, who)
    assert (one.name, one.node is not None) == ("final.txt", True)


def test_a_file_that_programs_save_under_another_name_first_stays_shared(sharer: Firm) -> None:
    who, number = opened(sharer, "plan.txt"), node_id(sharer, "plan.txt")
    sharer.put("plan.tmp", b"saved")
    ends = End(sharer.grant, at("plan.tmp")), End(sharer.grant, at("plan.txt"))
    moves.move(sharer.fs, *ends, overwrite=True)
    assert locate(sharer, who, number).trail.node.size_bytes == 5


def test_a_deleted_file_says_so_and_the_others_stay(sharer: Firm) -> None:
    who, number = opened(sharer, "plan.txt", "trip"), node_id(sharer, "plan.txt")
    files.delete(sharer.fs, sharer.grant, at("plan.txt"))
    with pytest.raises(LinkClosed, match="deleted"):
        locate(sharer, who, number)
    assert [(one.name, one.node is None) for one in shown(sharer, who)] == [("trip", False), ("plan.txt", True)]


def test_a_file_within_a_deleted_folder_is_deleted_too(sharer: Firm) -> None:
    number = node_id(sharer, "trip/photo.jpg")
    who = opened(sharer, "trip/photo.jpg")
    files.delete(sharer.fs, sharer.grant, at("trip"))
    with pytest.raises(LinkClosed, match="deleted"):
        locate(sharer, who, number)


def test_a_shared_folder_is_shown_as_it_is_now(sharer: Firm) -> None:
    who = opened(sharer, "trip")
    sharer.put("trip/late.jpg", b"later")
    place = locate(sharer, who, node_id(sharer, "trip/late.jpg"))
    assert (place.names, place.trail.names) == (("trip", "late.jpg"), ("trip", "late.jpg"))


def test_what_many_things_cost_is_a_statement_each(firm: Firm, database: ProbedDatabase) -> None:
    add_login(firm)
    names = [f"{number}.txt" for number in range(30)]
    for name in names:
        firm.put(name)
    who = opened(firm, *names)
    database.probe.reset()
    assert len(shown(firm, who)) == 30
    assert len(database.probe.own) == 1 + 30 + 1  # the list, where each is, and who shared it


@pytest.mark.parametrize("path", ["plan.txt", ""])
def test_nothing_beside_or_above_what_is_shared_can_be_reached(sharer: Firm, path: str) -> None:
    who = opened(sharer, "trip")
    with pytest.raises(NotFound):
        locate(sharer, who, node_id(sharer, path))


@pytest.mark.parametrize("number", [-1, 0, 10**12])
def test_a_node_there_never_was_is_not_found(sharer: Firm, number: int) -> None:
    with pytest.raises(NotFound):
        locate(sharer, opened(sharer, "trip"), number)


def in_group(firm: Firm) -> Item:
    """Return a file in a Group Folder of which login 1 is a member."""

    def operation(tx: Transaction) -> None:
        groups.add_group(tx, 1, 5, "eigyo", now=firm.clock())
        groups.set_member(tx, 1, 5, "login1", may_write=True)
        files.ensure_root(tx, 1, "group/5", now_us=firm.clock.us)

    firm.fs.database.write(operation)
    grant = Grant(firm.grant.caller, FolderType.GROUP, "group/5", True)
    firm.put("figures.txt", b"figures", grant=grant)
    return Item(grant, at("figures.txt"), "group/eigyo/figures.txt")


def test_r22_whoever_leaves_a_group_shares_nothing_of_it_any_more(sharer: Firm) -> None:
    item = in_group(sharer)
    made = sharing.make(sharer.fs, [item], TWO, Terms(), base_url=BASE)
    who = visit(sharer, made.tokens[TWO[0]])
    number = files.stat(sharer.fs, item.grant, item.names).id
    assert locate(sharer, who, number).path == "group/eigyo/figures.txt"
    sharer.fs.database.write(lambda tx: groups.set_member(tx, 1, 5, "login1", may_write=None))
    with pytest.raises(LinkClosed, match="maker_closed"):
        locate(sharer, who, number)
    assert [one.node for one in shown(sharer, who)] == [None]


def test_r17_what_was_moved_into_the_security_folder_is_shared_no_more(sharer: Firm) -> None:
    who, number = opened(sharer, "plan.txt"), node_id(sharer, "plan.txt")
    sharer.fs.database.write(lambda tx: files.ensure_root(tx, 1, "security/1", now_us=sharer.clock.us))
    target = Grant(sharer.grant.caller, FolderType.SECURITY, "security/1", True)
    moves.move(sharer.fs, End(sharer.grant, at("plan.txt")), End(target, at("plan.txt")), overwrite=False)
    with pytest.raises(LinkClosed, match="maker_closed"):
        locate(sharer, who, number)


def test_fetches_are_counted_by_file_up_to_the_limit(sharer: Firm) -> None:
    who = opened(sharer, "plan.txt", "trip", terms=Terms(download_limit=1))
    fetch(sharer, who, 7)
    fetch(sharer, who, 7)  # resumed
    sharer.clock.advance(hours=1)
    with pytest.raises(LinkClosed, match="limit_reached"):
        fetch(sharer, who, 7)
    fetch(sharer, who, 8)
    fetch(sharer, who, EVERYTHING)


def test_fetches_at_once_are_not_more_than_the_limit(sharer: Firm) -> None:
    who = opened(sharer, "plan.txt", terms=Terms(download_limit=3))
    outcomes: list[bool] = []

    def one(number: int) -> None:
        now = sharer.clock() + timedelta(hours=2 * number)
        try:
            sharer.fs.database.write(lambda tx: visits.count_fetch(tx, who, 7, [], now=now))
        except LinkClosed:
            outcomes.append(False)
        else:
            outcomes.append(True)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Whoever comes with an earlier clock than the last fetch counts as the same one; never is the limit passed.
    with sharer.fs.database.reading() as tx:
        (receipt, _) = receipts.list_shares(tx, 1)[0].receipts
    assert receipt.fetches <= 3
    assert len(outcomes) == 8
    assert any(outcomes)


def test_a_fetch_of_what_was_revoked_meanwhile_is_refused(sharer: Firm) -> None:
    who = opened(sharer, "plan.txt")
    by = who.entry("share.end", "", now=sharer.clock())
    sharer.fs.database.write(lambda tx: sharing.end(tx, 1, who.share_id, by=by))
    with pytest.raises(LinkClosed, match="revoked"):
        fetch(sharer, who, 7)


def test_looks_and_fetches_are_in_the_access_log_with_the_recipient(sharer: Firm) -> None:
    token = share(sharer, "plan.txt").tokens[TWO[0]]
    for _ in range(2):
        who = visit(sharer, token)
        sharer.fs.database.write(lambda tx, who=who: visits.note_seen(tx, who, now=sharer.clock()))  # type: ignore[misc]
    fetch(sharer, who, 7)
    with sharer.fs.database.reading() as tx:
        entries = [one for one in accesslog.search(tx, 1, Query()) if one.act.startswith("share.")]
    assert [(one.act, one.login_id, one.address, one.path, one.detail) for one in entries] == [
        ("share.open", "login1", "203.0.113.9", "", f"{who.share_id} {TWO[0]}"),
        ("share.download", "login1", "203.0.113.9", "my/plan.txt", f"{who.share_id} {TWO[0]}"),
    ]
