"""`azukari`: every command, put together from gateway.commands."""

from __future__ import annotations

import typer

from gateway.commands import (
    accesslog,
    agent,
    contracts,
    devices,
    groups,
    jobs,
    lines,
    lockouts,
    money,
    plans,
    secret,
    serve,
    users,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Azukari: a network drive over S3 that knows who reads a file, from which device and over which line.",
)

app.command(epilog="Example: azukari demo --port 8080")(serve.demo)
app.command(epilog="Example: azukari serve --config config.yaml --data /var/lib/azukari")(serve.serve)
app.command(epilog="Example: azukari check --config config.yaml")(serve.check)
app.command(epilog="Example: azukari plans")(plans.plans)
app.command(epilog="Example: azukari fee sakura 2026-04")(money.fee)
app.command(epilog="Example: azukari log sakura --since 2026-04-01 --login hanako")(accesslog.log)
app.command("verify-log", epilog="Example: azukari verify-log sakura")(accesslog.verify)
app.command(epilog="Example: azukari fsck --json")(jobs.fsck)
app.add_typer(contracts.app, name="contract")
app.add_typer(money.app, name="statements")
app.add_typer(users.app, name="user")
app.add_typer(groups.app, name="group")
app.add_typer(devices.app, name="device")
app.add_typer(secret.app, name="secret")
app.add_typer(lines.app, name="line")
app.add_typer(lockouts.app, name="lockout")
app.add_typer(jobs.app, name="jobs")
app.add_typer(agent.app, name="agent")


def main() -> None:
    """Run the command line."""
    app()
