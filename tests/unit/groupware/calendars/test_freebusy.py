"""Busy times: joined where they touch, cut to the window, and without what they are."""

from __future__ import annotations

from groupware.calendars import freebusy
from groupware.calendars.expand import Window
from groupware.calendars.freebusy import BUSY, TENTATIVE, Stretch
from tests.unit.groupware.calendars.desk import event, utc

_WINDOW = Window(utc(2026, 4, 6), utc(2026, 4, 7))


def busy(*bodies: bytes) -> list[Stretch]:
    """Return the busy times of some events on the sixth of April."""
    return freebusy.busy((body.decode() for body in bodies), _WINDOW)


def test_stretches_that_touch_are_one() -> None:
    found = busy(event("a"), event("b", start="20260406T020000Z"), event("c", start="20260406T040000Z"))
    assert found == [
        Stretch(utc(2026, 4, 6, 1), utc(2026, 4, 6, 3), BUSY),
        Stretch(utc(2026, 4, 6, 4), utc(2026, 4, 6, 5), BUSY),
    ]


def test_what_is_cancelled_or_transparent_takes_no_time() -> None:
    assert busy(event("a", "STATUS:CANCELLED"), event("b", "TRANSP:TRANSPARENT")) == []
    assert [one.kind for one in busy(event("a", "STATUS:TENTATIVE"))] == [TENTATIVE]


def test_times_are_cut_to_the_window() -> None:
    (found,) = busy(event("a", start="20260405T233000Z"))
    assert (found.start, found.end) == (utc(2026, 4, 6), utc(2026, 4, 6, 0, 30))


def test_the_answer_tells_times_alone() -> None:
    text = freebusy.text(busy(event("a")), _WINDOW, now=utc(2026, 4, 1))
    assert "20260406T010000Z/20260406T020000Z" in text
    assert "会議" not in text
