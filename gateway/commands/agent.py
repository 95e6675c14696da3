"""`azukari agent …`: the tool for the customer's PC (R14, R17). It speaks the PC's language."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from agent import DEFAULT_PORT, HOST, language, mounting
from agent.targets import target_of
from core import messages
from core.errors import GatewayError, ToolFailed
from gateway.commands import output
from gateway.commands.output import JsonOption

if TYPE_CHECKING:
    from agent.backup import Backup, Report
    from agent.home import Registration
    from agent.loopback import LoopbackServer
    from agent.upstream import Gateway

app = typer.Typer(no_args_is_help=True, help="The tool for a customer's PC: a drive that only this PC can open.")
line_app = typer.Typer(no_args_is_help=True, help="The line this PC is on.")
app.add_typer(line_app, name="line")

PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1; 0 takes any free one.")]
_TOLD_FAILURES = 20


def _text(message_id: str, **facts: object) -> str:
    return messages.text(message_id, language.of_pc(), **facts)


@contextlib.contextmanager
def _reasons() -> Iterator[None]:
    """Turn a refusal into its reason, in the PC's language, and exit status 1."""
    try:
        yield
    except GatewayError as error:
        output.refuse(messages.explain(error, language.of_pc()))


@app.command(epilog="Example: azukari agent register --url https://azukari.example --login hanako --key … --name 'PC'")
def register(
    url: Annotated[str, typer.Option("--url", help="The gateway's address.")],
    login: Annotated[str, typer.Option("--login", help="The login ID.")],
    key: Annotated[str, typer.Option("--key", help="The device key from the administrator.")],
    name: Annotated[str, typer.Option("--name", help="What people call this PC.")],
    password: Annotated[str, typer.Option("--password", help="The login's password; asked for without it.")] = "",
    json_: JsonOption = False,
) -> None:
    """Make this PC a registered device, with a private key that never leaves it."""
    from agent.home import FILE, Home
    from agent.register import register as register_pc

    given = password or typer.prompt(_text("agent.says.ask_password"), hide_input=True, err=True)
    home = Home()
    with _reasons():
        made = register_pc(
            home, url=url, login=login, password=given, device_key=key, name=name, language=language.of_pc()
        )
    if json_:
        shown = dataclasses.asdict(made)
        del shown["secrets"], shown["certificate"]
        output.show_json(shown)
        return
    if made.secrets_in == FILE:
        output.say(_text("agent.says.secrets_in_file", file=home.folder))
    output.say(_text("agent.says.registered"))


@app.command(epilog="Example: azukari agent serve")
def serve(port: PortOption = DEFAULT_PORT, json_: JsonOption = False) -> None:
    """Serve the network drive on 127.0.0.1 until Ctrl+C; every request goes on signed by this PC's key."""
    from agent.home import Home
    from agent.loopback import LoopbackServer
    from agent.status import require_admitted
    from agent.upstream import Gateway

    with _reasons():
        registration = Home().load()
        gateway = Gateway(registration.base_url, registration)
        require_admitted(gateway, language.of_pc())
        with (
            _line_proved(gateway, registration, first=False) as prove_again,
            LoopbackServer(port, gateway, registration, language.of_pc(), prove_again) as server,
        ):
            if json_:
                output.show_json({"url": server.url, "user": registration.login_id, "pid": os.getpid()})
            else:
                output.say(_text("agent.says.serving", url=server.url))
            _until_stopped(server)


@contextlib.contextmanager
def _line_proved(gateway: Gateway, registration: Registration, *, first: bool) -> Iterator[Callable[[], None]]:
    """Keep the line proved meanwhile, where this PC has a line's secret; `first` waits until it is.

    Lends what to call where a proof is missing all the same.
    """
    if not registration.secrets.line_secret:
        yield lambda: None
        return
    from agent.line import LineKeeper

    keeper = LineKeeper(gateway, registration, language.of_pc(), on_change=output.say)
    if first:
        keeper.prove()
    keeper.start()
    try:
        yield keeper.check
    finally:
        keeper.stop()


def _until_stopped(server: LoopbackServer) -> None:
    def stop(_signal: int, _frame: object) -> None:
        # shutdown() waits for the loop that this handler interrupts, so it needs a thread of its own.
        threading.Thread(target=server.shutdown, name="stop").start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever(poll_interval=0.1)


@app.command(epilog="Example: azukari agent mount --run")
def mount(
    port: PortOption = DEFAULT_PORT,
    run: Annotated[bool, typer.Option("--run", help="Run the command instead of printing it.")] = False,
    json_: JsonOption = False,
) -> None:
    """Show the command that connects the drive on this PC, with the password it asks for; or run it."""
    from agent.home import Home
    from agent.status import is_serving

    with _reasons():
        registration = Home().load()
        if not is_serving(port):
            raise ToolFailed("agent.not_serving", port=port)
        url = f"http://{HOST}:{port}/dav/"
        user, password = registration.login_id, registration.secrets.local_password
        found = mounting.mount_of(
            sys.platform,
            url,
            user,
            password,
            find=mounting.find_program,
            folder=Path.home() / "Azukari",
            is_root=not hasattr(os, "geteuid") or os.geteuid() == 0,
        )
        if run:
            found.run()
            return
    if json_:
        output.show_json({"url": url, "user": user, "password": password, "command": list(found.command)})
        return
    print(found.text)  # noqa: T201
    output.say(_text("agent.says.mount", user=user, password=password))
    if sys.platform == "win32":
        output.say(_text("agent.says.windows_basic"))
        output.say(mounting.WINDOWS_BASIC)


