"""Return trays: recipients put files in, the sender alone sees them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from auth import accesslog
from auth.accesslog import Query
from core.errors import (
    FileInfected,
    GatewayError,
    IncompleteUpload,
    InvalidName,
    LinkClosed,
    ScannerUnavailable,
    TrayFull,
)
from sharing import trays
from sharing.rules import Terms
from sharing.scanning import CommandScanner
from sharing.visits import Visit
from storage import files, moves
from storage.moves import End
from tests.unit.sharing.cast import TWO, share, visit
from tests.unit.world import Firm, at, open_folder

TRAY = "返信トレイ/2026-04-01 plan.txt"


def with_tray(firm: Firm, *, limit_bytes: int = 100, to: str = TWO[0]) -> Visit:
    """Share a file with a return tray, and come as a recipient."""
    return visit(firm, share(firm, "plan.txt", terms=Terms(tray_limit_bytes=limit_bytes)).tokens[to])


def put(firm: Firm, who: Visit, name: str, data: bytes = b"answer", **more: object) -> str:
    scanner = more.pop("scanner", None)
    return trays.put(firm.fs, who, name, BytesIO(data).read, scanner, **more)  # type: ignore[arg-type]


def test_what_a_recipient_puts_in_lies_in_the_senders_my_folder(sharer: Firm) -> None:
    who = with_tray(sharer)
    before = sharer.used_bytes()
    assert put(sharer, who, "answer.txt") == "answer.txt"
    assert sharer.get(f"{TRAY}/answer.txt") == b"answer"
    assert sharer.used_bytes() == before + 6


def test_a_taken_name_gets_a_number_and_nothing_is_replaced(sharer: Firm) -> None:
    who = with_tray(sharer)
    assert [put(sharer, who, "a.txt", data) for data in (b"1", b"2", b"3")] == ["a.txt", "a (2).txt", "a (3).txt"]
    assert [sharer.get(f"{TRAY}/{name}") for name in ("a.txt", "a (2).txt", "a (3).txt")] == [b"1", b"2", b"3"]


def test_two_shares_have_trays_of_their_own(sharer: Firm) -> None:
    first, second = with_tray(sharer), with_tray(sharer)
    put(sharer, first, "a.txt")
    put(sharer, second, "a.txt")
    assert sharer.names("返信トレイ") == ["2026-04-01 plan.txt", "2026-04-01 plan (2).txt"][::-1]


def test_the_tray_takes_its_limit_to_the_byte_and_no_more(sharer: Firm) -> None:
    who = with_tray(sharer, limit_bytes=10)
    put(sharer, who, "a", b"x" * 6)
    with pytest.raises(TrayFull):
        put(sharer, who, "b", b"x" * 5)
    with pytest.raises(TrayFull):
        put(sharer, who, "b", b"", announced_bytes=5)
    put(sharer, who, "b", b"x" * 4)
    with pytest.raises(TrayFull):
        put(sharer, who, "c", b"x")
    assert sharer.names(TRAY) == ["a", "b"]


def test_two_who_fill_the_last_room_at_once_do_not_both_get_it(sharer: Firm) -> None:
    who = with_tray(sharer, limit_bytes=10)
    outcomes: list[GatewayError | str] = []
    ready = threading.Barrier(2)

    def one(name: str) -> None:
        body = BytesIO(b"x" * 6)

        def late(limit: int) -> bytes:
            block = body.read(limit)
            if not block:
                ready.wait(30)  # both have been admitted by now
            return block

        try:
            outcomes.append(trays.put(sharer.fs, who, name, late, None))
        except TrayFull as error:
            outcomes.append(error)

    threads = [threading.Thread(target=one, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(one, TrayFull) for one in outcomes) == [False, True]
    assert len(sharer.names(TRAY)) == 1


def test_r6_a_contract_without_room_takes_nothing_and_tells_guests_no_numbers(sharer: Firm) -> None:
    who = with_tray(sharer)
    sharer.capacity_bytes = sharer.used_bytes() + 5
    with pytest.raises(TrayFull):
        put(sharer, who, "a.txt", b"x" * 6)
    put(sharer, who, "a.txt", b"x" * 5)


def test_an_upload_that_ends_early_is_stored_nowhere(sharer: Firm) -> None:
    who = with_tray(sharer)
    with pytest.raises(IncompleteUpload):
        put(sharer, who, "a.txt", b"short", announced_bytes=10)
    assert sharer.names(TRAY) == []


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\x00b", "x" * 256])
def test_a_name_no_folder_can_hold_is_refused(sharer: Firm, name: str) -> None:
    with pytest.raises(InvalidName):
        put(sharer, with_tray(sharer), name)


@pytest.mark.parametrize(("status", "error"), [(1, FileInfected), (2, ScannerUnavailable)])
def test_what_the_scanner_does_not_let_pass_is_stored_nowhere(
    sharer: Firm, status: int, error: type[GatewayError]
) -> None:
    who, before = with_tray(sharer), sharer.stored_keys()
    with pytest.raises(error):
        put(sharer, who, "a.txt", scanner=CommandScanner(("sh", "-c", f"exit {status}", "scanner"), 30))
    assert sharer.names(TRAY) == []
    assert sharer.stored_keys() == before


def test_the_scanner_is_shown_the_whole_file(sharer: Firm) -> None:
    seen: list[bytes] = []

    class Looking:
        """A scanner that keeps what it is shown."""

        def scan(self, path: Path) -> None:
            seen.append(path.read_bytes())

    put(sharer, with_tray(sharer, limit_bytes=1 << 20), "a.bin", bytes(range(256)) * 3000, scanner=Looking())
    assert seen == [bytes(range(256)) * 3000]


def test_a_share_without_a_tray_takes_nothing(sharer: Firm) -> None:
    who = visit(sharer, share(sharer, "plan.txt").tokens[TWO[0]])
    with pytest.raises(LinkClosed, match="tray_closed"):
        put(sharer, who, "a.txt")


def _delete(firm: Firm) -> None:
    files.delete(firm.fs, firm.grant, at(TRAY))


def _hand_over(firm: Firm) -> None:
    other = open_folder(firm, 2)
    moves.move(firm.fs, End(firm.grant, at(TRAY)), End(other, at("tray")), overwrite=False)


@pytest.mark.parametrize("change", [_delete, _hand_over])
def test_a_tray_that_is_the_senders_own_no_more_is_closed(sharer: Firm, change: Callable[[Firm], None]) -> None:
    who = with_tray(sharer)
    change(sharer)
    with pytest.raises(LinkClosed, match="tray_closed"):
        put(sharer, who, "a.txt")


def test_a_tray_that_moves_within_my_folder_stays_open(sharer: Firm) -> None:
    who = with_tray(sharer)
    moves.move(sharer.fs, End(sharer.grant, at(TRAY)), End(sharer.grant, at("trip/in")), overwrite=False)
    put(sharer, who, "a.txt")
    assert sharer.names("trip/in") == ["a.txt"]


def test_what_was_put_in_is_in_the_access_log_with_the_recipient(sharer: Firm) -> None:
    who = with_tray(sharer)
    put(sharer, who, "a.txt")
    with sharer.fs.database.reading() as tx:
        (entry,) = accesslog.search(tx, 1, Query(act="share.put"))
    assert (entry.login_id, entry.path, entry.address) == ("login1", f"my/{TRAY}/a.txt", "203.0.113.9")
    assert entry.detail == f"{who.share_id} {TWO[0]}"
