"""What stands under /api/v1 and is answered elsewhere: by `gateway.api` before any page is loaded, and by tus 1.0."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict

from admin_web.api.shapes import Instant, Refusal
from admin_web.api.subject import PREFIX
from admin_web.api.who import PASSWORD, SESSION, TOKEN
from auth.tokens import Scope


class _Open(BaseModel):
    """A shape that others than this package check: what they do not know they let pass."""

    model_config = ConfigDict(extra="allow", frozen=True)


class DeviceRegistration(_Open):
    """What a new device shows: its login's ID and password, and the key it was issued (R13)."""

    login_id: str
    password: str
    device_key: str
    device_name: str
    public_key: str | None = None


class DeviceRegistered(_Open):
    """A new device and the password of its network drive, shown this once."""

    device_id: str
    dav_username: str
    dav_password: str
    dav_url: str
    certificate_pkcs12: str | None = None
    certificate_password: str | None = None


class LineCode(_Open):
    """A line, and the code its tool shows now (R17)."""

    line_id: str
    code: str


class LineSession(_Open):
    """What proves the line, as the header Azukari-Line-Session, until it expires."""

    token: str
    line_id: str
    expires_at: Instant


_SHAPES: tuple[type[_Open], ...] = (DeviceRegistration, DeviceRegistered, LineCode, LineSession)
_PASSWORD: list[Any] = [{PASSWORD: []}]


def _content(shape: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}}


def _operation(name: str, summary: str, answers: dict[int, str], **more: Any) -> dict[str, Any]:
    told = {str(status): {"description": words} for status, words in answers.items()}
    refused = {
        str(status): {"description": status.phrase, "content": _content(Refusal.__name__)}
        for status in map(HTTPStatus, (400, 401, 403, 404, 429, 503))
    }
    return {"operationId": name, "summary": summary, "responses": {**refused, **told}, **more}


def _posted(name: str, summary: str, given: type[_Open], answer: type[_Open], security: list[Any]) -> dict[str, Any]:
    found = _operation(name, summary, {}, tags=["devices"], security=security)
    found["requestBody"] = {"required": True, "content": _content(given.__name__)}
    found["responses"]["201"] = {"description": "Created", "content": _content(answer.__name__)}
    return {"post": found}


def _headers(*names: str) -> list[dict[str, Any]]:
    return [{"name": one, "in": "header", "required": True, "schema": {"type": "string"}} for one in names]


_VERSION, _UPLOAD = "Tus-Resumable", {"name": "upload_id", "in": "path", "required": True, "schema": {"type": "string"}}
_PIECE = {"required": False, "content": {"application/offset+octet-stream": {"schema": {"type": "string"}}}}


def _tus(name: str, summary: str, answers: dict[int, str], *headers: str, **more: Any) -> dict[str, Any]:
    scope = Scope.FILES_WRITE
    security: list[Any] = [{TOKEN: [scope.value]}, {SESSION: []}, {PASSWORD: []}]
    told = {**answers, 412: "Another version of the protocol is expected."}
    return _operation(
        name, summary, told, tags=["uploads"], security=security, parameters=_headers(_VERSION, *headers), **more
    )


_PATHS: dict[str, dict[str, Any]] = {
    f"{PREFIX}/devices": _posted(
        "register_device",
        "Exchange a device key for a device and its password",
        DeviceRegistration,
        DeviceRegistered,
        [],
    ),
    f"{PREFIX}/line-sessions": _posted(
        "open_line_session", "Prove the contract's line by a code of its tool", LineCode, LineSession, _PASSWORD
    ),
    f"{PREFIX}/uploads": {
        "post": _tus(
            "create_upload",
            "Begin an upload that can be resumed",
            {201: "Begun; Location is its address.", 413: "Too long.", 507: "No room."},
            "Upload-Length",
            "Upload-Metadata",
            requestBody=_PIECE,
        )
    },
    f"{PREFIX}/uploads/{{upload_id}}": {
        "parameters": [_UPLOAD],
        "head": _tus("show_upload", "Tell how much of an upload has arrived", {200: "Upload-Offset tells."}),
        "patch": _tus(
            "go_on_with_upload",
            "Go on with an upload",
            {204: "Kept.", 409: "Another offset is expected.", 413: "Too long.", 415: "No piece.", 423: "Busy."},
            "Upload-Offset",
            requestBody=_PIECE,
        ),
        "delete": _tus("end_upload", "End an upload and forget what has arrived", {204: "Gone."}),
    },
}


def methods_of(path: str) -> list[str]:
    """Return the methods of a path that are answered elsewhere."""
    return [one.upper() for one in _PATHS.get(path, {}) if one != "parameters"]


def add_to(document: dict[str, Any]) -> None:
    """Add the operations to a document; a second time changes nothing."""
    for path, operations in _PATHS.items():
        document["paths"].setdefault(path, {}).update(operations)
    for shape in _SHAPES:
        document["components"]["schemas"][shape.__name__] = shape.model_json_schema()
    if not any(tag["name"] == "uploads" for tag in document["tags"]):
        document["tags"].append({"name": "uploads", "description": "Uploads that can be resumed (tus 1.0)"})
