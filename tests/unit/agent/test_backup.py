"""What a backup takes, leaves and does again; the gateway is a small one that keeps files in memory."""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from agent.backup import Backup, Report, Size, measure
from agent.remote import Remote
from agent.upstream import Gateway
from core.errors import ToolFailed
from tests.unit.agent.conftest import registration_of
from tests.unit.agent.upstream_server import Arrived, Reply, UpstreamServer, upstream


class Store:
    """Files and folders by path, over just enough of WebDAV."""

    def __init__(self) -> None:
        self.folders = {"/dav/my"}
        self.files: dict[str, tuple[int, int]] = {}
        self.refuse: dict[str, int] = {}
        self.puts: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, arrived: Arrived) -> Reply:
        """Answer a request."""
        path = unquote(arrived.target).rstrip("/")
        with self._lock:
            if (status := self.refuse.get(path)) is not None and arrived.method in ("PUT", "MKCOL"):
                return Reply(status)
            if arrived.method == "PROPFIND":
                return Reply(207, {}, self._listing(path)) if path in self.folders else Reply(404)
            if arrived.method == "MKCOL":
                known = path in self.folders or path in self.files
                self.folders |= set() if known else {path}
                return Reply(405 if known else 201)
            if arrived.method == "HEAD":
                return Reply(200 if path in self.folders else 404)
            self.puts.append(path)
            self.files[path] = int(arrived.headers["content-length"]), int(arrived.headers["x-oc-mtime"])
            return Reply(201)

    def _listing(self, folder: str) -> bytes:
        entries = [
            f"<D:response><D:href>{quote(path)}</D:href><D:propstat><D:prop><D:resourcetype/>"
            f"<D:getcontentlength>{size}</D:getcontentlength>"
            f"<D:getlastmodified>{formatdate(mtime, usegmt=True)}</D:getlastmodified>"
            "</D:prop></D:propstat></D:response>"
            for path, (size, mtime) in self.files.items()
            if path.rpartition("/")[0] == folder
        ]
        return f'<D:multistatus xmlns:D="DAV:">{"".join(entries)}</D:multistatus>'.encode()


@pytest.fixture
def store() -> Store:
    """Return what the gateway holds."""
    return Store()


@pytest.fixture
def gateway(store: Store) -> Iterator[tuple[UpstreamServer, Gateway]]:
    """Return the way to it."""
    with upstream(store) as server:
        gateway = Gateway(server.url, registration_of(server.url))
        yield server, gateway
        gateway.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a PC's folder: Japanese names, an empty folder, an empty file, links, a pipe."""
    root = tmp_path / "書類"
    (root / "空のフォルダ").mkdir(parents=True)
    (root / "deep" / "er").mkdir(parents=True)
    (root / "報告 #1.txt").write_text("本文")
    (root / "empty").touch()
    (root / "deep" / "er" / "big").write_bytes(bytes(600_000))
    (root / "link").symlink_to(root / "empty")
    (root / "link-to-folder").symlink_to(root / "deep")
    os.mkfifo(root / "pipe")
    return root


def run(gateway: tuple[UpstreamServer, Gateway], folder: Path, done: list[int] | None = None) -> Report:
    """Run one backup into my/b."""
    progress = (lambda _: None) if done is None else done.append
    return Backup(Remote(gateway[1], "en", sleep=lambda _: None), folder, ("my", "b"), progress).run()


def test_a_first_run_takes_everything_but_links_and_pipes(
    store: Store, gateway: tuple[UpstreamServer, Gateway], folder: Path
) -> None:
    done: list[int] = []
    report = run(gateway, folder, done)
    assert (report.uploaded_files, report.uploaded_bytes, report.unchanged_files) == (3, 600_006, 0)
    assert (report.skipped, report.failed) == (3, [])
    assert store.folders == {"/dav/my", "/dav/my/b", "/dav/my/b/deep", "/dav/my/b/deep/er", "/dav/my/b/空のフォルダ"}
    assert {path: size for path, (size, _) in store.files.items()} == {
        "/dav/my/b/報告 #1.txt": 6,
        "/dav/my/b/empty": 0,
        "/dav/my/b/deep/er/big": 600_000,
    }
    assert sum(done) == 600_006 == measure(folder).size_bytes


def test_a_second_run_sends_nothing(store: Store, gateway: tuple[UpstreamServer, Gateway], folder: Path) -> None:
    run(gateway, folder)
    store.puts.clear()
    done: list[int] = []
    report = run(gateway, folder, done)
    assert (report.uploaded_files, report.unchanged_files, store.puts) == (0, 3, [])
    assert sum(done) == 600_006


