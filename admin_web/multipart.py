"""A form with files, read as it arrives (RFC 7578): no part waits in memory or in a temporary file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from core.errors import InvalidInput
from storage.uploads import Read

_READ_BYTES = 256 * 1024
#: What is held at a time: a block just read, and a part's headers.
_MAX_BUFFER_BYTES = 1024 * 1024
#: Fields are tokens and check boxes.
_MAX_FIELD_BYTES = 64 * 1024


@dataclass
class Part:
    """A file of a form. `read` gives its bytes; it is read to its end before the next one is asked for."""

    name: str
    read: Read
    fields: dict[str, str] = field(default_factory=dict)


class Form:
    """The files of a multipart body in order, each with the fields that stood before it."""

    def __init__(self, content_type: str, read: Read) -> None:
        mimetype, options = parse_options_header(content_type)
        boundary = options.get("boundary", "")
        if mimetype != "multipart/form-data" or not boundary.isascii() or not boundary:
            raise InvalidInput("a form with files is expected")
        self._decoder = MultipartDecoder(boundary.encode(), max_form_memory_size=_MAX_BUFFER_BYTES)
        self._read = read
        self._fields: dict[str, str] = {}
        self._left = b""
        self._more = False

    def files(self) -> Iterator[Part]:
        """Yield each file that was chosen. Raises InvalidInput where the body is not such a form."""
        while not isinstance(event := self._next(), Epilogue):
            if isinstance(event, Field):
                self._more = True
                self._fields[event.name] = self._field()
            elif isinstance(event, File):
                self._more = True
                if event.filename:
                    yield Part(event.filename, self._take, dict(self._fields))
                while self._take(_READ_BYTES):
                    pass

    def _field(self) -> str:
        taken = b""
        while block := self._take(_MAX_FIELD_BYTES):
            taken += block
            if len(taken) > _MAX_FIELD_BYTES:
                raise InvalidInput("a field of the form is too long")
        return taken.decode("utf-8", "replace")

    def _take(self, limit: int) -> bytes:
        """Return up to so many bytes of the present part, b"" at its end."""
        while not self._left and self._more:
            event = self._next()
            if not isinstance(event, Data):
                raise InvalidInput("the form ends within a part")
            self._left, self._more = bytes(event.data), event.more_data
        block, self._left = self._left[:limit], self._left[limit:]
        return block

    def _next(self) -> Field | File | Data | Epilogue:
        try:
            while True:
                event = self._decoder.next_event()
                if isinstance(event, Field | File | Data | Epilogue):
                    return event
                if isinstance(event, NeedData):
                    self._decoder.receive_data(self._read(_READ_BYTES) or None)
        except ValueError as error:
            raise InvalidInput(f"the form cannot be read: {error}") from None
