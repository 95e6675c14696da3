"""Whom a share goes to: read from a pasted list (R24)."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import NamedTuple

from core.errors import NotShareable

#: R24: named on every share, after duplicates are dropped.
MOST_RECIPIENTS = 99
#: RFC 5321 §4.5.3.1, and what the column holds.
_MAX_LOCAL, _MAX_ADDRESS = 64, 254
#: A pasted list is some hundred lines; nobody types a megabyte.
MAX_LIST_CHARACTERS = 64 * 1024

# What stands between addresses: also the full-width and ideographic forms a Japanese keyboard gives. A comma
# within quotes or angle brackets belongs to a display name.
_ENTRY = re.compile(r"""(?:"[^"\n]*"|<[^<>\n]*>|[^,;\n\r\t、，；"<]|["<])+""")
# RFC 5322 `atext` and dots wherever they stand: carriers gave out `a..b@` and `a.@` (R24).
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_QUOTED = re.compile(r'"([^"]*)"')
#: A name and an address; what is longer is something else.
_MAX_ENTRY = 1000


class Read(NamedTuple):
    """What a list says: the addresses, each once, in order; and the entries that are none."""

    addresses: tuple[str, ...]
    wrong: tuple[str, ...]


def read_list(text: str) -> Read:
    """Return the addresses of a pasted list, as they were written but for their domain, which becomes ASCII.

    Entries stand on lines of their own, or between commas, semicolons, tabs or spaces; `Name <address>` counts as
    the address. Of addresses that differ in capitals alone the first stays.
    """
    found: dict[str, str] = {}
    wrong: list[str] = []
    for entry in _entries(text):
        address = address_of(entry)
        if address is None:
            wrong.append(entry)
        else:
            found.setdefault(address.casefold(), address)
    return Read(tuple(found.values()), tuple(wrong))


def _entries(text: str) -> list[str]:
    entries: list[str] = []
    for one in _ENTRY.findall(text):
        entry = one.strip()
        words = entry.split()
        # Spaces are separators where every word is an address by itself.
        entries += words if len(words) > 1 and all("@" in word and "<" not in word for word in words) else [entry]
    return [one for one in entries if one]


def address_of(entry: str) -> str | None:
    """Return the address of one entry, None where there is none that mail could be sent to."""
    # Two addresses without a separator: one of them would be left out without a word.
    if not entry.isprintable() or len(entry) > _MAX_ENTRY or _QUOTED.sub("", entry).count("@") != 1:
        return None
    local, at, domain = parseaddr(entry)[1].rpartition("@")
    if quoted := _QUOTED.fullmatch(local):
        local = quoted[1]  # `"a..b"@` is how the standard writes what carriers print as `a..b@`
    ascii_domain = _domain(domain)
    if not at or ascii_domain is None or not _LOCAL.fullmatch(local) or len(local) > _MAX_LOCAL:
        return None
    address = f"{local}@{ascii_domain}"
    return address if len(address) <= _MAX_ADDRESS else None


def _domain(domain: str) -> str | None:
    try:
        text = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    labels = text.split(".")
    return text if len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels) else None


def require_recipients(text: str) -> tuple[str, ...]:
    """Return the addresses of a list of 1 to 99 recipients (R24).

    Raises NotShareable for none, for 100 or more, and where an entry is no address: the list is refused whole.
    """
    if len(text) > MAX_LIST_CHARACTERS:
        raise NotShareable("share.recipients_many", most=MOST_RECIPIENTS, count=len(text))
    addresses, wrong = read_list(text)
    if wrong:
        raise NotShareable("share.recipients_wrong", entries=" / ".join(one[:80] for one in wrong[:5]))
    if not addresses:
        raise NotShareable("share.recipients_none", most=MOST_RECIPIENTS)
    if len(addresses) > MOST_RECIPIENTS:
        raise NotShareable("share.recipients_many", most=MOST_RECIPIENTS, count=len(addresses))
    return addresses
