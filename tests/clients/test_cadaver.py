"""cadaver, the classic command-line client: each command in a scripted session does what it says."""

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests import needs
from tests.product import Drive

pytestmark = pytest.mark.slow

PROMPT = re.compile(r"^dav:.*?> ", re.MULTILINE)
BYTES = "預けたもの\n".encode() * 1000


def cadaver(folder: Drive, home: Path, *commands: str) -> list[str]:
    """Run the commands inside the collection and return what cadaver said to each."""
    netrc = home / ".netrc"
    host = urlsplit(folder.url).hostname
    netrc.write_text(f"machine {host} login {folder.login} password {folder.password}\n")
    netrc.chmod(0o600)
    script = [f"open {folder.url}", *commands, "quit"]
    done = subprocess.run(
        [needs.program("cadaver", "cadaver")],
        input="\n".join(script) + "\n",
        env={"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "EDITOR": "./append"},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answers = PROMPT.split(done.stdout)[2:-1]  # before the first prompt, `open`, … , `quit`
    assert len(answers) == len(commands), done.stdout
    return answers


def all_succeeded(answers: list[str]) -> bool:
    """Tell whether cadaver reported success for every command."""
    return all("succeeded" in answer and "failed" not in answer for answer in answers)


def test_put_and_get_bring_back_the_same_bytes(folder: Drive, tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_bytes(BYTES)
    said = cadaver(folder, tmp_path, "put out.txt 見積書.txt", "get 見積書.txt back.txt")
    assert all_succeeded(said), said
    assert (tmp_path / "back.txt").read_bytes() == BYTES


def test_copy_move_and_delete(folder: Drive, http: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(BYTES)
    said = cadaver(folder, tmp_path, "put a", "mkcol d", "copy a b", "move b d/c", "copy d e", "delete a")
    assert all_succeeded(said), said
    found = {name: http.get(folder.url + name).status_code for name in ("a", "b", "d/c", "e/c")}
    assert found == {"a": 404, "b": 404, "d/c": 200, "e/c": 200}
    assert http.get(f"{folder.url}e/c").content == BYTES


def test_rmcol_removes_a_tree(folder: Drive, http: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(BYTES)
    said = cadaver(folder, tmp_path, "mkcol d", "mkcol d/e", "put a d/e/a", "rmcol d")
    assert all_succeeded(said), said
    assert http.request("PROPFIND", f"{folder.url}d/", headers={"Depth": "0"}).status_code == 404


def test_a_lock_lets_its_owner_write_and_keeps_others_out(folder: Drive, http: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"locked")
    assert all_succeeded(cadaver(folder, tmp_path, "put a", "lock a"))
    assert http.put(f"{folder.url}a", content=b"stranger").status_code == 423
    said = cadaver(folder, tmp_path, "discover a", "steal a", "put a a", "unlock a")
    assert "Lock token <" in said[0]
    assert all_succeeded(said[2:]), said
    assert http.get(f"{folder.url}a").content == b"locked"
    assert http.put(f"{folder.url}a", content=b"free").status_code == 204


def test_edit_locks_downloads_saves_and_unlocks(folder: Drive, http: httpx.Client, tmp_path: Path) -> None:
    editor = tmp_path / "append"
    editor.write_text('#!/bin/sh\nprintf two >> "$1"\ntouch -d "+2 seconds" "$1"\n')
    editor.chmod(0o755)
    (tmp_path / "a").write_bytes(b"one ")
    (said,) = cadaver(folder, tmp_path, "put a", "edit a")[1:]
    assert said.count("succeeded") == 4, said
    assert http.get(f"{folder.url}a").content == b"one two"


def test_dead_properties_are_set_read_and_removed(folder: Drive, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(BYTES)
    said = cadaver(
        folder,
        tmp_path,
        "put a",
        "propset a colour 青",
        "propget a colour",
        "propdel a colour",
        "propget a colour",
    )
    assert "succeeded" in said[1]
    assert "Value of colour is: 青" in said[2]
    assert "succeeded" in said[3]
    assert "404" in said[4]


def test_a_missing_file_is_named_as_such(folder: Drive, tmp_path: Path) -> None:
    (said,) = cadaver(folder, tmp_path, "get nothing")
    assert "404" in said
