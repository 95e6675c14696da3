"""The log stream: one event a line, whatever stands in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from core.config import LoggingConfig
from gateway import logs

_LOG = logging.getLogger("azukari.test")


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("azukari")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def _line(capsys: pytest.CaptureFixture[str]) -> str:
    line, nothing = capsys.readouterr().err.split("\n")
    assert nothing == ""
    return line


def test_json_says_when_how_bad_where_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LoggingConfig(format="json"))
    _LOG.warning("refused method=%s", "PUT")
    said = json.loads(_line(capsys))
    assert (said["level"], said["logger"], said["event"]) == ("WARNING", "azukari.test", "refused method=PUT")
    assert said["timestamp"].endswith("+00:00")


def test_json_has_a_trace_in_the_same_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LoggingConfig(format="json"))
    try:
        raise ValueError("two\nlines")
    except ValueError:
        _LOG.exception("failed")
    assert "ValueError: two\nlines" in json.loads(_line(capsys))["exception"]


def test_key_value_stays_one_line_with_what_a_stranger_sent(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LoggingConfig(format="text"))
    try:
        raise ValueError("x")
    except ValueError:
        _LOG.exception("path=%s", 'a"\nlevel=error')
    line = _line(capsys)
    assert ' level=error logger=azukari.test event="path=a\\"\\nlevel=error" exception="Traceback' in line


def test_the_level_is_the_configured_one(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LoggingConfig(level="warning"))
    _LOG.info("too little to be told")
    assert capsys.readouterr().err == ""
