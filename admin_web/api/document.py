"""The OpenAPI document, and the page that shows it to people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from admin_web.api import elsewhere
from admin_web.api.refusals import misread
from admin_web.api.shapes import Refusal
from admin_web.api.subject import PREFIX
from admin_web.api.who import PASSWORD, SESSION, TOKEN
from admin_web.cookies import SESSION as SESSION_COOKIE

blueprint = Blueprint("api_document", __name__, url_prefix=PREFIX)

_WAYS_IN: dict[str, dict[str, Any]] = {
    TOKEN: {
        "type": "http",
        "scheme": "bearer",
        "description": "A token made on the page Account, or by `azukari token add`; its scopes say what it is for.",
    },
    PASSWORD: {
        "type": "http",
        "scheme": "basic",
        "description": "Login ID and the password of a registered device, as for the network drive: for files alone.",
    },
    SESSION: {
        "type": "apiKey",
        "in": "cookie",
        "name": f"__Host-{SESSION_COOKIE}",
        "description": "A browser that is signed in, from our own pages; a write shows the form token as X-CSRFToken.",
    },
}
#: How the application is told about its API.
SETTINGS: dict[str, Any] = {
    "info": Info(
        title="Azukari",
        version="1",
        description="What the pages do, by the same rules. Instants are ISO 8601 with an offset; sizes are bytes, "
        "money is yen.",
    ),
    "security_schemes": _WAYS_IN,
    "validation_error_status": 400,
    "validation_error_model": Refusal,
    "validation_error_callback": misread,
    "doc_ui": False,
}


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of everything under /api/v1."""
    found = cast(OpenAPI, current_app).api_doc
    elsewhere.add_to(found)
    return found


@blueprint.after_app_request
def _allow(response: Response) -> Response:
    """Name the methods that are answered before this application too (RFC 9110 §10.2.1)."""
    if "Allow" in response.headers:
        response.allow.update(elsewhere.methods_of(request.path))
    return response


@blueprint.get("/openapi.json")
def as_json() -> ResponseReturnValue:
    """Return the document; it says nothing that is secret."""
    return document()


@blueprint.get("/docs")
def as_page() -> ResponseReturnValue:
    """Show the document to people: no script, nothing from another host."""
    whole = document()
    by_tag: dict[str, list[Operation]] = {tag["name"]: [] for tag in whole["tags"]}
    for one in operations(whole):
        by_tag[one.tag].append(one)
    return render_template("api.html", tags=whole["tags"], operations=by_tag, prefix=PREFIX)


class Operation(NamedTuple):
    """An operation as people read of it. `scope` is None where any token will do, or none is asked for."""

    method: str
    path: str
    tag: str
    summary: str
    description: str
    scope: str | None
    parameters: tuple[str, ...]


def operations(whole: dict[str, Any]) -> Iterator[Operation]:
    """Yield every operation of a document in its order."""
    for path, item in whole["paths"].items():
        for method in _METHODS:
            if (told := item.get(method)) is not None:
                scopes = [scope for way in told.get("security", ()) for scope in way.get(TOKEN, ())]
                yield Operation(
                    method.upper(),
                    path.removeprefix(PREFIX),
                    told["tags"][0],
                    told["summary"],
                    told.get("description", ""),
                    scopes[0] if scopes else None,
                    tuple(_names(whole, told)),
                )


_METHODS = ("get", "head", "post", "put", "patch", "delete")


def _names(whole: dict[str, Any], told: dict[str, Any]) -> Iterator[str]:
    """Yield what an operation takes, beside what its address names; `?` marks what may be left out."""
    for one in told.get("parameters", ()):
        if one["in"] != "path":
            yield one["name"] + ("" if one.get("required") else "?")
    for content in told.get("requestBody", {}).get("content", {}).values():
        shape = whole["components"]["schemas"].get(content["schema"].get("$ref", "").rpartition("/")[2])
        if shape is not None:
            required = shape.get("required", ())
            yield from (name + ("" if name in required else "?") for name in shape.get("properties", ()))
