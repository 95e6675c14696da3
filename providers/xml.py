"""XML in: parsed without DTDs, entities or network, and never more of it than the limit."""

from __future__ import annotations

from http import HTTPStatus

from lxml import etree

from core.errors import InvalidInput
from providers.errors import DavRefusal
from providers.http import DavRequest

DAV = "{DAV:}"
XML_HEAD = b'<?xml version="1.0" encoding="utf-8"?>\n'
XML_TYPE = ("Content-Type", "application/xml; charset=utf-8")


def read_body(request: DavRequest) -> bytes:
    """Return the whole body of a request that carries XML. Raises DavRefusal (413) beyond the limit."""
    limit = request.limits.xml_bytes
    environ = request.environ
    announced = environ.get("CONTENT_LENGTH") or ""
    if not announced and "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    if announced and int(announced) > limit:
        raise DavRefusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "xml.too_large", reason=f"{limit}")
    body, read = bytearray(), environ["wsgi.input"].read
    while len(body) <= limit and (block := read(min(65_536, limit + 1 - len(body)))):
        body += block
    if len(body) > limit:
        raise DavRefusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "xml.too_large", reason=f"{limit}")
    return bytes(body)


def parse(body: bytes, *expected: str) -> etree._Element:
    """Return the root element, which must be one of `expected` (DAV: names).

    Raises InvalidInput for anything that is not well-formed, has a DOCTYPE (CLIENTS A3) or another root.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidInput(f"the XML body is not well-formed: {error}") from None
    if root.getroottree().docinfo.doctype:
        raise InvalidInput("a DOCTYPE is not accepted")
    if root.tag not in [DAV + name for name in expected]:
        raise InvalidInput(f"expected <{expected[0]}> in the body")
    for element in root.iter():
        if isinstance(element, etree._Entity):
            raise InvalidInput("entities are not accepted")
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
