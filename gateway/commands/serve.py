"""`azukari demo`, `azukari serve`, `azukari check`: the service itself."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from core.config import Config, validate
from core.errors import GatewayError
from gateway import demo as sample
from gateway import instance, wsgi
from gateway.commands import output
from gateway.commands.output import DEFAULT_DATA, ConfigOption, DataOption, JsonOption
from gateway.commands.session import database_of
from gateway.contract_jobs import sender_of
from gateway.service import Service
from gateway.supervisor import Supervisor
from storage.objects.obstore_s3 import ObstoreS3

PortOption = Annotated[int | None, typer.Option("--port", help="TCP port; 0 takes any free one.")]
WorkersOption = Annotated[int | None, typer.Option("--workers", help="Server processes sharing the port.")]
ServerOption = Annotated[str | None, typer.Option("--server", help="cheroot or granian.")]
DatabaseOption = Annotated[
    str | None, typer.Option("--database", help="Database URL, such as postgresql+psycopg://… ; SQLite without it.")
]


def demo(
    port: PortOption = None,
    workers: WorkersOption = None,
    server: ServerOption = None,
    s3_endpoint: Annotated[str | None, typer.Option(help="An S3 service instead of the embedded one.")] = None,
    s3_bucket: Annotated[str | None, typer.Option(help="Its bucket.")] = None,
    s3_access_key: Annotated[str | None, typer.Option(help="Its access key.")] = None,
    s3_secret_key: Annotated[str | None, typer.Option(help="Its secret key.")] = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
    data: DataOption = DEFAULT_DATA,
    json_: JsonOption = False,
) -> None:
    """Start everything with a sample firm; what was there is kept on the next start."""
    changes: dict[str, dict[str, Any]] = {
        "server": {"port": port, "workers": workers, "kind": server},
        "object_store": {
            "endpoint": s3_endpoint, "bucket": s3_bucket, "access_key": s3_access_key, "secret_key": s3_secret_key,
        },
        "database": {"url": database},
    }  # fmt: skip
    with output.reasons():
        settings = _changed(output.configuration(config), changes)
        supervisor = Supervisor(settings, data, say=output.say)
        firm: dict[str, Any] = {}
        _run(
            supervisor,
            prepare=lambda service: firm.update(sample.ensure(service, data)),
            announce=lambda: _announce(supervisor, data, firm, json_),
        )


def serve(config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False) -> None:
    """Start everything as config.yaml says, without sample data."""
    with output.reasons():
        supervisor = Supervisor(output.configuration(config), data, say=output.say)
        _run(supervisor, prepare=lambda _: None, announce=lambda: _announce(supervisor, data, {}, json_))


def check(config: ConfigOption = None, data: DataOption = DEFAULT_DATA, json_: JsonOption = False) -> None:
    """Read the configuration and try each part: a line a part, exit status 1 where one does not answer."""
    with output.reasons():
        settings = output.configuration(config)
    parts = {
        "configuration": "ok",
        "database": _attempt(lambda: wsgi.probe_database(database_of(settings, data))),
        "object store": _attempt(lambda: _try_store(settings, data)),
        "mail": _attempt(lambda: sender_of(settings, database_of(settings, data)).check()),
    }
    output.show_json(parts) if json_ else output.show_fields(parts)
    if any(state != "ok" for state in parts.values()):
        raise typer.Exit(1)


def _try_store(settings: Config, data: Path) -> None:
    with instance.object_store(settings, data, on_wait=output.say) as s3:
        ObstoreS3(s3).check()


def _attempt(probe: Callable[[], object]) -> str:
    try:
        probe()
    except GatewayError as error:
        return str(error)
    return "ok"


def _changed(config: Config, changes: dict[str, dict[str, Any]]) -> Config:
    """Return the configuration with what the command line says put over it. Raises ConfigError."""
    values = config.model_dump(mode="json")
    for section, content in changes.items():
        values[section].update({name: value for name, value in content.items() if value is not None})
    return validate(values, source="the command line")


def _run(supervisor: Supervisor, *, prepare: Callable[[Service], None], announce: Callable[[], None]) -> None:
    """Run everything until SIGINT or SIGTERM, which may come at any time, then stop it in order."""

    def end(_signal: int, _frame: object) -> None:
        raise _Stopped

    signals = (signal.SIGINT, signal.SIGTERM)
    previous = {one: signal.signal(one, end) for one in signals}
    try:
        supervisor.start(prepare)
        announce()
        supervisor.watch()
    except _Stopped:
        pass
    finally:
        for one in signals:
            signal.signal(one, signal.SIG_IGN)  # stopping is under way; a second signal must not cut it short
        supervisor.stop()
        for one, handler in previous.items():
            signal.signal(one, handler)


class _Stopped(BaseException):
    """Someone asked us to stop."""


def _announce(supervisor: Supervisor, data: Path, firm: dict[str, Any], json_: bool) -> None:
    assert supervisor.s3 is not None
    dav_url = f"{supervisor.base_url}/dav/"
    if json_:
        s3 = {name: asdict(supervisor.s3)[name] for name in ("endpoint", "bucket", "access_key", "secret_key")}
        where = {"base_url": supervisor.base_url, "dav_url": dav_url, "pid": os.getpid(), "data": str(data), "s3": s3}
        output.show_json({**where, **firm})
        return
    output.console.print(f"Azukari is running: {supervisor.base_url}", markup=False)
    output.console.print(f"Network drive:      {dav_url}", markup=False)
    people = [
        {
            "login": name,
            "role": one["role"],
            "password of the pages": one["password"],
            "password of the network drive": one.get("dav_password", ""),
        }
        for name, one in firm.get("logins", {}).items()
    ]
    if people:
        output.show_table(people, "")
    output.console.print("Stop it with Ctrl-C; what you store is kept.")
