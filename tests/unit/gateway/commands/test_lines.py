"""`azukari line …`."""

from __future__ import annotations

import pyotp

from gateway.commands import lines
from tests.unit.gateway.commands.conftest import Shell


def test_r17_a_line_is_added_with_its_networks_and_a_secret_for_its_tool(shell: Shell) -> None:
    added = shell.done(lines.app, "add", "sakura", "office", "--network", "192.0.2.0/24", "--network", "2001:db8::/48")
    assert set(added) == {"line_id", "tool_secret"}
    assert len(pyotp.TOTP(added["tool_secret"]).now()) == 6
    (listed,) = shell.done(lines.app, "list", "sakura")
    assert listed.pop("created_at").endswith("+09:00")
    networks = ["192.0.2.0/24", "2001:db8::/48"]
    assert listed == {"contract": "sakura", "line_id": added["line_id"], "name": "office", "networks": networks}


def test_without_a_contract_the_lines_of_all_are_listed(shell: Shell) -> None:
    shell.done(lines.app, "add", "sakura", "office")
    assert [(one["contract"], one["name"]) for one in shell.done(lines.app, "list")] == [("sakura", "office")]


def test_a_text_that_is_no_network_is_refused_with_its_reason(shell: Shell) -> None:
    assert "192.0.2.1/24" in shell.refused(lines.app, "add", "sakura", "office", "--network", "192.0.2.1/24")
    assert shell.done(lines.app, "list", "sakura") == []
