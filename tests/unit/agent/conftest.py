"""A registered PC, and a way to serve it."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import keyring
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from keyring.backends import fail

from agent.home import Home, Registration, Secrets
from agent.loopback import LoopbackServer
from agent.upstream import Gateway

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def registration_of(base_url: str, line_secret: str = "") -> Registration:
    """Return hanako's PC, registered at a gateway."""
    secrets = Secrets(base64.b64encode(KEY.private_bytes_raw()).decode(), "dav-password", "local-password", line_secret)
    return Registration(base_url, "hanako", "dev-1", "Hanako PC", secrets, "line-1" if line_secret else "")


@dataclass
class Loopback:
    """A running loopback address; `proofs` counts how often the line was asked to be proved anew."""

    server: LoopbackServer
    proofs: list[None] = field(default_factory=list)

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port."""
        return "127.0.0.1", int(self.server.server_address[1])


Serve = Callable[[str], AbstractContextManager[Loopback]]


@contextmanager
def _serving(base_url: str) -> Iterator[Loopback]:
    registration = registration_of(base_url)
    gateway = Gateway(base_url, registration)
    proofs: list[None] = []
    with LoopbackServer(0, gateway, registration, "en", lambda: proofs.append(None)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Loopback(server, proofs)
        finally:
            server.shutdown()
            thread.join()
            gateway.close()


@pytest.fixture
def serve() -> Serve:
    """Return how to serve hanako's PC in front of a gateway's address."""
    return _serving


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Return a user's place on a PC without a keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]  # keyring is half typed
    yield Home(tmp_path / "config")
    keyring.set_keyring(before)
