"""`azukari`: every command, each in its file of gateway.commands, loaded when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group


class _Entry(NamedTuple):
    """Where a command is: a file of gateway.commands, and a function there or a group of commands (`app`)."""

    module: str
    name: str = "app"
    example: str = ""


_COMMANDS = {
    "demo": _Entry("serve", "demo", "azukari demo --port 8080"),
    "serve": _Entry("serve", "serve", "azukari serve --config config.yaml --data /var/lib/azukari"),
    "check": _Entry("serve", "check", "azukari check --config config.yaml"),
    "plans": _Entry("plans", "plans", "azukari plans"),
    "fee": _Entry("money", "fee", "azukari fee sakura 2026-04"),
    "log": _Entry("accesslog", "log", "azukari log sakura --since 2026-04-01 --login hanako"),
    "verify-log": _Entry("accesslog", "verify", "azukari verify-log sakura"),
    "fsck": _Entry("jobs", "fsck", "azukari fsck --json"),
    "contract": _Entry("contracts"),
    "statements": _Entry("money"),
    "user": _Entry("users"),
    "group": _Entry("groups"),
    "device": _Entry("devices"),
    "secret": _Entry("secret"),
    "token": _Entry("tokens"),
    "line": _Entry("lines"),
    "lockout": _Entry("lockouts"),
    "share": _Entry("shares"),
    "jobs": _Entry("jobs"),
    "agent": _Entry("agent"),
}


class _Commands(TyperGroup):
    """The commands by name. Only the one that is called is imported, which halves the time to start."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return all names, in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, or None for a name that is none."""
        if (entry := _COMMANDS.get(cmd_name)) is None:
            return None
        found = getattr(import_module(f"gateway.commands.{entry.module}"), entry.name)
        if isinstance(found, typer.Typer):
            return get_group(found)
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name, epilog=f"Example: {entry.example}")(found)
        return get_command(alone)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Azukari: a network drive over S3 that knows who reads a file, from which device and over which line.",
)


@app.callback()
def _whole() -> None:
    """Stand for the program, so that a single command stays below it."""


def main() -> None:
    """Run the command line."""
    app()