@app.command(epilog="Example: azukari agent backup ~/Documents --to my/backup")
def backup(
    folder: Annotated[Path, typer.Argument(help="The folder to back up.")],
    to: Annotated[
        str, typer.Option("--to", help="Where to put it, such as my/backup.", metavar="PATH", show_default="security/…")
    ] = "",
    json_: JsonOption = False,
) -> None:
    """Put a folder's changed files into the Security Folder; run it again to go on where it stopped."""
    from agent.backup import Backup, measure
    from agent.home import Home
    from agent.remote import Remote
    from agent.status import require_admitted
    from agent.upstream import Gateway

    with _reasons():
        registration = Home().load()
        target = target_of(to, registration.device_name, folder)
        gateway = Gateway(registration.base_url, registration)
        require_admitted(gateway, language.of_pc())
        with _line_proved(gateway, registration, first=True), _progress() as bar:
            task = bar.add_task(_text("agent.says.scanning"), total=None)
            size = measure(folder)
            bar.update(task, total=size.size_bytes, description=_text("agent.says.uploading"))
            remote = Remote(gateway, language.of_pc())
            run = Backup(remote, folder, target, lambda done: bar.advance(task, done))
            stopped = _run(run)
    _tell(run.report, "/".join(target), stopped, json_=json_)


def _run(run: Backup) -> ToolFailed | None:
    """Run a backup; return what stopped it, None where it came to its end."""
    try:
        run.run()
    except ToolFailed as error:
        return error
    return None


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _tell(report: Report, target: str, stopped: ToolFailed | None, *, json_: bool) -> None:
    """Say what a backup did; exit status 1 where something is not there now that should be."""
    failures = [{"path": path, "reason": messages.explain(error, language.of_pc())} for path, error in report.failed]
    reason = None if stopped is None else messages.explain(stopped, language.of_pc())
    if json_:
        counts = dataclasses.asdict(report)
        output.show_json({**counts, "failed": failures, "target": target, "stopped": reason})
    else:
        for failure in failures[:_TOLD_FAILURES]:
            output.say(f"{failure['path']}: {failure['reason']}")
        if len(failures) > _TOLD_FAILURES:
            output.say("…")
        _tell_counts(report, target)
    if reason is not None:
        output.refuse(reason)
    if report.failed_files:
        output.refuse(_text("agent.says.backup_again"))


def _tell_counts(report: Report, target: str) -> None:
    output.say(
        _text(
            "agent.says.backup_done",
            uploaded_files=report.uploaded_files,
            uploaded=f"{report.uploaded_bytes:,} B",
            target=target,
            unchanged_files=report.unchanged_files,
            skipped=report.skipped,
            failed=report.failed_files,
        )
    )


@app.command(epilog="Example: azukari agent status")
def status(port: PortOption = DEFAULT_PORT, json_: JsonOption = False) -> None:
    """Show how this PC stands: its device, its line, its clock, and whether the gateway lets it in."""
    from agent.home import Home
    from agent.status import status_of

    with _reasons():
        found = status_of(Home().load(), port, language.of_pc())
    output.show_json(found) if json_ else output.show_fields(dataclasses.asdict(found))
    if not json_ and found.clock_ahead_seconds:
        output.say(_text("agent.says.clock", seconds=abs(found.clock_ahead_seconds)))
    if not found.is_well:
        output.refuse(found.gateway)


@app.command(epilog="Example: azukari agent forget")
def forget(json_: JsonOption = False) -> None:
    """Remove this PC's registration and private key; the device itself is revoked by the administrator."""
    from agent.home import Home

    known = Home().forget()
    if json_:
        output.show_json({"forgotten": known})
    else:
        output.say(_text("agent.says.forgotten" if known else "agent.says.nothing_to_forget"))


@line_app.command("set", epilog="Example: azukari agent line set line-… JBSWY3DPEHPK3PXP")
def set_line(line_id: str, secret: str, json_: JsonOption = False) -> None:
    """Keep the secret of this PC's line; while `agent serve` or `agent backup` runs, it proves the line."""
    from agent.home import Home
    from agent.line import checked_secret

    home = Home()
    with _reasons():
        registration = home.load()
        secrets = dataclasses.replace(registration.secrets, line_secret=checked_secret(secret))
        home.save(dataclasses.replace(registration, line_id=line_id.strip(), secrets=secrets))
    if json_:
        output.show_json({"line_id": line_id.strip()})
    else:
        output.say(_text("agent.says.line_kept", line=line_id.strip()))
