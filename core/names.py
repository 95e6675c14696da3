"""Names of files and collections: Unicode NFC, and only what every client and XML can hold."""

from __future__ import annotations

import re
import unicodedata

from core.errors import InvalidName

#: The longest name, in UTF-8 bytes: what Linux, macOS and the common archives can hold.
MAX_NAME_BYTES = 255
#: How many collections deep a path may go below its folder.
MAX_DEPTH = 64

# Everything outside the Char production of XML 1.0 §2.2, and the separators nobody can type on purpose:
# one such name would make its whole collection unlistable (CLIENTS A11).
_FORBIDDEN = re.compile("[\x00-\x1f\x7f/\ud800-\udfff\ufffe\uffff]")


def normalise(name: str) -> str:
    """Return the name in NFC, as it is stored and compared (CLIENTS A6).

    Raises InvalidName for an empty name, `.` and `..`, control characters, characters XML cannot carry,
    and names over 255 bytes.
    """
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    if name in ("", ".", ".."):
        raise InvalidName(f"{name!r} is not a name")
    if found := _FORBIDDEN.search(name):
        raise InvalidName(f"the character U+{ord(found.group()):04X} cannot be part of a name")
    size_bytes = len(name) if name.isascii() else len(name.encode())
    if size_bytes > MAX_NAME_BYTES:
        raise InvalidName(f"the name is {size_bytes} bytes long, at most {MAX_NAME_BYTES} fit")
    return name


def split_path(path: str) -> tuple[str, ...]:
    """Return the names of a slash-separated path, each normalised; doubled slashes count as one.

    Raises InvalidName as `normalise` does, and for a path more than 64 names deep.
    """
    names = tuple(normalise(name) for name in path.split("/") if name)
    if len(names) > MAX_DEPTH:
        raise InvalidName(f"the path is {len(names)} levels deep, at most {MAX_DEPTH} are kept")
    return names
