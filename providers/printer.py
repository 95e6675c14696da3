"""The `<D:response>` elements of a PROPFIND: one template a request and kind of resource, filled per entry."""

from __future__ import annotations

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


class Printer:
    """Writes responses for one request; what does not depend on the entry is prepared once."""

    def __init__(self, wanted: Wanted, scene: Scene) -> None:
        self._wanted, self._scene = wanted, scene
        self._tells_missing = not (wanted.brief or wanted.all_dead)
        self._prepared: dict[int, tuple[str, tuple[Value, ...]]] = {}

    def response(self, node: Node, href: str, lock_path: str, dead: Mapping[str, str]) -> str:
        """Return the response for a node. `href` is percent-encoded; `dead` are the node's dead properties."""
        if dead:
            return self._with_dead(node, href, lock_path, dead)
        template, values = self._prepared.get(node.kind) or self._prepare(node.kind)
        scene = self._scene
        return template % (href, *[value(node, lock_path, scene) for value in values])

    def _prepare(self, kind: int) -> tuple[str, tuple[Value, ...]]:
        wanted = self._wanted
        found, values, missing = shape(wanted.live, kind, names_only=wanted.names_only)
        missing = missing + "".join(map(element_text, wanted.dead)) if self._tells_missing else ""
        prepared = response("%s", found, missing.replace("%", "%%")), values
        self._prepared[kind] = prepared
        return prepared

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
        return response(href, found, missing if self._tells_missing else "")
