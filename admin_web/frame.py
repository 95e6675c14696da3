"""What stands round every page: who is signed in, where they may go, how much room there is (R7)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from flask import request
from markupsafe import Markup

from admin_web.gate import parts, secret_key, signed_in
from auth.access import visible_folders
from auth.callers import Caller, Role
from core.clock import to_microseconds
from core.errors import DeviceRequired
from groupware import board
from quota import meter


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the pages in the menu. `current`: this page belongs to it."""

    endpoint: str
    text: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Gauge:
    """A contract's room, to the byte."""

    used_bytes: int
    capacity_bytes: int

    @property
    def available_bytes(self) -> int:
        """Return what still fits."""
        return max(0, self.capacity_bytes - self.used_bytes)

    @property
    def over_bytes(self) -> int:
        """Return by how much the contract is over its capacity."""
        return max(0, self.used_bytes - self.capacity_bytes)

    @property
    def percent(self) -> int:
        """Return how full it is, rounded up: full only where nothing is left."""
        return (
            100
            if not self.capacity_bytes
            else -(-min(self.used_bytes, self.capacity_bytes) * 100 // self.capacity_bytes)
        )


#: Endpoint, text, icon, blueprints that belong to it, for whom.
_CUSTOMERS, _EVERYONE = (Role.ADMINISTRATOR, Role.USER), tuple(Role)
_SECTIONS = (
    ("browse.start", "web.nav.files", "folder", ("browse", "changes", "incoming"), _CUSTOMERS),
    ("shares.mine", "web.nav.shares", "share", ("shares",), _CUSTOMERS),
    ("publications.mine", "web.publications.nav", "open", ("publications",), _CUSTOMERS),
    ("calendar.show", "calendar.title", "calendar", ("calendar",), _CUSTOMERS),
    ("transfers.page", "web.nav.transfers", "move", ("transfers",), _CUSTOMERS),
    ("contests.listing", "web.nav.contests", "image", ("contests",), _CUSTOMERS),
    ("board.topics", "web.nav.board", "people", ("board",), _CUSTOMERS),
    (
        "admin.overview",
        "web.nav.admin",
        "chart",
        ("admin", "users", "limits", "lockouts", "keys", "lines", "plan", "statements", "log", "settings"),
        (Role.ADMINISTRATOR,),
    ),
    ("operator.contract_list", "web.nav.operator", "people", ("operator", "service"), (Role.OPERATOR,)),
    ("support.find", "web.nav.support", "lock", ("support",), (Role.SUPPORT,)),
    ("help.page", "web.nav.help", "help", ("help",), _EVERYONE),
)


def names() -> dict[str, Any]:
    """Return what the frame's template asks."""
    return {
        "caller": signed_in(),
        "sections": sections,
        "gauge": gauge,
        "board_unread": board_unread,
        "folder_types": folder_types,
        "icon": picture,
    }


@functools.cache
def picture(name: str) -> Markup:
    """Return a picture beside words; screen readers read the words alone."""
    mark = f'<svg class="icon icon-{name}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
    return Markup(f'{mark}<use href="/static/icons.svg#{name}"/></svg>')  # noqa: S704 - names are our own


def sections() -> list[Section]:
    """Return the menu of the present caller."""
    found = signed_in()
    if found is None:
        return []
    return [
        Section(endpoint, text, icon, request.blueprint in blueprints)
        for endpoint, text, icon, blueprints, roles in _SECTIONS
        if found.role in roles
    ]


def board_unread() -> int:
    """Return how many topics of the bulletin board have something new for the present caller."""
    found = signed_in()
    if found is None or found.role not in _CUSTOMERS:
        return 0
    with parts().database.reading() as tx:
        return board.unread_topics(tx.cursor, found)


def gauge() -> Gauge | None:
    """Return the room of the caller's contract; None for staff, and where nobody is signed in."""
    found = signed_in()
    if found is None or found.role not in _CUSTOMERS:
        return None
    return gauge_of(found)


def gauge_of(found: Caller) -> Gauge:
    """Return the room of a caller's contract."""
    now_us = to_microseconds(parts().clock())
    with parts().database.reading() as tx:
        used_bytes = meter.used_bytes(tx.cursor, found.contract_id)
        return Gauge(used_bytes, parts().files.capacity(tx.cursor, found.contract_id, now_us))


def folder_types() -> list[str]:
    """Return the folder types the caller may open now, as addresses name them; Secret only while unlocked (R18)."""
    found = signed_in()
    if found is None:
        return []
    try:
        return [one.value for one in visible_folders(found, unlocked=secret_key(found) is not None)]
    except DeviceRequired:
        return []
