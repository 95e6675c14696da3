"""Counting: each request once, at its duration, whichever worker is asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.product import ROOT

_COUNT = """
from gateway.metrics import Metrics
metrics = Metrics()
for seconds in (0.0005, 0.001, 0.0011, 3.0, 600.0):
    metrics.count("GET", "200", seconds)
metrics.count("PUT", "507", 0.02)
print(metrics.exposition().decode())
"""


@pytest.fixture
def exposed(tmp_path: Path) -> list[str]:
    """Return what a process of its own tells: the library keeps one registry, and decides at import how it counts."""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    return subprocess.check_output([sys.executable, "-c", _COUNT], cwd=ROOT, env=environment, text=True).splitlines()


def test_requests_are_counted_by_method_and_status(exposed: list[str]) -> None:
    assert 'azukari_requests_total{method="GET",status="200"} 5.0' in exposed
    assert 'azukari_requests_total{method="PUT",status="507"} 1.0' in exposed


def test_durations_lie_in_their_buckets_and_sum_up(exposed: list[str]) -> None:
    at_most = {"0.001": 2, "0.0025": 3, "2.5": 3, "5.0": 4, "60.0": 4, "+Inf": 5}
    for bound, number in at_most.items():
        assert f'azukari_request_seconds_bucket{{le="{bound}",method="GET"}} {float(number)}' in exposed
    assert 'azukari_request_seconds_count{method="GET"} 5.0' in exposed
    assert f'azukari_request_seconds_sum{{method="GET"}} {0.0005 + 0.001 + 0.0011 + 3.0 + 600.0}' in exposed
