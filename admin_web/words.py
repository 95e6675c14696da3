"""The reader's language, and how sizes and instants read in it."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask import g, request, session

from core import messages
from core.clock import TOKYO, from_microseconds

_UNITS = ("KB", "MB", "GB", "TB")


def language() -> str:
    """Return "ja" or "en": what the reader chose, else what the browser asks for."""
    if "language" not in g:  # a page asks a thousand times
        chosen = session.get("language")
        asked = messages.preferred_language(request.headers.get("Accept-Language"))
        g.language = chosen if chosen in messages.LANGUAGES else asked
    return cast(str, g.language)


def t(message_id: str, **facts: object) -> str:
    """Return a text in the reader's language."""
    return messages.text(message_id, language(), **facts)


def size(size_bytes: int) -> str:
    """Return a size for people, in units of 1,024 (R1: 1 GB is 2^30 bytes), such as `1.4 GB` or `50 GB`."""
    if size_bytes < 1024:
        return f"{size_bytes} B"
    value = float(size_bytes)
    for unit in _UNITS:
        value /= 1024
        # 1,023.95 would read as 1,024.0
        if value < 1023.95 or unit == _UNITS[-1]:
            break
    digits = f"{value:,.1f}" if value < 99.95 else f"{value:,.0f}"
    return f"{digits.removesuffix('.0')} {unit}"


def exact_size(size_bytes: int) -> str:
    """Return a size as it is typed, exact to the byte: in the largest unit that leaves no rest."""
    value, unit = size_bytes, ""
    for larger in _UNITS:
        if value == 0 or value % 1024:
            break
        value, unit = value // 1024, f" {larger}"
    return f"{value}{unit}"


def instant(at: datetime | int) -> str:
    """Return an instant (or microseconds) as Tokyo time for people, to the minute."""
    local = (from_microseconds(at) if isinstance(at, int) else at).astimezone(TOKYO)
    if language() == "ja":
        return f"{local:%Y/%m/%d %H:%M}"
    return f"{local.day} {local:%b %Y, %H:%M}"


def moment(at: datetime) -> str:
    """Return an instant as Tokyo time for people, to the second, for what is compared or looked up by it."""
    local = at.astimezone(TOKYO)
    return f"{local:%Y/%m/%d %H:%M:%S}" if language() == "ja" else f"{local.day} {local:%b %Y, %H:%M:%S}"


def day(at: datetime) -> str:
    """Return the Tokyo date of an instant for people."""
    local = at.astimezone(TOKYO)
    if language() == "ja":
        return f"{local.year}年{local.month}月{local.day}日"
    return f"{local.day} {local:%B %Y}"


def iso(at: datetime | int) -> str:
    """Return an instant (or microseconds) as machines read it."""
    return (from_microseconds(at) if isinstance(at, int) else at).isoformat(timespec="seconds")
