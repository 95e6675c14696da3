"""R16: a transfer hears of a lock, and where it cannot hear its connection is cut."""

from __future__ import annotations

import pytest

from auth.transfers import Transfer, Watcher
from core.errors import DatabaseUnavailable, GatewayError, NotAuthenticated


class Door:
    """What is asked about a transfer, and how often its connection was cut."""

    def __init__(self) -> None:
        self.refusal: GatewayError | None = None
        self.cuts = 0
        self.watcher = Watcher()

    def still_open(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    def cut(self) -> None:
        self.cuts += 1

    def transfer(self, *, sending: bool) -> Transfer:
        return Transfer(self.still_open, self.cut, sending=sending, watcher=self.watcher)


LOCKED = NotAuthenticated("device.locked")


@pytest.mark.parametrize("sending", [True, False])
def test_r16_while_the_device_is_open_nothing_is_ended(sending: bool) -> None:
    door = Door()
    with door.transfer(sending=sending) as transfer:
        door.watcher.ask()
        transfer.check()
    assert (transfer.closed, door.cuts) == (None, 0)


def test_r16_an_upload_hears_first_and_is_cut_where_it_does_not() -> None:
    door = Door()
    with door.transfer(sending=False) as transfer:
        door.refusal = LOCKED
        transfer.check()  # nobody asked yet
        door.watcher.ask()
        assert door.cuts == 0
        with pytest.raises(NotAuthenticated):
            transfer.check()
        door.watcher.ask()
        assert door.cuts == 1


def test_r16_a_download_is_cut_at_once() -> None:
    door = Door()
    with door.transfer(sending=True) as transfer:
        door.refusal = LOCKED
        door.watcher.ask()
        assert (transfer.closed, door.cuts) == (LOCKED, 1)


def test_r16_a_connection_is_left_alone_after_its_transfer() -> None:
    door = Door()
    with door.transfer(sending=True):
        door.refusal = LOCKED
    door.watcher.ask()
    assert door.cuts == 0


def test_r16_a_database_that_is_away_ends_nothing() -> None:
    door = Door()
    with door.transfer(sending=True) as transfer:
        door.refusal = DatabaseUnavailable("gone")
        door.watcher.ask()
        transfer.check()
    assert door.cuts == 0


def test_r16_a_server_that_cannot_cut_is_borne() -> None:
    door = Door()
    door.refusal = LOCKED
    with Transfer(door.still_open, None, sending=True, watcher=door.watcher) as transfer:
        door.watcher.ask()
        with pytest.raises(NotAuthenticated):
            transfer.check()