@pytest.mark.parametrize("seconds", [-1, 1])
def test_a_file_with_another_time_or_size_goes_again_alone(
    store: Store, gateway: tuple[UpstreamServer, Gateway], folder: Path, seconds: int
) -> None:
    run(gateway, folder)
    store.puts.clear()
    path = folder / "報告 #1.txt"
    facts = path.stat()
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns + seconds * 1_000_000_000))
    big = folder / "deep" / "er" / "big"
    before = big.stat()
    big.write_bytes(bytes(600_001))
    os.utime(big, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run(gateway, folder).uploaded_files == 2
    assert sorted(store.puts) == ["/dav/my/b/deep/er/big", "/dav/my/b/報告 #1.txt"]


def test_a6_names_of_a_mac_are_the_same_names(
    store: Store, gateway: tuple[UpstreamServer, Gateway], tmp_path: Path
) -> None:
    root = tmp_path / "mac"
    decomposed = unicodedata.normalize("NFD", "がぱ")
    (root / decomposed).mkdir(parents=True)
    (root / decomposed / f"{decomposed}.txt").write_text("x")
    run(gateway, root)
    assert list(store.files) == ["/dav/my/b/がぱ/がぱ.txt"]
    assert run(gateway, root).unchanged_files == 1


def test_one_file_that_is_refused_does_not_stop_the_others(
    store: Store, gateway: tuple[UpstreamServer, Gateway], folder: Path
) -> None:
    store.refuse["/dav/my/b/empty"] = 423
    done: list[int] = []
    report = run(gateway, folder, done)
    assert (report.uploaded_files, report.failed_files) == (2, 1)
    assert [path for path, _ in report.failed] == ["empty"]
    assert sum(done) == 600_006


def test_nothing_below_a_folder_that_cannot_be_made_is_tried(
    store: Store, gateway: tuple[UpstreamServer, Gateway], folder: Path
) -> None:
    store.files["/dav/my/b/deep"] = (1, 1)
    report = run(gateway, folder)
    assert [path for path, _ in report.failed] == ["deep"]
    assert "/dav/my/b/deep/er/big" not in store.files
    assert report.uploaded_files == 2


def test_r6_a_full_contract_ends_the_run(store: Store, gateway: tuple[UpstreamServer, Gateway], folder: Path) -> None:
    store.refuse["/dav/my/b/empty"] = 507
    with pytest.raises(ToolFailed) as failed:
        run(gateway, folder)
    assert failed.value.facts()["status"] == 507


def test_a_run_that_was_stopped_goes_on_where_it_was(
    store: Store, gateway: tuple[UpstreamServer, Gateway], folder: Path
) -> None:
    store.refuse["/dav/my/b/報告 #1.txt"] = 507
    with pytest.raises(ToolFailed):
        run(gateway, folder)
    kept = len(store.files)
    store.refuse.clear()
    report = run(gateway, folder)
    assert (report.unchanged_files, report.uploaded_files) == (kept, 3 - kept)
    assert len(store.files) == 3


def test_ctrl_c_ends_a_run_and_says_that_a_second_one_goes_on(
    store: Store, gateway: tuple[UpstreamServer, Gateway], folder: Path
) -> None:
    run(gateway, folder)
    (folder / "empty").write_text("changed")
    main = threading.current_thread()

    def interrupt(_: int) -> None:
        if threading.current_thread() is main:
            raise KeyboardInterrupt

    with pytest.raises(ToolFailed) as stopped:
        Backup(Remote(gateway[1], "en"), folder, ("my", "b"), interrupt).run()
    assert stopped.value.message_id == "agent.backup_stopped"
    assert run(gateway, folder).failed == []
    assert store.files["/dav/my/b/empty"][0] == 7


def test_a_file_that_changes_while_it_is_read_is_not_stored_by_halves(
    store: Store, gateway: tuple[UpstreamServer, Gateway], folder: Path
) -> None:
    big = folder / "deep" / "er" / "big"

    def meddle(size_bytes: int) -> None:
        if size_bytes == 256 * 1024:
            with big.open("r+b") as file:
                file.write(b"changed")
            os.utime(big, (1, 1))

    report = Backup(Remote(gateway[1], "en", sleep=lambda _: None), folder, ("my", "b"), meddle).run()
    assert [(path, error.message_id) for path, error in report.failed] == [("deep/er/big", "agent.file_changed")]
    assert not [one for one in gateway[0].arrived if one.target.endswith("/big") and one.body is not None]


def test_a_name_that_is_no_text_is_told_and_left(gateway: tuple[UpstreamServer, Gateway], tmp_path: Path) -> None:
    root = tmp_path / "old"
    root.mkdir()
    (root / os.fsdecode(b"\x93\xfa.txt")).write_text("x")  # Shift_JIS
    (root / os.fsdecode(b"\x93\xfa")).mkdir()
    (root / "good").write_text("x")
    report = run(gateway, root)
    assert report.uploaded_files == 1
    assert {error.message_id for _, error in report.failed} == {"agent.name_unreadable"}
    assert report.failed_files == 2


def test_what_is_no_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "missing"):
        with pytest.raises(ToolFailed) as failed:
            measure(path)
        assert failed.value.message_id == "agent.not_a_folder"


def test_an_empty_folder_is_measured_as_nothing(tmp_path: Path) -> None:
    assert measure(tmp_path) == Size(0, 0)
