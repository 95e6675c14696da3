"""What requests and answers of the API look like: strict about what comes in, the same words everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from core.clock import TOKYO

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class Shape(BaseModel):
    """Anything the API takes or gives; what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


#: A text without control characters; both databases can keep it.
Text = Annotated[str, StringConstraints(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
#: An id, a name or a login ID in an address. What it does not find is 404.
Key = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f/]+$")]
# A name holds no slash and no control character, and is neither `.` nor `..` (core.names).
_INSIDE = r"[^/\x00-\x1f\x7f\ufffe\uffff]"
_FIRST = r"[^/.\x00-\x1f\x7f\ufffe\uffff]"
_NAME = rf"({_FIRST}{_INSIDE}*|\.{_FIRST}{_INSIDE}*|\.\.{_INSIDE}+)"
#: A file's or folder's own name.
Name = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=f"^{_NAME}$")]
#: The path of a file or folder: `my/report.pdf`, `group/eigyo/2026`.
Path = Annotated[
    str,
    Field(description="`my`, `group/NAME`, `secret` or `security`, and names below it."),
    StringConstraints(max_length=16384, pattern=f"^(my|secret|security|group/{_NAME})(/{_NAME})*$"),
]
#: The path of a file or folder in one of them: `my/report.pdf`, but not `my`.
PathWithin = Annotated[
    str,
    Field(description="`my`, `group/NAME`, `secret` or `security`, and at least one name below it."),
    StringConstraints(max_length=16384, pattern=f"^(my|secret|security|group/{_NAME})(/{_NAME})+$"),
]


def _whole(given: object) -> object:
    """Return what was given; to JSON Schema `7.0` is the integer 7."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


#: A size in an answer, and a number or a switch in a JSON body: `"5"` and `1` are not taken for them.
Bytes = Annotated[int, Field(ge=0)]
Number = Annotated[int, Field(strict=True)]
#: Stands last in a bounded number of a JSON body: `Annotated[int, Field(strict=True, ge=1, le=9), WHOLE]`.
WHOLE = BeforeValidator(_whole)
Flag = Annotated[bool, Field(strict=True)]
#: An instant in an answer: ISO 8601 with Tokyo's offset.
Instant = Annotated[
    datetime,
    PlainSerializer(lambda at: at.astimezone(TOKYO).isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def _instant(given: object) -> object:
    """Return what was given; pydantic would take a number, or `0.5`, for a moment after 1970."""
    if given is not None and not (isinstance(given, str) and _INSTANT.match(given)):
        raise ValueError("an instant such as 2026-04-01T09:00:00+09:00 is expected")
    return given


_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:")
#: An instant in a request: ISO 8601 with an offset.
InstantGiven = Annotated[AwareDatetime, BeforeValidator(_instant)]


def _day(given: object) -> object:
    """Return what was given; pydantic would take a number for a day after 1970."""
    if given is not None and not isinstance(given, str):
        raise ValueError("a day such as 2026-04-01 is expected")
    return given


#: A day in a request: ISO 8601.
DayGiven = Annotated[date, BeforeValidator(_day)]
#: A network's address prefix.
Network = Annotated[
    str, StringConstraints(max_length=64), WithJsonSchema({"type": "string", "maxLength": 64, "format": "cidr"})
]

#: Rows of one page, and how many rows a list can be asked for from the start.
MAX_ROWS, MAX_OFFSET = 500, 1_000_000


class Page(Shape):
    """Which part of a list is asked for."""

    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET, description="Rows to leave out before the first.")] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS, description="Rows at most.")] = 100


class Rows(Shape, Generic[T]):
    """A part of a list. `next_offset` asks for the next one; it is null at the end."""

    items: list[T]
    next_offset: int | None


def rows(page: Page, found: Sequence[T], shape: Callable[[T], M]) -> Rows[M]:
    """Return one page of a whole list, each row in a shape."""
    end = page.offset + page.limit
    items = [shape(one) for one in found[page.offset : end]]
    return Rows(items=items, next_offset=end if end < len(found) else None)


class Problem(Shape):
    """What went wrong: a code for programs, a message for people in the language of Accept-Language."""

    code: str
    message: str


class Refusal(Shape):
    """Every answer of 400 and above."""

    error: Problem
