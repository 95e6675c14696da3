"""The OpenAPI document, and the page that shows it to people."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

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
    return cast(OpenAPI, current_app).api_doc


@blueprint.get("/openapi.json")
def as_json() -> ResponseReturnValue:
    """Return the document; it says nothing that is secret."""
    return document()


@blueprint.get("/docs")
def as_page() -> ResponseReturnValue:
    """Show the document to people: no script, nothing from another host."""
    return render_template("api.html", document=document())
