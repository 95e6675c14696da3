"""Addresses and times as DAV responses show them; called once an entry, so written for speed."""

from __future__ import annotations

import functools
import mimetypes
import re
from datetime import UTC, datetime
from email.utils import formatdate

from storage.nodes import Node

_UNSAFE = re.compile(r"[^A-Za-z0-9_.~!$'()*,;:@=+-]+")
_MARKUP = re.compile("[&<>]")
_MARKUP_NAMES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SECOND = 1_000_000
_DAY_SECONDS = 86_400

# What mimetypes does not know or calls differently from browser to browser.
_TYPES = {".heic": "image/heic", ".md": "text/markdown", ".webp": "image/webp", ".yaml": "application/yaml"}


def _percent(found: re.Match[str]) -> str:
    return "%" + found.group().encode().hex("%").upper()


def quote_name(name: str) -> str:
    """Return a name percent-encoded, upper-case %XX (CLIENTS G2), ready for XML."""
    return _UNSAFE.sub(_percent, name) if _UNSAFE.search(name) else name


def quote_names(base: str, names: tuple[str, ...]) -> str:
    """Return the address of a path below an already encoded base, without a trailing slash."""
    return "/".join((base, *map(quote_name, names)))


def escape(text: str) -> str:
    """Return text as XML character data."""
    return _MARKUP.sub(lambda found: _MARKUP_NAMES[found.group()], text) if _MARKUP.search(text) else text


_MINUTES = [f"{minute // 60:02}:{minute % 60:02}:" for minute in range(1440)]
_GMT_SECONDS = [f"{second:02} GMT" for second in range(60)]
_ISO_SECONDS = [f"{second:02}Z" for second in range(60)]


@functools.lru_cache(maxsize=1024)
def _http_day(day: int) -> str:
    return formatdate(day * _DAY_SECONDS, usegmt=True)[:17]


@functools.lru_cache(maxsize=1024)
def _iso_day(day: int) -> str:
    return datetime.fromtimestamp(day * _DAY_SECONDS, UTC).strftime("%Y-%m-%dT")


def http_date(instant_us: int) -> str:
    """Return an instant as an HTTP date (RFC 9110 §5.6.7)."""
    minutes, second = divmod(instant_us // _SECOND, 60)
    day, minute = divmod(minutes, 1440)
    return _http_day(day) + _MINUTES[minute] + _GMT_SECONDS[second]


def iso_date(instant_us: int) -> str:
    """Return an instant as RFC 3339 in UTC (RFC 4918 §15.1)."""
    minutes, second = divmod(instant_us // _SECOND, 60)
    day, minute = divmod(minutes, 1440)
    return _iso_day(day) + _MINUTES[minute] + _ISO_SECONDS[second]


@functools.lru_cache(maxsize=512)
def _type_of(extension: str) -> str:
    known = extension.lower()
    return _TYPES.get(known) or mimetypes.types_map.get(known, "application/octet-stream")


def content_type(node: Node) -> str:
    """Return the media type a file's name suggests (R20: none is refused, none is trusted)."""
    dot = node.name.rfind(".")
    return _type_of(node.name[dot:]) if dot > 0 else "application/octet-stream"
