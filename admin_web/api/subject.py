"""A subject of the API: its operations, each with the scope it needs, checked before the request is read."""

from __future__ import annotations

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from admin_web.api import refusals, who
from admin_web.api.shapes import Refusal
from auth.tokens import OF_DEVICE_PASSWORD, Scope
from core.errors import GatewayError, InvalidInput

PREFIX = "/api/v1"

View = TypeVar("View", bound=Callable[..., Any])
#: What an answer that is no JSON is, by media type.
Media = dict[str, dict[str, Any]]


#: Bodies are short objects; a selection of a thousand names of 255 bytes fits.
_MAX_BODY_BYTES = 1024 * 1024


class Subject(APIBlueprint):
    """Operations of one subject. A view takes `path`, `query`, `body` or `raw` and returns a shape, a Response or None.

    `g.caller` (admin_web.gate.caller) is who calls; errors of `core.errors` become answers by themselves.
    """

    def __init__(self, name: str, description: str) -> None:
        refusals_by_status: Any = dict.fromkeys((400, 401, 403, 404, 409, 429, 503), Refusal)
        super().__init__(
            f"api_{name}",
            __name__,
            url_prefix=PREFIX,
            abp_tags=[Tag(name=name, description=description)],
            abp_responses=refusals_by_status,
        )
        self._needed: dict[str, Scope | None] = {}
        self.before_request(self._admit)
        self.register_error_handler(GatewayError, refusals.refuse)
        self.register_error_handler(RecursionError, _too_deep)

    def operation(
        self,
        address: str,
        *,
        scope: Scope | None,
        answer: type[BaseModel] | Media | None = None,
        status: int = 200,
        more: dict[int, Any] | None = None,
    ) -> Callable[[View], View]:
        """Register a view under an address such as `GET /shares/<share_id>`.

        `scope` None lets in whoever is known. `answer` None is 204. `more` are further answers by status: a shape,
        or `media(...)` of what is no JSON.
        """
        method, _, rule = address.partition(" ")
        good = HTTPStatus.NO_CONTENT if answer is None else HTTPStatus(status)
        responses = {good.value: _described(good, answer), **(more or {})}

        def register(view: View) -> View:
            self._needed[f"{self.name}.{view.__name__}"] = scope
            place = getattr(super(Subject, self), method.lower())
            place(
                rule,
                responses=responses,
                operation_id=view.__name__,
                security=_security(scope),
                description=_told(view, scope),
            )(_answering(view, good))
            return view

        return register

    def _admit(self) -> None:
        refusals.speak()
        who.admit(self._needed[request.endpoint or ""])
        request.max_content_length = _MAX_BODY_BYTES  # what is read as JSON; a file's bytes are streamed
        if repeated := [name for name, values in request.args.lists() if len(values) > 1]:
            raise InvalidInput(f"given more than once: {', '.join(sorted(repeated))}")


def _too_deep(_: RecursionError) -> Response:
    return refusals.refuse(InvalidInput("the body is nested too deep"))


def media(media_type: str, description: str, schema: dict[str, Any] | None = None) -> Media:
    """Return an answer that is no JSON: its media type and what it is."""
    return {"description": description, "content": {media_type: {"schema": schema or {"type": "string"}}}}  # type: ignore[dict-item]


def _described(status: HTTPStatus, answer: type[BaseModel] | Media | None) -> Any:
    return {"description": status.phrase} if answer is None else answer


def _security(scope: Scope | None) -> list[dict[str, list[str]]]:
    ways: list[dict[str, list[str]]] = [{who.TOKEN: [scope.value] if scope else []}, {who.SESSION: []}]
    return ways if scope is not None and scope not in OF_DEVICE_PASSWORD else [*ways, {who.PASSWORD: []}]


def _told(view: Callable[..., Any], scope: Scope | None) -> str:
    """Return an operation's description: its docstring's further lines, and its scope."""
    further = (view.__doc__ or "").strip().partition("\n")[2]
    needs = f"Scope: `{scope.value}`." if scope else "Any token will do."
    return " ".join([*further.split(), needs])


def _answering(view: Callable[..., Any], status: HTTPStatus) -> Callable[..., Response]:
    @functools.wraps(view)
    def answered(**given: Any) -> Response:
        made = view(**given)
        if isinstance(made, Response):
            return made
        if made is None:
            return Response(status=HTTPStatus.NO_CONTENT)
        return Response(made.model_dump_json(), status, mimetype="application/json")

    return answered
