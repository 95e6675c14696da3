"""Every operation of the document as a call that can be made: its address filled in, with a body of the right shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.unit.admin_web.api.callers import PREFIX, Program, Programs


@dataclass(frozen=True)
class Call:
    """One operation. `scope` is what its token needs; None: any will do."""

    method: str
    path: str
    scope: str | None
    body: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names(self) -> list[str]:
        """Return what its address leaves open."""
        return re.findall(r"{(\w+)}", self.path)

    def by(self, program: Program, **names: str) -> TestResponse:
        """Make the call; what is not named stands as `x`."""
        path = re.sub(r"{(\w+)}", lambda found: names.get(found[1], "x"), self.path)
        more = (
            {} if self.body is None else {"json": {**self.body, **{n: v for n, v in names.items() if n in self.body}}}
        )
        return program.ask(self.method, path, **more)


def document(programs: Programs) -> dict[str, Any]:
    """Return the document."""
    found: dict[str, Any] = programs.nobody().read("/openapi.json")
    return found


def calls(programs: Programs) -> Iterator[Call]:
    """Yield a call of every operation that is answered by the application and asks who calls."""
    whole = document(programs)
    for path, item in whole["paths"].items():
        for method, told in item.items():
            ways = [way for way in told.get("security", ()) if "token" in way] if isinstance(told, dict) else []
            if ways and told["tags"] != ["uploads"]:
                scopes = ways[0]["token"]
                content = told.get("requestBody", {}).get("content", {}).get("application/json")
                body = _example(whole, content["schema"]) if content else None
                yield Call(method.upper(), path.removeprefix(PREFIX), scopes[0] if scopes else None, body)


def _example(whole: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """Return something of a schema's shape."""
    if "$ref" in schema:
        return _example(whole, whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "anyOf" in schema:
        return _example(whole, schema["anyOf"][0])
    plain: dict[str | None, Any] = {"integer": schema.get("minimum", 1), "boolean": False, "null": None, "string": "x"}
    if schema.get("type") == "array":
        return [_example(whole, schema["items"])] * schema.get("minItems", 0)
    if schema.get("type") == "object":
        wanted = schema.get("required", ())
        return {name: _example(whole, schema["properties"][name]) for name in wanted}
    if schema.get("format") == "date-time":
        return "2026-04-01T09:00:00+09:00"
    return plain[schema.get("type")]
