"""Child processes that never outlive us."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(command: Sequence[str], *, cwd: Path | None = None, log: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start a child that the kernel ends with the thread that calls this (Linux).

    It has a session of its own: a Ctrl-C in the terminal is for us, and we stop our children in order.
    `log` takes its output; without it, it shares ours.
    """
    return subprocess.Popen(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=log if log is not None else sys.stderr,
        stderr=log,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - prctl is all it calls
        start_new_session=True,
    )


def die_with_parent() -> None:
    """Have the kernel end this process when the thread that started it ends, however it ends (Linux)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def die_with(parent: int) -> None:
    """Do the same from inside a child that somebody else started; ends at once where `parent` is gone already."""
    die_with_parent()
    if os.getppid() != parent:
        os._exit(1)


def end(child: subprocess.Popen[bytes], *, seconds: float) -> None:
    """Ask a child to end, wait, and end it by force where it does not."""
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
