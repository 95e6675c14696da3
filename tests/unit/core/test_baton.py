"""Of the threads that could run, one computes; it never keeps the others waiting for something slow."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from auth.passwords import password_matches
from core import baton
from storage.objects import obstore_s3
from tests.unit.world import ProbedDatabase


@pytest.fixture(autouse=True)
def _nobody_has_it_afterwards() -> Iterator[None]:
    yield
    baton.lay_down()


def _is_free() -> bool:
    """Return whether another thread gets the baton, and have it lay it down again."""
    taken = threading.Event()

    def take() -> None:
        baton.take()
        taken.set()
        baton.lay_down()

    threading.Thread(target=take, daemon=True).start()
    return taken.wait(0.05)


def test_while_one_thread_has_the_baton_no_other_gets_it() -> None:
    baton.take()
    assert not _is_free()
    baton.lay_down()
    assert _is_free()


def test_laying_down_what_another_thread_holds_changes_nothing() -> None:
    baton.take()
    stranger = threading.Thread(target=baton.lay_down)
    stranger.start()
    stranger.join()
    assert not _is_free()


def test_laying_it_down_twice_is_laying_it_down_once() -> None:
    baton.take()
    baton.lay_down()
    baton.lay_down()
    assert _is_free()


def test_a_write_lets_others_compute_while_it_waits_for_the_disk(database: ProbedDatabase) -> None:
    baton.take()
    if not database.is_sqlite:
        baton.lay_down()  # never taken where the database is a server: waiting for it is not computing
    assert database.write(lambda _: _is_free())


def test_a_slow_hash_lets_others_compute() -> None:
    baton.take()
    assert not password_matches(None, "anything")
    assert _is_free()


def test_the_object_store_lets_others_compute() -> None:
    baton.take()
    with obstore_s3._translated("key"):
        assert _is_free()
