"""docs/metrics.md describes every metric of `gateway.metrics`, and no other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_PRINT_ALL = """
from gateway.metrics import Metrics
from prometheus_client import REGISTRY
Metrics()
for one in REGISTRY.collect():
    if one.name.startswith("azukari"):
        print(one.name + ("_total" if one.type == "counter" else ""), one.type)
"""


def test_every_metric_is_described_with_its_type_and_no_other() -> None:
    # A process of its own: the library keeps one registry, and decides at import how it counts.
    bare = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", _PRINT_ALL], cwd=ROOT, env=bare, capture_output=True, text=True, check=True
    )
    there = dict(line.split() for line in done.stdout.splitlines())
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    described = dict(re.findall(r"^\| `(azukari_\w+)` \| (\w+) \|", text, re.MULTILINE))
    assert there
    assert described == there
