"""R1: rclone check, sync and bisync converge, and a second run moves nothing."""

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.product import Drive

pytestmark = pytest.mark.slow

RCLONE = str(Path(sys.executable).with_name("rclone"))
BIG_BYTES = 9 * 1024 * 1024 + 1


@dataclass(frozen=True)
class Done:
    """What rclone did: files it transferred, deleted and found equal."""

    transfers: int
    deletes: int
    checks: int
    said: str


Rclone = Callable[..., Done]


@pytest.fixture(params=["other", "owncloud"])
def rclone(request: pytest.FixtureRequest, folder: Drive, tmp_path: Path) -> Rclone:
    """Return a runner of rclone in which `drive:` is the collection; owncloud is the vendor that sets mtimes."""
    obscured = subprocess.run(
        [RCLONE, "obscure", folder.password], capture_output=True, text=True, check=True
    ).stdout.strip()
    config = tmp_path / "rclone.conf"
    config.write_text(
        f"[drive]\ntype = webdav\nurl = {folder.url}\nvendor = {request.param}\n"
        f"user = {folder.login}\npass = {obscured}\n"
    )

    def run(*args: object, fails: bool = False) -> Done:
        command = [RCLONE, *map(str, args), f"--config={config}", f"--cache-dir={tmp_path / 'cache'}"]
        command += ["--use-json-log", "-v", "--stats=24h", "--retries=1", "--low-level-retries=1"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert (done.returncode != 0) == fails, done.stderr
        stats = [said["stats"] for line in done.stderr.splitlines() if "stats" in (said := json.loads(line))]
        last = stats[-1] if stats else {"transfers": 0, "deletes": 0, "checks": 0}
        return Done(last["transfers"], last["deletes"], last["checks"], done.stdout + done.stderr)

    return run


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a local tree: an empty file, 40 small ones, one of several parts, Japanese and awkward names."""
    root = tmp_path / "tree"
    bytes_of = random.Random(20).randbytes
    for number in range(40):
        path = root / f"部署{number % 4}" / f"議事録 {number:03}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes_of(number * 37 + 1))
    for name in ("100% & #1?.txt", "が ぱ.txt", "a+b;c=d.txt", "日本語" * 20 + ".txt"):
        (root / name).write_bytes(name.encode())
    (root / "empty").touch()
    (root / "大.bin").write_bytes(bytes_of(BIG_BYTES))
    return root


def digests(root: Path) -> dict[str, str]:
    """Return SHA-256 by relative path of every file below root."""
    return {
        os.fspath(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_r1_a_copied_tree_is_the_same_byte_for_byte_and_comes_back(rclone: Rclone, tree: Path, tmp_path: Path) -> None:
    assert rclone("copy", tree, "drive:").transfers == len(digests(tree))
    assert "0 differences found" in rclone("check", "--download", tree, "drive:").said
    rclone("copy", "drive:", tmp_path / "back")
    assert digests(tmp_path / "back") == digests(tree)


def test_r1_a_second_sync_moves_nothing(rclone: Rclone, tree: Path) -> None:
    rclone("sync", tree, "drive:")
    again = rclone("sync", tree, "drive:")
    assert (again.transfers, again.deletes, again.checks) == (0, 0, len(digests(tree)))


def test_r1_a_sync_moves_only_what_changed_and_deletes_what_is_gone(rclone: Rclone, tree: Path) -> None:
    rclone("sync", tree, "drive:")
    (tree / "empty").write_bytes(b"no longer")
    (tree / "部署1" / "議事録 001.txt").unlink()
    second = rclone("sync", tree, "drive:")
    assert (second.transfers, second.deletes) == (1, 1)
    assert "0 differences found" in rclone("check", "--download", tree, "drive:").said


def test_check_finds_a_difference(rclone: Rclone, tree: Path) -> None:
    rclone("sync", tree, "drive:")
    (tree / "empty").write_bytes(b"changed")
    assert "1 differences found" in rclone("check", tree, "drive:", fails=True).said


def test_r1_bisync_carries_both_ways_and_then_rests(
    rclone: Rclone, tree: Path, folder: Drive, http: httpx.Client, tmp_path: Path
) -> None:
    bisync = ("bisync", tree, "drive:", "--workdir", tmp_path / "work", "--compare", "size")
    rclone(*bisync, "--resync")
    (tree / "from here.txt").write_bytes(b"here")
    assert http.put(f"{folder.url}from there.txt", content=b"there").status_code == 201
    assert http.delete(f"{folder.url}empty").status_code == 204
    assert rclone(*bisync).transfers == 2
    assert (tree / "from there.txt").read_bytes() == b"there"
    assert not (tree / "empty").exists()
    assert http.get(f"{folder.url}from here.txt").content == b"here"
    again = rclone(*bisync)
    assert (again.transfers, again.deletes) == (0, 0)
    assert "0 differences found" in rclone("check", "--download", tree, "drive:").said


def test_moveto_renames_on_the_server(rclone: Rclone, tree: Path, tmp_path: Path) -> None:
    rclone("copy", tree, "drive:here")
    rclone("moveto", "drive:here", "drive:そこ")
    rclone("copy", "drive:そこ", tmp_path / "back")
    assert digests(tmp_path / "back") == digests(tree)
