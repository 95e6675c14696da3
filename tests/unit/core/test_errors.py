"""The tree of errors, as its docstring draws it."""

from __future__ import annotations

import inspect
import re

from core import errors
from core.errors import AccessDenied, GatewayError, QuotaExceeded


def test_the_drawing_shows_every_error_and_its_place() -> None:
    drawn = re.findall(r"^ +([│ ]*)[├└]── (\w+)", errors.__doc__ or "", re.MULTILINE)
    above: list[type] = [GatewayError]
    for indent, name in drawn:
        level = len(indent) // 4 + 1
        del above[level:]
        found = getattr(errors, name)
        assert issubclass(found, above[-1]), name
        above.append(found)
    defined = {name for name, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, GatewayError)}
    assert {name for _, name in drawn} == defined - {"GatewayError"}


def test_facts_are_what_the_error_was_made_with() -> None:
    assert QuotaExceeded(needed_bytes=3, free_bytes=2).facts() == {"needed_bytes": 3, "free_bytes": 2}
    assert "message_id" not in AccessDenied("access.read_only").facts()
