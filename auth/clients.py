"""Which program is calling, as far as its User-Agent tells."""

from __future__ import annotations

import functools
import re

#: What names itself a phone or tablet. Safari on iPadOS says it is a Mac; nothing in its requests tells otherwise.
_PHONE = re.compile(r"iPhone|iPad|iPod|Android|Mobile|Windows Phone|Tablet|Kindle|Silk", re.IGNORECASE)
_PLATFORMS = (
    ("windows", re.compile(r"Windows|Microsoft-WebDAV|DavClnt", re.IGNORECASE)),
    ("ios", re.compile(r"iPhone|iPad|iPod|Darwin.*Mobile", re.IGNORECASE)),
    ("android", re.compile(r"Android", re.IGNORECASE)),
    ("macos", re.compile(r"Macintosh|Mac OS X|WebDAVFS|Darwin", re.IGNORECASE)),
    ("linux", re.compile(r"Linux|X11|davfs2|gvfs|gnome|kio", re.IGNORECASE)),
)
#: Browsers name several products for the sake of old servers; the first found here is the true one.
_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_PRODUCT = re.compile(r"[A-Za-z0-9._-]+")
_MAX_PRODUCT = 40


@functools.lru_cache(maxsize=4096)
def is_phone(user_agent: str, mobile_hint: str | None = None) -> bool:
    """Return whether the client is a phone or tablet; `mobile_hint` is the Sec-CH-UA-Mobile header."""
    return mobile_hint == "?1" or _PHONE.search(user_agent) is not None


@functools.lru_cache(maxsize=4096)
def program(user_agent: str) -> str:
    """Return program and platform without versions, such as `microsoft-webdav-miniredir on windows`.

    It stays the same when the program is updated. A client without a User-Agent is `unknown on unknown`.
    """
    if user_agent.startswith("Mozilla/"):
        product = next((name for name in _BROWSERS if f"{name}/" in user_agent), "Mozilla")
    else:
        found = _PRODUCT.match(user_agent)
        product = found.group()[:_MAX_PRODUCT] if found else "unknown"
    platform = next((name for name, pattern in _PLATFORMS if pattern.search(user_agent)), "unknown")
    return f"{product.lower()} on {platform}"
