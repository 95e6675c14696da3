"""The live properties, each as a function from a node to its XML (RFC 4918 §15, RFC 4331)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from providers.href import content_type, escape, http_date, iso_date, quote_names
from providers.xml import DAV
from storage.files import Quota
from storage.locks import Lock
from storage.nodes import Node

SUPPORTED_LOCK = (
    "<D:supportedlock>"
    "<D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
    "<D:lockentry><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
    "</D:supportedlock>"
)


class Scene(NamedTuple):
    """What a listing knows beside the rows: quota and locks are asked once a request, and only if wanted."""

    quota: Quota | None
    locks: tuple[Lock, ...]
    lock_path: str
    root_length: int
    base_href: str


#: Renders one property of one node; None where the node has no such property.
Render = Callable[[Node, str, Scene], str | None]


def _length(node: Node, path: str, scene: Scene) -> str | None:
    return None if node.kind == 0 else f"<D:getcontentlength>{node.size_bytes}</D:getcontentlength>"


def _type(node: Node, path: str, scene: Scene) -> str | None:
    return None if node.kind == 0 else f"<D:getcontenttype>{content_type(node)}</D:getcontenttype>"


def _etag(node: Node, path: str, scene: Scene) -> str | None:
    return None if node.kind == 0 else f"<D:getetag>{node.etag}</D:getetag>"


def _modified(node: Node, path: str, scene: Scene) -> str | None:
    return f"<D:getlastmodified>{http_date(node.modified_us)}</D:getlastmodified>"


def _created(node: Node, path: str, scene: Scene) -> str | None:
    return f"<D:creationdate>{iso_date(node.created_us)}</D:creationdate>"


def _name(node: Node, path: str, scene: Scene) -> str | None:
    return f"<D:displayname>{escape(node.name)}</D:displayname>"


def _resource_type(node: Node, path: str, scene: Scene) -> str | None:
    return "<D:resourcetype><D:collection/></D:resourcetype>" if node.kind == 0 else "<D:resourcetype/>"


def _available(node: Node, path: str, scene: Scene) -> str | None:
    if node.kind or scene.quota is None:
        return None
    return f"<D:quota-available-bytes>{scene.quota.available_bytes}</D:quota-available-bytes>"


def _used(node: Node, path: str, scene: Scene) -> str | None:
    if node.kind or scene.quota is None:
        return None
    return f"<D:quota-used-bytes>{scene.quota.used_bytes}</D:quota-used-bytes>"


def _supported_lock(node: Node, path: str, scene: Scene) -> str | None:
    return SUPPORTED_LOCK


def _lock_discovery(node: Node, path: str, scene: Scene) -> str | None:
    if not scene.locks:
        return "<D:lockdiscovery/>"
    found = [one for one in scene.locks if one.path == path or (one.infinite_depth and path.startswith(one.path + "/"))]
    return lock_discovery(found, scene)


def lock_discovery(found: Iterable[Lock], scene: Scene) -> str:
    """Return the lockdiscovery property for some locks (RFC 4918 §15.8)."""
    return "<D:lockdiscovery>" + "".join(_active_lock(one, scene) for one in found) + "</D:lockdiscovery>"


def _active_lock(lock: Lock, scene: Scene) -> str:
    names = tuple(lock.path[scene.root_length :].split("/")[1:])
    owner = f"<D:owner>{lock.owner_xml}</D:owner>" if lock.owner_xml else ""
    return (
        f"<D:activelock><D:locktype><D:write/></D:locktype>"
        f"<D:lockscope><D:{'exclusive' if lock.exclusive else 'shared'}/></D:lockscope>"
        f"<D:depth>{'infinity' if lock.infinite_depth else '0'}</D:depth>{owner}"
        f"<D:timeout>Second-{lock.timeout_seconds}</D:timeout>"
        f"<D:locktoken><D:href>{lock.token}</D:href></D:locktoken>"
        f"<D:lockroot><D:href>{quote_names(scene.base_href, names)}</D:href></D:lockroot></D:activelock>"
    )


LIVE: dict[str, Render] = {
    DAV + "resourcetype": _resource_type,
    DAV + "getcontentlength": _length,
    DAV + "getlastmodified": _modified,
    DAV + "getetag": _etag,
    DAV + "getcontenttype": _type,
    DAV + "creationdate": _created,
    DAV + "displayname": _name,
    DAV + "lockdiscovery": _lock_discovery,
    DAV + "supportedlock": _supported_lock,
    DAV + "quota-available-bytes": _available,
    DAV + "quota-used-bytes": _used,
}
QUOTA = (DAV + "quota-available-bytes", DAV + "quota-used-bytes")
#: RFC 4331 §3: quota properties are left out of allprop, because they may be costly elsewhere.
ALLPROP = tuple(name for name in LIVE if name not in QUOTA)
#: What Explorer needs of an entry: its listings must stay under the client's limit (CLIENTS W5).
BRIEF_ALLPROP = tuple(DAV + name for name in ("resourcetype", "getcontentlength", "getlastmodified", "creationdate"))
