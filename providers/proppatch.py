"""PROPPATCH (RFC 4918 §9.2): all instructions or none."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import NamedTuple

from lxml import etree

from core.errors import InvalidInput
from providers import conditions
from providers.http import DavRequest, Response, instant_us
from providers.live import LIVE
from providers.printer import CLOSE, OPEN, propstat
from providers.xml import DAV, XML_TYPE, element_text, parse, read_body
from storage import files

_MICROSOFT = "{urn:schemas-microsoft-com:}"
_WIN32 = frozenset(
    _MICROSOFT + name
    for name in ("Win32CreationTime", "Win32LastModifiedTime", "Win32LastAccessTime", "Win32FileAttributes")
)
#: Times a client may set: where they go beside being kept as the client wrote them (CLIENTS A8).
_MODIFIED = (_MICROSOFT + "Win32LastModifiedTime", DAV + "getlastmodified")
_CREATED = (_MICROSOFT + "Win32CreationTime",)
_MAX_NAME_CHARACTERS = 512
#: Listings hold a page of values in memory: what is larger belongs into a file.
_MAX_VALUE_BYTES = 65_536


class _Changes(NamedTuple):
    """What a propertyupdate asks for, in document order; a later instruction on a name wins."""

    values: dict[str, str | None]
    modified_us: int | None
    created_us: int | None
    protected: tuple[str, ...]


def proppatch(request: DavRequest) -> Response:
    """Set and remove dead properties and the times clients keep; answer 207. Depth plays no part."""
    changes = _read(parse(read_body(request.environ, request.limits), "propertyupdate"))
    if changes.protected:
        files.stat(request.fs, request.grant, request.names)
        return _refused(request, changes)
    files.set_properties(
        request.fs,
        request.grant,
        request.names,
        {name: value for name, value in changes.values.items() if name not in LIVE},
        conditions.of_request(request),
        # Explorer sets these without a token while its own user has the file locked (CLIENTS O4, W4).
        own_locks_suffice=all(name in _WIN32 for name in changes.values),
        modified_us=changes.modified_us,
        created_us=changes.created_us,
    )
    found = "".join(map(element_text, changes.values))
    return _answer(request, propstat(found, "200 OK"))


def _read(root: etree._Element) -> _Changes:
    values: dict[str, str | None] = {}
    times: dict[str, int] = {}
    protected: list[str] = []
    for instruction in root:
        if instruction.tag not in (DAV + "set", DAV + "remove"):
            continue
        for element in (one for prop in instruction.findall(DAV + "prop") for one in prop):
            name = str(element.tag)
            if len(name) > _MAX_NAME_CHARACTERS:
                raise InvalidInput(f"a property name is longer than {_MAX_NAME_CHARACTERS} characters")
            setting = instruction.tag == DAV + "set"
            if name in (*_MODIFIED, *_CREATED) and setting:
                _note_time(times, name, element.text)
            elif name in LIVE:
                protected.append(name)
            values[name] = _outer_xml(element) if setting else None
    if not values:
        raise InvalidInput("propertyupdate names no property")
    modified = [times[name] for name in _MODIFIED if name in times]
    created = [times[name] for name in _CREATED if name in times]
    return _Changes(values, modified[0] if modified else None, created[0] if created else None, tuple(protected))


def _outer_xml(element: etree._Element) -> str:
    value = etree.tostring(element, encoding="unicode", with_tail=False)
    if len(value.encode()) > _MAX_VALUE_BYTES:
        raise InvalidInput(f"a property value is longer than {_MAX_VALUE_BYTES} bytes")
    return value


def _note_time(times: dict[str, int], name: str, text: str | None) -> None:
    """Add the instant a property states. A Win32 one that cannot be read is kept as it was sent, and sets nothing."""
    try:
        times[name] = instant_us(parsedate_to_datetime(text or "").timestamp(), name)
    except (ValueError, TypeError, OverflowError, InvalidInput):
        if name not in _WIN32:
            raise InvalidInput("getlastmodified is not an HTTP date") from None


def _refused(request: DavRequest, changes: _Changes) -> Response:
    protected = "".join(map(element_text, dict.fromkeys(changes.protected)))
    others = "".join(element_text(name) for name in changes.values if name not in changes.protected)
    error = "<D:error><D:cannot-modify-protected-property/></D:error>"
    refused = propstat(protected, "403 Forbidden", error)
    return _answer(request, refused + (propstat(others, "424 Failed Dependency") if others else ""))


def _answer(request: DavRequest, propstats: str) -> Response:
    href = request.target.href
    body = f"<D:response><D:href>{href}</D:href>{propstats}</D:response>"
    return Response(207, [XML_TYPE], OPEN + body.encode() + CLOSE)
