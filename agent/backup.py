"""`azukari agent backup`: changed files of a folder go into the Security Folder; a second run goes on (R22).

What is there with the same size and modification time is left alone. Links are not followed.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from agent.remote import Remote
from core.errors import ToolFailed

_THREADS = 4
#: Enough that no thread waits, few enough that a million files need no memory.
_QUEUED = 4 * _THREADS
_READ_BYTES = 256 * 1024
#: How many failures are remembered with their reasons.
_TOLD_FAILURES = 1000


@dataclass(slots=True)
class Report:
    """What a run did. `failed` has a path and a reason each; `failed_files` counts them all."""

    uploaded_files: int = 0
    uploaded_bytes: int = 0
    unchanged_files: int = 0
    skipped: int = 0
    failed_files: int = 0
    failed: list[tuple[str, ToolFailed]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to look at."""

    files: int
    size_bytes: int


#: Told how many bytes are done, uploaded or found unchanged.
Progress = Callable[[int], None]


def measure(folder: Path) -> Size:
    """Return how much a run over a folder has to look at. Raises ToolFailed where it is no folder."""
    if not folder.is_dir():
        raise ToolFailed("agent.not_a_folder", path=folder)
    files = size_bytes = 0
    for _, entries, _ in _walk(folder):
        for entry in entries:
            with contextlib.suppress(OSError):  # the run itself tells what cannot be read
                if entry.is_file(follow_symlinks=False):
                    size_bytes += entry.stat(follow_symlinks=False).st_size
                    files += 1
    return Size(files, size_bytes)


class Backup:
    """One run; Ctrl-C ends it after the uploads that are under way."""

    def __init__(self, remote: Remote, folder: Path, target: tuple[str, ...], progress: Progress) -> None:
        self.report = Report()
        self._remote = remote
        self._folder = folder
        self._target = target
        self._progress = progress
        self._lock = threading.Lock()
        self._fatal: ToolFailed | None = None

    def run(self) -> Report:
        """Put what changed into the target and return what was done.

        Raises ToolFailed where going on makes no sense: the gateway is away, the device or the folder is
        closed, the contract is full, or Ctrl-C was pressed. What was stored until then stays; a second run goes on.
        """
        self._remote.make_parents(self._target)
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="backup") as pool:
            try:
                self._upload_with(pool)
            except KeyboardInterrupt:
                self._fatal = ToolFailed("agent.backup_stopped")
        if self._fatal is not None:
            raise self._fatal
        return self.report

    def _upload_with(self, pool: ThreadPoolExecutor) -> None:
        running: set[Future[None]] = set()
        for upload in self._changed():
            if self._fatal is not None:
                return
            running.add(pool.submit(self._attempt, *upload))
            if len(running) >= _QUEUED:
                _, running = wait(running, return_when=FIRST_COMPLETED)
        wait(running)

    def _changed(self) -> Iterator[tuple[Path, tuple[str, ...], os.stat_result]]:
        """Yield files that are not there as they are here; folders are made on the way, empty ones too."""
        closed: set[Path] = set()  # folders that could not be made; nothing below them can be
        for folder, entries, error in _walk(self._folder, closed):
            relative = folder.relative_to(self._folder)
            names = (*self._target, *(unicodedata.normalize("NFC", part) for part in relative.parts))
            try:
                if error is not None:
                    raise ToolFailed("agent.file_unreadable", reason=error.strerror)
                there = self._remote.open_folder(_writable(names))
            except ToolFailed as failure:
                closed.add(folder)
                self._fail(_shown(relative), failure)
                if self._fatal is not None:
                    return
                continue
            for entry in entries:
                if (facts := self._facts(entry, relative)) is None:
                    continue
                name = unicodedata.normalize("NFC", entry.name)
                if there.get(name) == (facts.st_size, _seconds(facts)):
                    self._unchanged(facts.st_size)
                else:
                    yield Path(entry.path), (*names, name), facts

    def _facts(self, entry: os.DirEntry[str], relative: Path) -> os.stat_result | None:
        """Return a regular file's facts; None for what is left to the walk, left out, or unreadable."""
        try:
            facts = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(facts.st_mode):
                _writable((entry.name,))
        except (OSError, ToolFailed) as error:
            reason = getattr(error, "strerror", None)
            failure = error if isinstance(error, ToolFailed) else ToolFailed("agent.file_unreadable", reason=reason)
            self._fail(_shown(relative / entry.name), failure)
            return None
        if stat.S_ISREG(facts.st_mode):
            return facts
        if not stat.S_ISDIR(facts.st_mode):
            with self._lock:
                self.report.skipped += 1
        return None

    def _attempt(self, path: Path, names: tuple[str, ...], facts: os.stat_result) -> None:
        if self._fatal is not None:
            return
        done = 0

        def advance(size_bytes: int) -> None:
            nonlocal done
            done += size_bytes
            self._progress(size_bytes)

        def blocks() -> Iterator[bytes]:
            advance(-done)  # what an attempt before this one had sent
            return _blocks(path, facts, advance)

        try:
            self._remote.put(names, blocks, facts.st_size, _seconds(facts))
        except ToolFailed as failure:
            advance(-done)
            self._fail(_shown(path.relative_to(self._folder)), failure)
        else:
            with self._lock:
                self.report.uploaded_files += 1
                self.report.uploaded_bytes += facts.st_size

    def _unchanged(self, size_bytes: int) -> None:
        with self._lock:
            self.report.unchanged_files += 1
        self._progress(size_bytes)

    def _fail(self, path: str, failure: ToolFailed) -> None:
        with self._lock:
            if self._remote.is_fatal(failure):
                self._fatal = self._fatal or failure
            self.report.failed_files += 1
            if len(self.report.failed) < _TOLD_FAILURES:
                self.report.failed.append((path, failure))


