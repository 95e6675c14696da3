"""A worker process: `python -m gateway.worker FILE`, where FILE says how to reach everything.

The supervisor writes the file (readable by its owner alone) and starts as many workers as it should.
"""

from __future__ import annotations

import ipaddress
import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from gateway.servers.cheroot_server import Server, tls_context
from gateway.wsgi import create

#: In the file's name is where granian's processes find it.
FILE_VARIABLE = "AZUKARI_WORKER"


def arguments_of(path: Path) -> dict[str, Any]:
    """Return what the supervisor wrote: `config`, `database_url`, `s3`, `host`, `port`, `client_authority`."""
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values


def main(path: Path) -> None:
    """Serve this process's share of the port until SIGTERM."""
    arguments = arguments_of(path)
    settings = arguments["config"]["server"]
    tls = None
    if settings["certificate"]:
        authority = arguments["client_authority"]
        tls = tls_context(settings["certificate"], settings["private_key"], client_authority=authority)
    address = arguments["host"], arguments["port"]
    proxies = tuple(ipaddress.ip_network(one) for one in settings["proxy_protocol_from"])
    server = Server(address, create(arguments), threads=settings["threads"], tls=tls, proxies=proxies)

    def stop(_signal: int, _frame: object) -> None:
        # stop() waits for the loop that this handler interrupts, so it needs a thread of its own.
        threading.Thread(target=server.stop, name="stop").start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server.start()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
