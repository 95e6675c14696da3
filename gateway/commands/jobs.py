"""`azukari jobs …` and `azukari fsck`: the work behind the scenes."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from gateway import jobs
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, AtOption, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of, service_of
from storage import fsck as checking

app = typer.Typer(no_args_is_help=True, help="The work behind the scenes.")


@app.command("list", epilog="Example: azukari jobs list")
def list_(config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False) -> None:
    """List the jobs and their last runs."""
    with output.reasons(), database_of(output.configuration(config), data).reading() as tx:
        last = jobs.last_runs(tx)
    never = {"started_at": None, "ended_at": None, "result": None}
    rows = [{"job": job.name, "does": job.title, **last.get(job.name, never)} for job in jobs.JOBS.values()]
    output.show_json(rows) if json_ else output.show_table(rows, "")


@app.command(epilog="Example: azukari jobs run reclaim --dry-run")
def run(
    name: str,
    at: AtOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Run a job now; --at is the instant it is run for."""
    with output.reasons(), service_of(output.configuration(config), data) as service:
        document = jobs.run(service, name, at=output.instant(at), dry_run=dry_run)
    output.show_json(document) if json_ else output.show_fields(document)


def fsck(
    repair: Annotated[bool, typer.Option("--repair", help="Set sums and counters to what the rows say.")] = False,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Compare names, counters and objects; exit status 1 where something is wrong."""
    with output.reasons(), service_of(output.configuration(config), data) as service:
        report = checking.check(service.files, repair=repair)
    document = dataclasses.asdict(report)
    output.show_json(document) if json_ else output.show_fields(document)
    if report.is_wrong:
        raise typer.Exit(1)
