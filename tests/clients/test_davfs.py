"""davfs2: the drive mounted as a file system, and the work people do on one; every byte is compared over HTTP."""

import hashlib
import os
import random
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import needs
from tests.product import Drive

pytestmark = pytest.mark.slow

BIG_BYTES = 40 * 1024 * 1024 + 7


class Mounted:
    """A collection mounted at `root`; `unmount` returns when everything has been sent."""

    def __init__(self, drive: Drive) -> None:
        mount = needs.program("mount.davfs", "davfs2")
        needs.root("a mount")
        needs.fuse()
        # mount.davfs becomes the user davfs2, who may not enter the tests' own folder.
        self._home = home = Path(tempfile.mkdtemp(prefix="azukari-davfs-"))
        home.chmod(0o755)
        self.root = home / "drive"
        cache, config, secrets = home / "cache", home / "davfs2.conf", home / "secrets"
        self.root.mkdir()
        cache.mkdir()
        shutil.chown(cache, group="davfs2")
        cache.chmod(0o775)
        secrets.write_text(f'"{self.root}" {drive.login} {drive.password}\n')
        secrets.chmod(0o600)
        config.write_text(
            f"secrets {secrets}\ncache_dir {cache}\nuse_locks 1\nask_auth 0\ndelay_upload 0\nbuf_size 128\n"
        )
        done = subprocess.run(
            [mount, drive.url, str(self.root), "-o", f"conf={config}"],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr

    def unmount(self) -> None:
        """Unmount; davfs2 sends what is still in its cache and gives its locks back."""
        if os.path.ismount(self.root):
            subprocess.run(["umount", str(self.root)], check=True, capture_output=True, timeout=120)

    def close(self) -> None:
        """Unmount and leave nothing."""
        self.unmount()
        shutil.rmtree(self._home)


@pytest.fixture
def mounted(folder: Drive) -> Iterator[Mounted]:
    """Yield the collection of the test as a mounted drive."""
    drive = Mounted(folder)
    yield drive
    drive.close()


def local_tree(root: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def over_http(http: httpx.Client, folder: Drive, names: dict[str, str]) -> dict[str, str]:
    """Return the SHA-256 of files as the drive serves them over HTTP."""
    found = {}
    for name in names:
        said = http.get(httpx.URL(folder.url).copy_with(path=httpx.URL(folder.url).path + name))
        found[name] = hashlib.sha256(said.content).hexdigest() if said.status_code == 200 else str(said.status_code)
    return found


def git(*words: str, cwd: Path) -> str:
    """Run git, untouched by the machine's own settings."""
    env = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.jp", "-c", "init.defaultBranch=main")
    command = ["git", *settings, *words]
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_git_clone_onto_the_drive_is_whole(
    mounted: Mounted, folder: Drive, http: httpx.Client, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    git("init", "-q", cwd=source)
    for number in range(20):
        (source / f"頁{number}.txt").write_text(f"{number}\n" * 200)
    git("add", ".", cwd=source)
    git("commit", "-q", "-m", "all", cwd=source)
    git("clone", "-q", str(source), str(mounted.root / "clone"), cwd=tmp_path)
    assert git("status", "--porcelain", cwd=mounted.root / "clone") == ""
    git("fsck", "--strict", cwd=mounted.root / "clone")
    tree = {f"clone/{name}": digest for name, digest in local_tree(mounted.root / "clone").items()}
    mounted.unmount()
    assert over_http(http, folder, tree) == tree


def test_an_archive_unpacked_onto_the_drive_is_whole(
    mounted: Mounted, folder: Drive, http: httpx.Client, tmp_path: Path
) -> None:
    randomly = random.Random(3)
    source = {f"{number % 5}/書類 {number}.bin": randomly.randbytes(number * 501) for number in range(40)}
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, content in source.items():
            archive.writestr(name, content)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(mounted.root)
    mounted.unmount()
    tree = {name: hashlib.sha256(content).hexdigest() for name, content in source.items()}
    assert over_http(http, folder, tree) == tree


def test_an_office_save_replaces_the_document_and_leaves_nothing_beside_it(
    mounted: Mounted, folder: Drive, http: httpx.Client
) -> None:
    document, lock, temporary = (mounted.root / name for name in ("案.odt", ".~lock.案.odt#", "lu123.tmp"))
    document.write_bytes(b"first" * 1000)
    for version in range(1, 4):
        lock.write_text("hanako")
        temporary.write_bytes(b"%d" % version * 5000)
        temporary.replace(document)
        lock.unlink()
    assert sorted(path.name for path in mounted.root.iterdir() if path.name != "lost+found") == ["案.odt"]
    mounted.unmount()
    assert http.get(f"{folder.url}案.odt").content == b"3" * 5000


def test_a_big_file_is_copied_there_and_back(
    mounted: Mounted, folder: Drive, http: httpx.Client, tmp_path: Path
) -> None:
    big = random.Random(4).randbytes(BIG_BYTES)
    (tmp_path / "big").write_bytes(big)
    subprocess.run(["cp", str(tmp_path / "big"), str(mounted.root / "big")], check=True)
    assert (mounted.root / "big").read_bytes() == big
    mounted.unmount()
    tree = {"big": hashlib.sha256(big).hexdigest()}
    assert over_http(http, folder, tree) == tree
    assert http.put(f"{folder.url}big", content=b"its lock is gone").status_code == 204
