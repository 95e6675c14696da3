"""granian (Rust): `python -m gateway.servers.granian_server FILE` runs it with its own worker processes.

Its WSGI body ends clean where a chunked upload breaks, so an upload of unknown length is refused there
(411; docs/adr/0005).
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from gateway import children
from gateway.servers.granian_bodies import Course
from gateway.servers.wire import MAX_HEAD_BYTES
from gateway.worker import FILE_VARIABLE, arguments_of
from gateway.wsgi import create

_BACKLOG = 1024
#: As cheroot's reading has it (gateway.servers.requests), but for the comma, which joins two Host headers here.
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]+)(:[0-9]{0,5})?")


def application() -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """Build the application in one of granian's workers."""
    children.die_with(os.getppid())
    front = create(arguments_of(Path(os.environ[FILE_VARIABLE])))

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if (reason := refusal(environ)) is not None:
            start_response("400 Bad Request", [("Content-Type", "text/plain"), ("Connection", "close")])
            return [f"{reason}\n".encode()]
        environ["azukari.unknown_length_unsafe"] = True
        if environ["REQUEST_METHOD"] == "PUT" and "CONTENT_LENGTH" not in environ and _is_http2(environ):
            environ["HTTP_TRANSFER_ENCODING"] = "chunked"  # HTTP/2 frames a body of unknown length without a word
        with Course(environ) as course:
            answer = front(environ, start_response)
        return list(answer) if isinstance(answer, tuple) else course.blocks(answer)

    return call


def refusal(environ: dict[str, Any]) -> str | None:
    """Return what is wrong with a head that hyper, granian's HTTP library, let pass (CLIENTS A12); None for nothing.

    Two equal lengths and Transfer-Encoding beside Content-Length cannot be seen here: hyper settles them as
    RFC 9112 §6.3 allows.
    """
    if not _HOST.fullmatch(environ["HTTP_HOST"]) and environ["SERVER_PROTOCOL"] != "HTTP/1.0":
        return "a request names its host once"
    if environ.get("HTTP_TRANSFER_ENCODING", "chunked").lower() != "chunked":
        return "only chunked is understood as Transfer-Encoding"
    size = len(environ["PATH_INFO"]) + len(environ["QUERY_STRING"])
    for name, value in reversed(environ.items()):
        if name[:5] != "HTTP_":
            break  # granian puts the headers last
        size += len(name) + len(value)
    return "the headers are longer than 32 KiB" if size > MAX_HEAD_BYTES else None


def _is_http2(environ: dict[str, Any]) -> bool:
    return str(environ["SERVER_PROTOCOL"]).startswith("HTTP/2")


def main(path: Path) -> None:
    """Run granian until SIGTERM."""
    arguments = arguments_of(path)
    settings = arguments["config"]["server"]
    os.environ[FILE_VARIABLE] = str(path)
    certificate, private_key = settings["certificate"], settings["private_key"]
    server = Granian(
        "gateway.servers.granian_server:application",
        address=arguments["host"],
        port=arguments["port"],
        interface=Interfaces.WSGI,
        factory=True,
        workers=settings["workers"],
        blocking_threads=settings["threads"],
        blocking_threads_idle_timeout=5,  # each idle thread takes part in every request: granian has them in turns
        http=HTTPModes.auto,
        http1_settings=HTTP1Settings(header_read_timeout=30_000, max_buffer_size=max(MAX_HEAD_BYTES, 65_536)),
        backlog=_BACKLOG,
        respawn_failed_workers=True,
        log_enabled=False,
        ssl_cert=Path(certificate) if certificate else None,
        ssl_key=Path(private_key) if private_key else None,
        workers_kill_timeout=3,
    )
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server.serve()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
