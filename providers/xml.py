"""XML in: parsed without DTDs, entities or network, and never more of it than the limit."""

from __future__ import annotations

from http import HTTPStatus

from lxml import etree

from core.errors import IncompleteUpload, InvalidInput
from providers.errors import DavRefusal
from providers.http import Environ, Limits, announced_bytes

DAV = "{DAV:}"
XML_HEAD = b'<?xml version="1.0" encoding="utf-8"?>\n'
XML_TYPE = ("Content-Type", "application/xml; charset=utf-8")


def read_body(environ: Environ, limits: Limits) -> bytes:
    """Return the whole body of a request that carries XML.

    Raises DavRefusal (413) beyond the limit, IncompleteUpload for a body that ends early.
    """
    limit, announced = limits.xml_bytes, announced_bytes(environ)
    if announced == 0:
        return b""
    if announced is not None and announced > limit:
        raise _too_large(limit)
    wanted = limit + 1 if announced is None else announced
    body, read = bytearray(), environ["wsgi.input"].read
    while len(body) < wanted and (block := read(min(65_536, wanted - len(body)))):
        body += block
    if announced is not None and len(body) < announced:
        raise IncompleteUpload(expected_bytes=announced, received_bytes=len(body))
    if len(body) > limit:
        raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> DavRefusal:
    return DavRefusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "xml.too_large", reason=str(limit))


def parse(body: bytes, *expected: str) -> etree._Element:
    """Return the root element, which must be one of `expected` (DAV: names, or Clark names of other namespaces).

    Raises InvalidInput for anything that is not well-formed, has a DOCTYPE (CLIENTS A3) or another root.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidInput(f"the XML body is not well-formed: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise InvalidInput("a DOCTYPE is not accepted")
    if root.tag not in [name if name.startswith("{") else DAV + name for name in expected]:
        raise InvalidInput(f"expected <{expected[0]}> in the body")
    return root


def element_text(tag: str, content: str = "") -> str:
    """Return an element of any namespace as text, self-contained; DAV: uses the prefix D of our documents."""
    namespace, _, name = tag.rpartition("}")
    namespace = namespace[1:]
    if namespace == "DAV:":
        opened = f"D:{name}"
        return f"<{opened}>{content}</{opened}>" if content else f"<{opened}/>"
    declared = f'{name} xmlns="{_attribute(namespace)}"'
    return f"<{declared}>{content}</{name}>" if content else f"<{declared}/>"


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
