"""PUT (RFC 9110 §9.3.4; CLIENTS A1, A7, A8, F5)."""

from __future__ import annotations

import re
from http import HTTPStatus

from auth.transfers import Transfer
from core.errors import AlreadyExists, InvalidInput, NotAllowedHere
from core.http import BodyCut
from providers import conditions
from providers.errors import DavRefusal
from providers.http import DavRequest, Headers, Response, announced_bytes, count, instant_us
from storage import files, uploads
from storage.uploads import Announced

_MTIME = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?")
_CHECKSUM = re.compile(r"([A-Za-z0-9-]+):([A-Za-z0-9+/=]+)")
_DIGEST = re.compile(r"\s*([A-Za-z0-9-]+)=:([A-Za-z0-9+/=]*):\s*")


def put(request: DavRequest) -> Response:
    """Store the body under the name: 201 for a new file, 204 for a replaced one; whole or not at all."""
    if request.environ.get("PATH_INFO", "").endswith("/"):
        raise NotAllowedHere("a collection")
    if "HTTP_CONTENT_RANGE" in request.environ:
        raise InvalidInput("a part of a file cannot be replaced (Content-Range)")
    announced = Announced(_announced_bytes(request), _checksums(request), _modified_us(request))
    with request.transfer(sending=False) as transfer:
        read = _reader(request, transfer)
        check = conditions.of_request(request)
        written = uploads.write(request.fs, request.grant, request.names, read, announced, check)
    headers: Headers = [("ETag", written.node.etag)]
    if announced.modified_us is not None:
        headers.append(("X-OC-Mtime", "accepted"))
    return Response(201 if written.created else 204, headers)


def _reader(request: DavRequest, transfer: Transfer) -> uploads.Read:
    """Return what reads the body for as long as its sender may go on."""
    incoming: uploads.Read = request.environ["wsgi.input"].read

    def read(limit: int) -> bytes:
        transfer.check()
        try:
            return incoming(limit)
        except BodyCut:
            transfer.check()  # it was us who cut it
            raise

    return read


def _announced_bytes(request: DavRequest) -> int | None:
    """Return how long the body will be; None for a chunked one that does not say."""
    if (announced := announced_bytes(request.environ)) is not None:
        return announced
    expected = request.header("HTTP_X_EXPECTED_ENTITY_LENGTH")  # Finder (CLIENTS F5)
    if expected is None:
        if request.environ.get("azukari.unknown_length_unsafe"):
            raise DavRefusal(HTTPStatus.LENGTH_REQUIRED, "length.required")
        return None
    return count(expected.strip(), "X-Expected-Entity-Length")


def _modified_us(request: DavRequest) -> int | None:
    value = request.header("HTTP_X_OC_MTIME")
    if value is None:
        return None
    if not _MTIME.fullmatch(value.strip()):
        raise InvalidInput("X-OC-Mtime is not a number of seconds")
    return instant_us(float(value), "X-OC-Mtime")


def _checksums(request: DavRequest) -> dict[str, bytes]:
    """Return what the client says the body hashes to: OC-Checksum, Content-MD5, RFC 9530 digests."""
    found: dict[str, bytes] = {}
    if (value := request.header("HTTP_OC_CHECKSUM")) is not None:
        for algorithm, digest in _CHECKSUM.findall(value):
            if algorithm.lower() != "adler32":
                found.update([uploads.parse_checksum(algorithm, digest)])
    if (value := request.header("HTTP_CONTENT_MD5")) is not None:
        found.update([uploads.parse_checksum("md5", value.strip())])
    for name in ("HTTP_CONTENT_DIGEST", "HTTP_REPR_DIGEST"):
        for item in (request.header(name) or "").split(","):
            part = _DIGEST.fullmatch(item)
            if part is not None and part[1].lower() in ("sha-256", "sha-512"):
                found.update([uploads.parse_checksum(part[1], part[2])])
    return found


def mkcol(request: DavRequest) -> Response:
    """Create a collection (RFC 4918 §9.3): 201, 405 where the name is taken, 409 without a parent, 415 with a body."""
    if announced_bytes(request.environ) != 0:
        raise DavRefusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "mkcol.body")
    if not request.names:
        raise AlreadyExists("a folder")
    files.make_collection(request.fs, request.grant, request.names, conditions.of_request(request))
    return Response(201)
