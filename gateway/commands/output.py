"""How every command speaks: words for people, one JSON document with --json, reasons on standard error."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from core import messages
from core.clock import TOKYO, parse_instant
from core.config import Config, ConfigError, load
from core.errors import GatewayError

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file; config.yaml where there is one.", metavar="FILE"),
]
DataOption = Annotated[Path, typer.Option("--data", help="Data directory.", metavar="DIR", envvar="AZUKARI_DATA")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        help="Instant, such as 2026-04-01 or 2026-04-01T09:00:00+09:00 (Tokyo without offset).",
        metavar="T",
    ),
]

_UNBOUNDED = 10_000
DEFAULT_DATA = Path("azukari-data")
console = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


def configuration(path: Path | None) -> Config:
    """Return the configuration of a file, of ./config.yaml, or the defaults. Raises ConfigError."""
    if path is None and Path("config.yaml").is_file():
        path = Path("config.yaml")
    return load(path)


def instant(text: str | None) -> datetime | None:
    """Return the instant of an --at option; ends the command with status 2 for one that cannot be read."""
    if text is None:
        return None
    try:
        return parse_instant(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from None


@contextlib.contextmanager
def reasons() -> Iterator[None]:
    """Turn a refusal into its reason on standard error and exit status 1."""
    try:
        yield
    except ConfigError as error:
        refuse(str(error))
    except GatewayError as error:
        refuse(f"{messages.explain(error, 'en')} [{error}]")


def refuse(reason: str) -> None:
    """Say why on standard error and end with status 1."""
    _errors.print(reason, markup=False, soft_wrap=True)
    raise typer.Exit(1)


def say(line: str) -> None:
    """Say something to whoever waits, on standard error, out of the way of --json."""
    _errors.print(line, markup=False, soft_wrap=True)


def show_json(document: Any) -> None:
    """Print one JSON document on a line."""
    print(json.dumps(document, default=_plain, ensure_ascii=False), flush=True)  # noqa: T201


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(TOKYO).isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


def show_fields(document: dict[str, Any]) -> None:
    """Print facts one a line."""
    width = max(len(name) for name in document)
    for name, value in document.items():
        shown = value.astimezone(TOKYO).isoformat() if isinstance(value, datetime) else value
        console.print(f"{name.ljust(width)}  {shown}", markup=False, soft_wrap=True)


def show_table(rows: list[dict[str, Any]], empty: str) -> None:
    """Print rows as a table, or a sentence where there are none."""
    if not rows:
        console.print(empty)
        return
    table = Table(box=None, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, no_wrap=True)
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    # As wide as it needs to be: an id that is cut off cannot be pasted into the next command.
    width = Measurement.get(console, console.options.update(max_width=_UNBOUNDED), table).maximum
    Console(width=width, highlight=False).print(table)


def _cell(value: Any) -> str:
    return value.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else str(value)
