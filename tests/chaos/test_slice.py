"""A slice of `make chaos` for every test run: ten kills of the product on each server."""

from pathlib import Path

import pytest

from tests.chaos.run import Run

pytestmark = pytest.mark.slow

KILLS = 10


def test_ten_kills_lose_nothing_tear_nothing_and_miscount_nothing(server: str, tmp_path: Path) -> None:
    summary = Run(tmp_path / "data", f"slice {server}", server=server).go(KILLS, limit_seconds=600)
    assert summary.kills.total() == KILLS
    assert summary.clients.acknowledged > KILLS
