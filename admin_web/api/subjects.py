"""Every subject of the API, in the order the document tells them."""

from __future__ import annotations

from flask_openapi3.openapi import OpenAPI

from admin_web.api import (
    board,
    calendars,
    contests,
    contract,
    devices,
    document,
    file_changes,
    log,
    me,
    people,
    plan,
    publications,
    shares,
    staff,
    tokens,
    transfers,
)
from admin_web.api.subject import Subject
from admin_web.security import csrf

SUBJECTS: tuple[Subject, ...] = (
    me.subject,
    tokens.subject,
    file_changes.subject,
    devices.subject,
    people.subject,
    contract.subject,
    plan.subject,
    log.subject,
    shares.subject,
    publications.subject,
    transfers.subject,
    contests.subject,
    calendars.subject,
    board.subject,
    staff.operator,
    staff.support,
)


def register(app: OpenAPI) -> None:
    """Serve the API in an application. Its requests need no form token, but for those of a session (`who`)."""
    app.register_blueprint(document.blueprint)
    for subject in SUBJECTS:
        require_own_names(app, subject)
        app.register_api(subject)
        csrf.exempt(subject)


def require_own_names(app: OpenAPI, subject: Subject) -> None:
    """Raise ValueError where two shapes have one name: in the document, the second would stand for both."""
    for name, schema in subject.components_schemas.items():
        if app.components_schemas.get(name, schema) != schema:
            raise ValueError(f"{name} is a shape of another subject already; name it anew in {subject.name}")
