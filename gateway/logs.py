"""The log stream on standard error: one event a line, key=value or JSON."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from pythonjsonlogger.json import JsonFormatter

from core.config import LoggingConfig

_NAMES = {"levelname": "level", "name": "logger", "message": "event", "exc_info": "exception"}


class _KeyValue(logging.Formatter):
    """`timestamp=… level=… logger=… event="…"`; a trace of an exception stands in the same line."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        line = (
            f"timestamp={at} level={record.levelname.lower()} logger={record.name} event={_quoted(record.getMessage())}"
        )
        return f"{line} exception={_quoted(self.formatException(record.exc_info))}" if record.exc_info else line


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def configure(config: LoggingConfig) -> None:
    """Send every logger of this process to standard error in the configured form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter("%(levelname)s %(name)s %(message)s", rename_fields=_NAMES, timestamp=True)
        if config.format == "json"
        else _KeyValue()
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("azukari").setLevel(config.level.upper())
