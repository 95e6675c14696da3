"""The live properties (RFC 4918 §15, RFC 4331), made into one template a request and kind of resource."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import NamedTuple

from providers.href import content_type, escape, http_date, iso_date, quote_names
from providers.http import Target
from providers.xml import DAV, element_text
from storage.files import Quota
from storage.locks import Lock
from storage.nodes import FILE, Node

#: The kind of the collections above the folders (`providers.root`): they have no row, no times and no locks.
FIXED = 2

_SUPPORTED_LOCK = (
    "<D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
    "<D:lockentry><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
)


class Scene(NamedTuple):
    """What a listing knows beside the rows: quota and locks are asked once a request, and only if wanted."""

    quota: Quota | None
    locks: tuple[Lock, ...]
    root_length: int
    target: Target | None


#: Returns what stands inside one property's element: of a node, at its lock path, in a scene.
Value = Callable[[Node, str, Scene], object]
#: A property's content is the same for all nodes of a kind, or a value of each; None: the kind does not have it.
_Content = str | Value | None


class _Live(NamedTuple):
    """One live property, by kind of resource."""

    file: _Content
    collection: _Content
    fixed: _Content


def _modified(node: Node, path: str, scene: Scene) -> object:
    return http_date(node.modified_us)


def _created(node: Node, path: str, scene: Scene) -> object:
    return iso_date(node.created_us)


def _title(node: Node, path: str, scene: Scene) -> object:
    return escape(node.name)


def _available(node: Node, path: str, scene: Scene) -> object:
    assert scene.quota is not None, "asked for whenever it is wanted"
    return scene.quota.available_bytes


def _used(node: Node, path: str, scene: Scene) -> object:
    assert scene.quota is not None, "asked for whenever it is wanted"
    return scene.quota.used_bytes


def _active_locks(node: Node, path: str, scene: Scene) -> object:
    if not scene.locks:
        return ""
    found = [one for one in scene.locks if one.path == path or (one.infinite_depth and path.startswith(one.path + "/"))]
    return active_locks(found, scene)


def active_locks(found: Iterable[Lock], scene: Scene) -> str:
    """Return the content of a lockdiscovery property for some locks (RFC 4918 §15.8)."""
    return "".join([_active_lock(one, scene) for one in found])


def lock_root(lock_path: str, scene: Scene) -> str:
    """Return the address of the resource a lock stands on."""
    assert scene.target is not None, "locks stand inside folders only"
    kept = lock_path[scene.root_length :].split("/")[1:]
    cipher = scene.target.cipher
    return quote_names(scene.target.base_href, tuple(kept if cipher is None else map(cipher.open, kept)))


def _active_lock(lock: Lock, scene: Scene) -> str:
    owner = f"<D:owner>{lock.owner_xml}</D:owner>" if lock.owner_xml else ""
    return (
        f"<D:activelock><D:locktype><D:write/></D:locktype>"
        f"<D:lockscope><D:{'exclusive' if lock.exclusive else 'shared'}/></D:lockscope>"
        f"<D:depth>{'infinity' if lock.infinite_depth else '0'}</D:depth>{owner}"
        f"<D:timeout>Second-{lock.timeout_seconds}</D:timeout>"
        f"<D:locktoken><D:href>{lock.token}</D:href></D:locktoken>"
        f"<D:lockroot><D:href>{lock_root(lock.path, scene)}</D:href></D:lockroot></D:activelock>"
    )


_COLLECTION_TYPE = "<D:collection/>"
_LIVE: dict[str, _Live] = {
    DAV + "resourcetype": _Live("", _COLLECTION_TYPE, _COLLECTION_TYPE),
    DAV + "getcontentlength": _Live(lambda node, path, scene: node.size_bytes, None, None),
    DAV + "getlastmodified": _Live(_modified, _modified, None),
    DAV + "getetag": _Live(lambda node, path, scene: node.etag, None, None),
    DAV + "getcontenttype": _Live(lambda node, path, scene: content_type(node), None, None),
    DAV + "creationdate": _Live(_created, _created, None),
    DAV + "displayname": _Live(_title, _title, _title),
    DAV + "lockdiscovery": _Live(_active_locks, _active_locks, ""),
    DAV + "supportedlock": _Live(_SUPPORTED_LOCK, _SUPPORTED_LOCK, ""),
    DAV + "quota-available-bytes": _Live(None, _available, _available),
    DAV + "quota-used-bytes": _Live(None, _used, _used),
}
LIVE = tuple(_LIVE)
QUOTA = (DAV + "quota-available-bytes", DAV + "quota-used-bytes")
#: RFC 4331 §3: quota properties are left out of allprop, because they may be costly elsewhere.
ALLPROP = tuple(name for name in LIVE if name not in QUOTA)
#: What Explorer needs of an entry: its listings must stay under the client's limit (CLIENTS W5).
BRIEF_ALLPROP = tuple(DAV + name for name in ("resourcetype", "getcontentlength", "getlastmodified", "creationdate"))


class Shape(NamedTuple):
    """What one kind of resource answers to a list of properties.

    `found` is a %-template of property elements to be filled with `values`; `missing` has elements, ready as
    they are, for the properties that this kind does not have.
    """

    found: str
    values: tuple[Value, ...]
    missing: str


@functools.lru_cache(maxsize=256)
def shape(wanted: tuple[str, ...], kind: int, *, names_only: bool = False) -> Shape:
    """Return the shape of some live properties for a kind of resource; with `names_only` no property has a value."""
    found, values, missing = [], [], []
    for name in wanted:
        content = _LIVE[name].file if kind == FILE else _LIVE[name].collection
        content = _LIVE[name].fixed if kind == FIXED else content
        if content is None:
            missing.append(element_text(name))
        elif names_only:
            found.append(element_text(name))
        elif isinstance(content, str):
            found.append(element_text(name, content))
        else:
            found.append(element_text(name, "%s"))
            values.append(content)
    return Shape("".join(found), tuple(values), "".join(missing))