def _walk(
    folder: Path, closed: set[Path] | None = None
) -> Iterator[tuple[Path, list[os.DirEntry[str]], OSError | None]]:
    """Yield each folder with its entries by name, or with why it cannot be read; folders in `closed` are not entered.

    One folder's entries are in memory at a time, and the names of the folders still to be seen.
    """
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            yield here, [], error
            continue
        yield here, entries, None
        if closed is None or here not in closed:
            below = [Path(one.path) for one in entries if one.is_dir(follow_symlinks=False)]
            waiting += reversed(below)


def _seconds(facts: os.stat_result) -> int:
    """Return the modification time as HTTP dates can say it."""
    return facts.st_mtime_ns // 1_000_000_000


def _writable(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names that can be sent. Raises ToolFailed for bytes that are no text."""
    try:
        "/".join(names).encode()
    except UnicodeEncodeError:
        raise ToolFailed("agent.name_unreadable") from None
    return names


def _shown(path: Path) -> str:
    return str(path).encode(errors="replace").decode()


def _blocks(path: Path, facts: os.stat_result, progress: Progress) -> Iterator[bytes]:
    """Yield a file's bytes as it was when it was looked at.

    The last block is held back until it is sure that nothing changed meanwhile: raising ToolFailed cuts the
    upload, and the gateway keeps the old file (CLIENTS A1).
    """
    try:
        with open(path, "rb", buffering=0) as file:
            left = facts.st_size
            while left > 0:
                block = file.read(min(_READ_BYTES, left))
                left -= len(block)
                if not block or left == 0:
                    _require_same(os.fstat(file.fileno()), facts, complete=bool(block))
                yield block
                progress(len(block))
    except OSError as error:
        raise ToolFailed("agent.file_unreadable", reason=error.strerror) from None


def _require_same(now: os.stat_result, then: os.stat_result, *, complete: bool) -> None:
    if not complete or (now.st_size, now.st_mtime_ns) != (then.st_size, then.st_mtime_ns):
        raise ToolFailed("agent.file_changed")
