"""docs/operations.md and docs/http-api.md name every job and every address there is."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.jobs import JOBS

ROOT = Path(__file__).resolve().parents[3]


def _first_column(page: str, heading: str) -> list[str]:
    text = "\n" + (ROOT / "docs" / page).read_text(encoding="utf-8")
    section = text.partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_every_job_is_described_and_no_other() -> None:
    assert _first_column("operations.md", "## Jobs") == list(JOBS)


def test_every_address_the_gateway_answers_is_described() -> None:
    code = (ROOT / "gateway" / "wsgi.py").read_text(encoding="utf-8")
    answered = set(re.findall(r'path == "(/[^"]*)"', code)) - {"/dav"}
    described = set(_first_column("http-api.md", "# HTTP addresses beside the drive"))
    assert answered - described == set()
