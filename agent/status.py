"""How this PC stands: whether its device is let in, its clock is right and its loopback address answers."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from agent import HOST
from agent.answers import refusal
from agent.home import Registration
from agent.upstream import Gateway, Target
from core import messages
from core.errors import ToolFailed

_CONNECT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Status:
    """What `azukari agent status` tells; `gateway` is "ok", or why this PC is not let in."""

    base_url: str
    login_id: str
    device_id: str
    device_name: str
    secrets_in: str
    line_id: str
    gateway: str
    clock_ahead_seconds: int
    serving: bool

    @property
    def is_well(self) -> bool:
        """Return whether the gateway lets this PC in."""
        return self.gateway == "ok"


def status_of(registration: Registration, port: int, language: str) -> Status:
    """Return how this PC stands, the gateway asked."""
    gateway = Gateway(registration.base_url, registration)
    try:
        require_admitted(gateway, language)
        reason = "ok"
    except ToolFailed as error:
        reason = messages.explain(error, language)
    finally:
        gateway.close()
    return Status(
        registration.base_url,
        registration.login_id,
        registration.device_id,
        registration.device_name,
        registration.secrets_in,
        registration.line_id,
        reason,
        round(gateway.clock_error.total_seconds()),
        is_serving(port),
    )


def require_admitted(gateway: Gateway, language: str) -> None:
    """Return where the gateway lets this device in; its clock is known then. Raises ToolFailed."""
    gateway.ask(Target("OPTIONS", "/dav/"))  # tells the time before anything is signed by it
    answer, body = gateway.ask(Target("PROPFIND", "/dav/"), [(b"Depth", b"0"), (b"Accept-Language", language.encode())])
    if answer.status != 207:
        if answer.status == 404:
            raise ToolFailed("agent.not_a_gateway", url=gateway.base_url)
        raise refusal(answer, body, language)


def is_serving(port: int) -> bool:
    """Return whether something answers on the loopback address."""
    try:
        with socket.create_connection((HOST, port), timeout=_CONNECT_SECONDS):
            return True
    except OSError:
        return False
