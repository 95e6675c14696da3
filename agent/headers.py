"""Which headers pass the loopback address, and how addresses in them are rewritten (RFC 9110 §7.6)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from agent.upstream import Headers

#: They concern one connection, or are said anew on the next one.
_OF_ONE_CONNECTION = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
#: Said by the tool itself, or not the drive's to say.
_OURS = frozenset(
    (b"host", b"authorization", b"expect", b"signature", b"signature-input", b"azukari-line-session", b"cookie")
)
_TAG = re.compile(r"<(https?://[^>]*)>", re.IGNORECASE)


def upstream(headers: Headers, *, gateway: str) -> Headers:
    """Return what of a drive's request goes on to the gateway at `gateway`; names come in lower case.

    Destination and the resources named in If lead to the loopback address; there they mean the gateway's. An
    address of any other host stays as it is, and the gateway refuses it.
    """
    host = next((value.decode("latin-1") for name, value in headers if name == b"host"), "")

    def there(name: bytes, value: bytes) -> bytes:
        text = value.decode("latin-1")
        if name == b"destination":
            return _moved(text, host, gateway).encode("latin-1")
        if name == b"if":
            return _TAG.sub(lambda tag: f"<{_moved(tag[1], host, gateway)}>", text).encode("latin-1")
        return value

    return [(name, there(name, value)) for name, value in _without(headers, _OF_ONE_CONNECTION | _OURS)]


def downstream(headers: Headers, *, gateway: str, here: str) -> Headers:
    """Return what of an answer goes back to the drive; an address at the gateway becomes one at `here`."""
    host = urlsplit(gateway).netloc

    def back(name: bytes, value: bytes) -> bytes:
        leads = name.lower() in (b"location", b"content-location")
        return _moved(value.decode("latin-1"), host, here).encode("latin-1") if leads else value

    return [(name, back(name, value)) for name, value in _without(headers, _OF_ONE_CONNECTION)]


def length_of(headers: Headers) -> int | None:
    """Return the length of a body; None for a chunked one. The head was read by h11, which knows no other length."""
    if any(name == b"transfer-encoding" for name, _ in headers):
        return None
    return next((int(value) for name, value in headers if name == b"content-length"), 0)


def _without(headers: Headers, left_out: frozenset[bytes]) -> Headers:
    named = b",".join(value for name, value in headers if name.lower() == b"connection")
    also = {one.strip().lower() for one in named.split(b",")}
    return [(name, value) for name, value in headers if name.lower() not in left_out and name.lower() not in also]


def _moved(address: str, host: str, origin: str) -> str:
    """Return an address with `origin` in place of `host`, with or without `user:pw@`; any other one as it is."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return address
    if not host or parts.netloc.rpartition("@")[2].lower() != host.lower():
        return address
    return origin + address.strip()[len(f"{parts.scheme}://{parts.netloc}") :]
