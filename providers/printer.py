"""The `<D:response>` elements of a PROPFIND: one template a request and kind of resource, filled per entry."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from providers.live import Scene, Value, shape
from providers.wanted import Wanted
from providers.xml import XML_HEAD, element_text
from storage.nodes import Node

OPEN = XML_HEAD + b'<D:multistatus xmlns:D="DAV:">'
CLOSE = b"</D:multistatus>"


def propstat(properties: str, status: str, error: str = "") -> str:
    """Return a propstat element for properties that share a status (RFC 4918 §14.22)."""
    return f"<D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 {status}</D:status>{error}</D:propstat>"


def response(href: str, found: str, missing: str) -> str:
    """Return the response for one resource: property elements it has, and those it was asked for and has not."""
    text = f"<D:response><D:href>{href}</D:href>"
    if found or not missing:
        text += propstat(found, "200 OK")
    if missing:
        text += propstat(missing, "404 Not Found")
    return text + "</D:response>"


@functools.lru_cache(maxsize=256)
def _prepared(wanted: Wanted, kind: int) -> tuple[str, tuple[Value, ...]]:
    """Return the template of a kind of resource without dead properties, and what fills it behind the address."""
    found, values, missing = shape(wanted.live, kind, names_only=wanted.names_only)
    missing = missing + "".join(map(element_text, wanted.dead)) if _tells_missing(wanted) else ""
    return response("%s", found, missing.replace("%", "%%")), values


def _tells_missing(wanted: Wanted) -> bool:
    return not (wanted.brief or wanted.all_dead)


class Printer:
    """Writes the responses of one request."""

    def __init__(self, wanted: Wanted, scene: Scene) -> None:
        self._wanted, self._scene = wanted, scene
        self._of_kind: dict[int, tuple[str, tuple[Value, ...]]] = {}

    def response(self, node: Node, href: str, lock_path: str, dead: Mapping[str, str]) -> str:
        """Return the response for a node. `href` is percent-encoded; `dead` are the node's dead properties."""
        if dead:
            return self._with_dead(node, href, lock_path, dead)
        known = self._of_kind.get(node.kind)
        if known is None:
            known = self._of_kind[node.kind] = _prepared(self._wanted, node.kind)
        template, values = known
        scene = self._scene
        return template % (href, *[value(node, lock_path, scene) for value in values])

    def _with_dead(self, node: Node, href: str, lock_path: str, dead: Mapping[str, str]) -> str:
        wanted = self._wanted
        found, values, missing = shape(wanted.live, node.kind, names_only=wanted.names_only)
        found %= tuple([value(node, lock_path, self._scene) for value in values])
        if wanted.names_only:
            found += "".join(map(element_text, dead))
        elif wanted.all_dead:
            found += "".join(dead.values())
        else:
            found += "".join([dead[name] for name in wanted.dead if name in dead])
            missing += "".join([element_text(name) for name in wanted.dead if name not in dead])
        return response(href, found, missing if _tells_missing(wanted) else "")
