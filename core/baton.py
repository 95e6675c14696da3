"""The baton: of the threads that could run, one computes.

SQLite lets go of the interpreter's lock for a few microseconds at every step. Each time another thread is woken,
finds the lock taken again and goes back to sleep; with 16 busy connections a PROPFIND then cost several times its
own work (docs/performance.md). So a request takes the baton when it begins to compute, while the others wait for
that alone, and lays it down before anything that takes its time: the object store, a commit, a slow hash. It is
taken once in a request and never waited for in the middle of one, so nobody can wait for it in a circle.
"""

from __future__ import annotations

import threading

_baton = threading.Lock()
_held = threading.local()


def take() -> None:
    """Wait for the baton; this thread must not hold it."""
    _baton.acquire()
    _held.here = True


def lay_down() -> None:
    """Let another thread have the baton; without effect where this one does not hold it."""
    if getattr(_held, "here", False):
        _held.here = False
        _baton.release()
