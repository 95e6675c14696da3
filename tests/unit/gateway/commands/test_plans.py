"""`azukari plans`."""

from __future__ import annotations

import json

import typer
from typer.testing import CliRunner

from gateway.commands.plans import plans
from quota.catalogue import GB_BYTES
from tests.unit.gateway.commands.conftest import Shell

app = typer.Typer()
app.command()(plans)


def test_r10_plans_are_listed_with_price_and_capacity(shell: Shell) -> None:
    result = CliRunner().invoke(app, ["--json"])
    listed = {one["code"]: one for one in json.loads(result.stdout)}
    assert listed["pro-50"] == {
        "code": "pro-50",
        "price_yen": 300,
        "capacity_bytes": 50 * GB_BYTES,
        "pro": True,
        "on_sale": True,
        "bonuses": {name: size * GB_BYTES for name, size in
                    (("members-club", 5), ("remote-support", 5), ("office-it-support", 10))},
    }  # fmt: skip


def test_people_see_a_line_a_plan(shell: Shell) -> None:
    said = CliRunner().invoke(app, []).stdout
    assert [word for word in ("free-5", "paid-100", "pro-100") if word in said] == ["free-5", "paid-100", "pro-100"]
