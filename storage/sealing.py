"""How the contents and names of a Secret Folder are kept: encrypted, and still readable from any offset (R18).

A file is cut into segments of 64 KiB, each sealed by AES-256-GCM with its number as the nonce. Every object has
a key of its own, derived from the folder's key and the object's id; an object is written once, so no nonce is
ever used twice under one key. A name is sealed by AES-SIV (RFC 5297), which gives one name one sealed form, so
that it can be looked up; equal names in two collections look equal, and nothing else of a name shows.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from typing_extensions import Buffer

from core.errors import StoreUnavailable

#: Of a folder key: as long as the AES keys derived from it.
FOLDER_KEY_BYTES = 32
SEGMENT_BYTES = 64 * 1024
TAG_BYTES = 16
_SEALED_SEGMENT_BYTES = SEGMENT_BYTES + TAG_BYTES
_NONCE_BYTES = 12
_SIV_KEY_BYTES = 64


def sealed_size(size_bytes: int) -> int:
    """Return how many bytes a file of `size_bytes` takes in the object store."""
    segments = -(-size_bytes // SEGMENT_BYTES)
    return size_bytes + segments * TAG_BYTES


class Span(NamedTuple):
    """Which part of a sealed object holds a range of the file.

    `start` and `length` count sealed bytes; the range begins `skip` bytes into segment `first_segment`.
    """

    start: int
    length: int
    first_segment: int
    skip: int


def span_of(start: int, length: int, *, size_bytes: int) -> Span:
    """Return the whole segments that cover `length` > 0 bytes from `start` of a file of `size_bytes`."""
    first, last = start // SEGMENT_BYTES, (start + length - 1) // SEGMENT_BYTES
    sealed_start = first * _SEALED_SEGMENT_BYTES
    sealed_end = min((last + 1) * _SEALED_SEGMENT_BYTES, sealed_size(size_bytes))
    return Span(sealed_start, sealed_end - sealed_start, first, start - first * SEGMENT_BYTES)


class ObjectCipher:
    """Seals and opens the segments of one object."""

    __slots__ = ("_aes",)

    def __init__(self, folder_key: bytes, object_id: str) -> None:
        self._aes = AESGCM(_derived(folder_key, f"object {object_id}", FOLDER_KEY_BYTES))

    def seal(self, segment: int, data: bytes | memoryview) -> bytes:
        """Return a segment of at most `SEGMENT_BYTES`, sealed."""
        return self._aes.encrypt(segment.to_bytes(_NONCE_BYTES, "big"), data, None)

    def open(self, segment: int, sealed: bytes) -> bytes:
        """Return a segment's bytes. Raises StoreUnavailable where they are not what was stored."""
        try:
            return self._aes.decrypt(segment.to_bytes(_NONCE_BYTES, "big"), sealed, None)
        except InvalidTag:
            raise StoreUnavailable(f"segment {segment} is not what was stored") from None


class Sealer:
    """Seals a file as it arrives, in blocks of any size."""

    def __init__(self, cipher: ObjectCipher) -> None:
        self._cipher = cipher
        self._segment = 0
        self._pending = b""

    def feed(self, block: Buffer) -> bytes:
        """Take the next bytes and return the segments that are full by now, sealed; maybe none."""
        data = memoryview(block)
        if self._pending:
            data = memoryview(self._pending + data)
        whole = len(data) // SEGMENT_BYTES * SEGMENT_BYTES
        self._pending = bytes(data[whole:])
        return self._seal_all(data[:whole])

    def finish(self) -> bytes:
        """Return the last, shorter segment, sealed; nothing where the file ends with a full one."""
        last, self._pending = self._pending, b""
        return self._seal_all(memoryview(last))

    def _seal_all(self, data: memoryview) -> bytes:
        sealed = []
        for at in range(0, len(data), SEGMENT_BYTES):
            sealed.append(self._cipher.seal(self._segment, data[at : at + SEGMENT_BYTES]))
            self._segment += 1
        return b"".join(sealed)


def opened(cipher: ObjectCipher, blocks: Iterable[Buffer], span: Span, length: int) -> Iterator[bytes]:
    """Yield `length` bytes of a file from the sealed blocks of a span, a block for a block.

    Raises StoreUnavailable where a segment is not what was stored. Closing it closes the source.
    """
    pending, segment, skip, left = bytearray(), span.first_segment, span.skip, length
    sealed_left = span.length
    source = iter(blocks)
    try:
        for block in source:
            pending += memoryview(block)
            sealed_left -= len(memoryview(block))
            parts = []
            while len(pending) >= _SEALED_SEGMENT_BYTES or (pending and sealed_left == 0):
                data = cipher.open(segment, bytes(pending[:_SEALED_SEGMENT_BYTES]))
                del pending[:_SEALED_SEGMENT_BYTES]
                parts.append(data[skip : skip + left])
                left -= len(parts[-1])
                segment, skip = segment + 1, 0
            if parts:
                yield b"".join(parts)
    finally:
        close = getattr(source, "close", None)
        if close is not None:
            close()


class NameCipher:
    """Seals and opens the names of one folder."""

    __slots__ = ("_siv",)

    def __init__(self, folder_key: bytes) -> None:
        self._siv = AESSIV(_derived(folder_key, "names", _SIV_KEY_BYTES))

    def seal(self, name: str) -> str:
        """Return the form under which a name is kept: URL-safe characters, the same for the same name."""
        return base64.urlsafe_b64encode(self._siv.encrypt(name.encode(), None)).decode("ascii").rstrip("=")

    def open(self, sealed: str) -> str:
        """Return the name. Raises StoreUnavailable for one that was not sealed with this folder's key."""
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            return self._siv.decrypt(raw, None).decode()
        except (InvalidTag, ValueError, binascii.Error):
            raise StoreUnavailable("a name cannot be opened with this folder's key") from None


def _derived(folder_key: bytes, purpose: str, size_bytes: int) -> bytes:
    return HKDF(SHA256(), size_bytes, salt=None, info=f"azukari {purpose}".encode()).derive(folder_key)
