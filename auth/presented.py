"""What a request shows beside a password: its address, client, line session, edge assertion and certificate."""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from auth import signatures
from auth.addresses import Network, client_address, is_trusted
from auth.clients import is_phone
from auth.signatures import Signed

#: The line tool shows the session that proves its line in this header.
LINE_SESSION_HEADER = "Azukari-Line-Session"
#: The carrier's edge signs for a line in this header (`auth.edge`).
EDGE_HEADER = "Azukari-Edge"
#: A trusted proxy that ends TLS hands on the client's certificate here, as nginx' $ssl_client_escaped_cert.
CERTIFICATE_HEADER = "X-Client-Cert"

_LINE_SESSION, _EDGE, _CERTIFICATE = (
    "HTTP_" + name.upper().replace("-", "_") for name in (LINE_SESSION_HEADER, EDGE_HEADER, CERTIFICATE_HEADER)
)
_MAX_CLIENT = 255
_PEM_BODY = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Presented:
    """Facts of one request. `address` is the real client's; `certificate_sha256` is of a certificate TLS verified.

    `path` is for the access log alone.
    """

    address: str = ""
    client: str = ""
    on_phone: bool = False
    line_token: str = ""
    edge: str = ""
    certificate_sha256: str = ""
    path: str = ""
    signed: Signed | None = None


NOTHING = Presented()


def of_environ(environ: Mapping[str, Any], trusted: tuple[Network, ...] = ()) -> Presented:
    """Return what a WSGI request shows; headers that proxies write count only from a trusted one."""
    peer = environ.get("REMOTE_ADDR", "")
    user_agent, path = environ.get("HTTP_USER_AGENT", ""), environ.get("PATH_INFO", "")
    return Presented(
        address=client_address(peer, environ.get("HTTP_X_FORWARDED_FOR"), trusted),
        client=_client(user_agent),
        on_phone=is_phone(user_agent, environ.get("HTTP_SEC_CH_UA_MOBILE")),
        line_token=environ.get(_LINE_SESSION, ""),
        edge=environ.get(_EDGE, ""),
        certificate_sha256=_certificate(environ, peer, trusted),
        path=path if path.isascii() else path.encode("latin-1", "replace").decode("utf-8", "replace"),
        signed=signatures.of_environ(environ),
    )


@functools.lru_cache(maxsize=4096)
def _client(user_agent: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in user_agent[:_MAX_CLIENT])


def _certificate(environ: Mapping[str, Any], peer: str, trusted: tuple[Network, ...]) -> str:
    if environ.get("SSL_CLIENT_VERIFY") == "SUCCESS":
        return fingerprint(environ.get("SSL_CLIENT_CERT", ""))
    handed_on = environ.get(_CERTIFICATE)
    return fingerprint(unquote(handed_on)) if handed_on and is_trusted(peer, trusted) else ""


def fingerprint(pem: str) -> str:
    """Return the SHA-256 of a PEM certificate's DER form; empty for anything else."""
    found = _PEM_BODY.search(pem)
    if found is None:
        return ""
    try:
        der = base64.b64decode("".join(found[1].split()), validate=True)
    except binascii.Error:
        return ""
    return hashlib.sha256(der).hexdigest()
