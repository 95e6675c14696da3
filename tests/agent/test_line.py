"""The line tool in the running product: the Security Folder opens, and a backup goes into it (R17)."""

from __future__ import annotations

import secrets
from pathlib import Path

import httpx
import pytest

from tests.agent.pc import CONTRACT, LOGIN, Pc, wait_for

pytestmark = pytest.mark.slow


def test_r17_the_tool_proves_the_line_and_a_backup_goes_into_the_security_folder(pc: Pc, tmp_path: Path) -> None:
    line = pc.product.azukari("line", "add", CONTRACT, f"本社 {secrets.token_hex(4)}", "--network", "127.0.0.0/8")
    security = pc.drive("security/")

    def opened() -> int:
        answer = httpx.request("PROPFIND", security.url, auth=(LOGIN, security.password), headers={"Depth": "0"})
        return answer.status_code

    assert opened() == 403
    root = tmp_path / "書類"
    root.mkdir()
    (root / "契約.txt").write_text("秘")
    refused = pc.attempt("backup", str(root))
    assert refused.returncode == 1
    assert "line tool" in refused.stderr.decode()

    pc.run("line", "set", str(line["line_id"]), str(line["tool_secret"]))
    report = pc.run("backup", str(root))
    assert (report["uploaded_files"], report["target"]) == (1, "security/次郎のPC/書類")

    pc.stop()
    pc.serve()  # proves the line with the next code: each is good once
    wait_for(lambda: opened() == 207, seconds=150)
    stored = httpx.get(f"{pc.url}security/次郎のPC/書類/契約.txt", auth=(LOGIN, security.password))
    assert stored.text == "秘"
    assert [one["act"] for one in pc.access_log() if one["act"] == "line.open" and one["result"] == "ok"] != []
