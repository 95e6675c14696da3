"""The tool's commands, as people type them."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.agent.pc import LOGIN, NAME, Pc, wait_for
from tests.product import Drive

pytestmark = pytest.mark.slow


def tree_of(root: Path) -> dict[str, bytes]:
    """Make a folder with Japanese names, an empty folder and a link; return its files by name."""
    (root / "空").mkdir(parents=True)
    (root / "契約書").mkdir()
    files = {"報告 #1.txt": "本文".encode(), "契約書/第1条.txt": b"x" * 70_000, "empty": b""}
    for name, content in files.items():
        (root / name).write_bytes(content)
    (root / "link").symlink_to(root / "empty")
    return files


def test_status_tells_how_the_pc_stands(pc: Pc) -> None:
    found = pc.run("status", "--port", str(pc.port))
    assert (found["login_id"], found["device_name"], found["gateway"], found["serving"]) == (LOGIN, NAME, "ok", True)
    assert found["secrets_in"] == "file"
    assert abs(found["clock_ahead_seconds"]) == 0


def test_r13_a_used_key_and_a_registered_pc_are_told_in_the_pcs_language(pc: Pc, tmp_path: Path) -> None:
    again = [
        "register",
        "--url",
        pc.product.base_url,
        "--login",
        LOGIN,
        "--key",
        "x",
        "--name",
        "PC",
        "--password",
        "y",
    ]
    done = pc.attempt(*again, language="ja_JP.UTF-8")
    assert done.returncode == 1
    assert "登録済み" in done.stderr.decode()


def test_mount_shows_a_command_and_runs_it(pc: Pc, drive: Drive) -> None:
    said = pc.folder / "said"
    (pc.folder / "bin").mkdir(exist_ok=True)
    for name in ("gio", "gvfsd-dav"):
        program = pc.folder / "bin" / name
        program.write_text(f'#!/bin/sh\necho "$@" > {said}\ncat >> {said}\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    shown = pc.run("mount", "--port", str(pc.port))
    assert shown["command"][:2] == ["gio", "mount"]
    opened = httpx.request("PROPFIND", shown["url"], auth=(shown["user"], shown["password"]), headers={"Depth": "0"})
    assert opened.status_code == 207
    assert pc.attempt("mount", "--port", str(pc.port), "--run").returncode == 0
    assert said.read_text() == f"mount dav://{LOGIN}@127.0.0.1:{pc.port}/dav/\n{drive.password}\n"


def test_mount_says_where_nothing_serves(pc: Pc) -> None:
    done = pc.attempt("mount", "--port", "9")
    assert done.returncode == 1
    assert "azukari agent serve" in done.stderr.decode()


def test_a_backup_goes_into_a_folder_and_a_second_one_sends_nothing(
    pc: Pc, folder: Drive, http: httpx.Client, tmp_path: Path
) -> None:
    root, target = tmp_path / "書類", folder.url.partition("/dav/")[2] + "控え/書類"
    files = tree_of(root)
    first = pc.run("backup", str(root), "--to", target)
    assert (first["uploaded_files"], first["unchanged_files"], first["skipped"], first["failed"]) == (3, 0, 1, [])
    base = f"{folder.url}控え/書類/"
    for name, content in files.items():
        assert http.get(base + quote(name)).content == content
    assert http.request("PROPFIND", f"{base}空/", headers={"Depth": "0"}).status_code == 207
    second = pc.run("backup", str(root), "--to", target)
    assert (second["uploaded_files"], second["unchanged_files"]) == (0, 3)
    (root / "empty").write_text("no longer")
    assert pc.run("backup", str(root), "--to", target)["uploaded_files"] == 1


def test_a_backup_that_misses_a_file_ends_with_1_and_says_which(pc: Pc, folder: Drive, tmp_path: Path) -> None:
    root, target = tmp_path / "files", folder.url.partition("/dav/")[2] + "b"
    root.mkdir()
    (root / "good").write_text("x")
    (root / "bad\x01name").write_text("x")  # no XML can carry it
    done = pc.attempt("backup", str(root), "--to", target, "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["uploaded_files"], report["failed_files"], report["stopped"]) == (1, 1, None)
    assert report["failed"][0]["path"] == "bad\x01name"
    spoken = pc.attempt("backup", str(root), "--to", target, language="ja_JP.UTF-8").stderr.decode()
    assert "もう一度実行" in spoken


def test_a_backup_that_was_killed_goes_on_where_it_was(
    pc: Pc, folder: Drive, http: httpx.Client, tmp_path: Path
) -> None:
    root, target = tmp_path / "many", folder.url.partition("/dav/")[2] + "many"
    root.mkdir()
    for number in range(300):
        (root / f"{number:03}").write_bytes(number.to_bytes(2, "big") * 20_000)

    def stored() -> int:
        listing = http.request("PROPFIND", f"{folder.url}many/", headers={"Depth": "1"})
        return listing.text.count("<D:getcontentlength>") if listing.status_code == 207 else 0

    child = pc.start("backup", str(root), "--to", target, "--json")
    wait_for(lambda: stored() >= 20)
    child.kill()
    child.communicate()
    report = pc.run("backup", str(root), "--to", target)
    assert report["failed"] == []
    assert report["unchanged_files"] >= 20
    assert report["uploaded_files"] + report["unchanged_files"] == 300
    assert stored() == 300
    assert http.get(f"{folder.url}many/299").content == (299).to_bytes(2, "big") * 20_000


def test_a_backup_needs_a_folder_and_a_target(pc: Pc, tmp_path: Path) -> None:
    for args in (["backup", str(tmp_path / "missing"), "--to", "my/x"], ["backup", str(tmp_path), "--to", "etc/x"]):
        done = pc.attempt(*args)
        assert done.returncode == 1
        assert done.stderr.strip()


def test_a_gateway_that_is_not_there_is_told(pc: Pc, tmp_path: Path) -> None:
    pc_before = (pc.folder / "config" / "azukari" / "agent.json").read_text()
    try:
        broken = {**json.loads(pc_before), "base_url": "http://127.0.0.1:9"}
        (pc.folder / "config" / "azukari" / "agent.json").write_text(json.dumps(broken))
        done = pc.attempt("backup", str(tmp_path), "--to", "my/x", language="ja_JP.UTF-8")
    finally:
        (pc.folder / "config" / "azukari" / "agent.json").write_text(pc_before)
    assert done.returncode == 1
    assert "接続できません" in done.stderr.decode()
