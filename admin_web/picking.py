"""Choosing stored files within a form: one place at a time, what was chosen before stays chosen, without script.

A form that picks has fields `where` (the place that is open), `pick` (names chosen there) and `chosen` (paths
chosen before), and buttons `look` (open another place) and `add` (take what is chosen into the list).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from admin_web import members, places
from admin_web.browse import memberships, place_of
from admin_web.gate import caller, parts
from admin_web.places import Place
from admin_web.words import t
from auth.access import FolderType, visible_folders
from core.names import normalise
from storage.listing import Order
from storage.nodes import Node

#: Members of a place offered at a time.
MOST_SHOWN = 500
#: The folders links lead into; out of others nothing can be picked.
_FOLDERS = (FolderType.MY, FolderType.GROUP)


@dataclass(frozen=True, slots=True)
class Picking:
    """What the form shows: the open place with its collections and files, other places, and what is chosen."""

    place: Place
    collections: list[Node]
    files: list[Node]
    cut: bool
    elsewhere: list[tuple[str, str]]
    chosen: list[str]


def is_picking() -> bool:
    """Return whether a button was pressed that only picks."""
    return "look" in request.form or "add" in request.form


def chosen_paths() -> list[str]:
    """Return the paths chosen so far, those just picked included, each once. Raises InvalidName, NotFound."""
    where = request.form.get("where", FolderType.MY.value)
    picked = [place_of(where).below(normalise(name)).path for name in request.form.getlist("pick")]
    return list(dict.fromkeys([*request.form.getlist("chosen"), *picked]))


def picking(wanted: Callable[[str], bool], chosen: list[str]) -> Picking:
    """Return what the form shows; of files those whose name is `wanted`. Raises NotFound, NotAllowedHere."""
    form = request.form
    place = place_of(form.get("look") or form.get("where") or request.args.get("where") or FolderType.MY.value)
    node = places.stat(parts().files, place)
    rows = members.page(parts().files, place, node, order=Order.NAME, descending=False, offset=0, limit=MOST_SHOWN + 1)
    shown = rows[:MOST_SHOWN]
    return Picking(
        place,
        [one for one in shown if one.is_collection],
        [one for one in shown if not one.is_collection and wanted(one.name)],
        len(rows) > MOST_SHOWN,
        _elsewhere(place),
        chosen,
    )


def _elsewhere(place: Place) -> list[tuple[str, str]]:
    """Return the address and words of the folders other than the one that is open."""
    found = []
    for folder in visible_folders(caller()):
        if folder is FolderType.GROUP:
            found += [(f"group/{one.name}", one.name) for one in memberships()]
        elif folder in _FOLDERS:
            found.append((folder.value, t(f"web.folder.{folder}")))
    return [one for one in found if one[0] != place.path]
