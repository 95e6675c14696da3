"""docs/commands.md describes every command of `azukari` with every option, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
#: Described once, at the top of the page.
COMMON = {"--help", "--config", "--data", "--json"}


def _commands() -> dict[str, Any]:
    """Return every command by what one types, as click describes it."""
    from gateway.cli import app

    return dict(_walk("azukari", typer.main.get_command(app)))


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "list_commands"):
        yield name, command
        return
    for part in command.list_commands(None):
        yield from _walk(f"{name} {part}", command.get_command(None, part))


def _section(name: str) -> str:
    """Return what stands below the command's heading."""
    found = re.search(rf"^### `{re.escape(name)}\b[^`\n]*`$(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def test_every_command_is_described_and_no_other() -> None:
    headings = re.findall(r"^### `(azukari [a-z -]*[a-z])", TEXT, re.MULTILINE)
    assert headings == list(dict.fromkeys(headings))
    assert set(headings) == set(_commands())


def test_every_option_is_described_with_its_command() -> None:
    missing = {
        f"{name} {option}"
        for name, command in _commands().items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option not in COMMON and f"`{option}" not in _section(name)
    }
    assert missing == set()


def test_no_option_is_described_that_is_not_there() -> None:
    stale = {
        f"{name} {option}"
        for name, command in _commands().items()
        for option in re.findall(r"`(--[a-z0-9-]+)", _section(name))
        if option not in COMMON and option not in {one for parameter in command.params for one in parameter.opts}
    }
    assert stale == set()


def test_every_command_has_help_with_an_example_and_every_option_a_word() -> None:
    for name, command in _commands().items():
        assert command.help, name
        assert "Example: " + name in (command.epilog or ""), name
        silent = [
            one.opts[0] for one in command.params if one.opts[0].startswith("--") and not getattr(one, "help", None)
        ]
        assert silent == [], name


def test_the_common_options_stand_at_the_top() -> None:
    top = TEXT.partition("\n### ")[0]
    assert all(f"`{option}" in top for option in COMMON)
