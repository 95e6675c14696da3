"""A request's head, read as strictly as RFC 9110 and 9112 say (CLIENTS A12).

What two servers could read differently is refused: that is how requests are smuggled past a proxy.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}) ([\x21-\x7e\x80-\xff]+) HTTP/1\.([01])")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(:[0-9]{0,5})?")
_ABSOLUTE = re.compile(rb"https?://([^/?#@]*)(/.*)?", re.IGNORECASE | re.DOTALL)
_MAX_FIELDS = 128
#: Two of them could be read differently by a proxy and by us.
_SINGLE = frozenset((b"host", b"content-length", b"transfer-encoding", b"authorization", b"content-type"))


class Malformed(Exception):
    """The request is not HTTP as we accept it; `status` is what to answer before the connection closes."""

    def __init__(self, reason: str, status: str = "400 Bad Request") -> None:
        super().__init__(reason)
        self.status = status


class Head(NamedTuple):
    """A request's head. `length` is None for a chunked body; `fields` are WSGI names with their values."""

    method: str
    target: str
    path: str
    query: str
    version: str
    fields: dict[str, str]
    length: int | None
    keep_alive: bool
    expects_continue: bool


def parse(head: bytes) -> Head:
    """Return the head of a request. Raises Malformed."""
    first, *lines = head.split(b"\r\n")
    found = _LINE.fullmatch(first)
    if found is None:
        raise Malformed("the request line cannot be read")
    method, target, minor = found.groups()
    fields = _fields(lines)
    target = _origin_form(target, fields)
    if minor == b"1" and b"host" not in fields:
        raise Malformed("a request names its host once")
    if not _HOST.fullmatch(fields.get(b"host", b"")):
        raise Malformed("the Host header cannot be read")
    length = _framing(fields, minor)
    path, _, query = target.partition(b"?")
    connection = fields.get(b"connection", b"").lower()
    return Head(
        method.decode("ascii"),
        target.decode("latin-1"),
        (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        query.decode("latin-1"),
        "HTTP/1.1" if minor == b"1" else "HTTP/1.0",
        {_wsgi_name(name): value.decode("latin-1") for name, value in fields.items()},
        length,
        b"close" not in connection if minor == b"1" else b"keep-alive" in connection,
        minor == b"1" and fields.get(b"expect", b"").lower() == b"100-continue",
    )


def _fields(lines: list[bytes]) -> dict[bytes, bytes]:
    if len(lines) > _MAX_FIELDS:
        raise Malformed(f"more than {_MAX_FIELDS} headers")
    fields: dict[bytes, bytes] = {}
    for line in lines:
        found = _FIELD.fullmatch(line)  # a folded line begins with a space and does not match (RFC 9112 §5.2)
        if found is None:
            raise Malformed("a header cannot be read")
        name, value = found.group(1).lower(), found.group(2).rstrip(b" \t")
        if b"_" in name:
            continue  # in WSGI it could not be told from the same name with a hyphen
        if name not in fields:
            fields[name] = value
        elif name in _SINGLE:
            raise Malformed(f"two {name.decode()} headers")
        else:
            fields[name] += (b"; " if name == b"cookie" else b", ") + value
    return fields


def _origin_form(target: bytes, fields: dict[bytes, bytes]) -> bytes:
    """Return the target as a path; an absolute address is taken too, its host then counts (RFC 9112 §3.2.2)."""
    if absolute := _ABSOLUTE.fullmatch(target):
        fields[b"host"] = absolute.group(1)
        target = absolute.group(2) or b"/"
    if target == b"*":
        return b"/"
    if not target.startswith(b"/") or b"#" in target:
        raise Malformed("the request's address cannot be read")
    return target


def _framing(fields: dict[bytes, bytes], minor: bytes) -> int | None:
    """Return the body's length, None for a chunked body (RFC 9112 §6)."""
    coding, length = fields.get(b"transfer-encoding"), fields.get(b"content-length")
    if coding is not None:
        if length is not None or minor == b"0":
            raise Malformed("Transfer-Encoding with Content-Length or in HTTP/1.0")
        if coding.lower() != b"chunked":
            raise Malformed("only chunked is understood as Transfer-Encoding", "501 Not Implemented")
        return None
    if length is None:
        return 0
    if not _LENGTH.fullmatch(length):
        raise Malformed("Content-Length is not a number")
    return int(length)


@functools.lru_cache(maxsize=512)
def _wsgi_name(name: bytes) -> str:
    upper = name.decode("ascii").upper().replace("-", "_")
    return upper if upper in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{upper}"
