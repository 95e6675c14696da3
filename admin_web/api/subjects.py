"""Every subject of the API, in the order the document tells them."""

from __future__ import annotations

from flask_openapi3.openapi import OpenAPI

from admin_web.api import document, file_changes, me
from admin_web.api.subject import Subject
from admin_web.security import csrf

SUBJECTS: tuple[Subject, ...] = (
    me.subject,
    file_changes.subject,
)


def register(app: OpenAPI) -> None:
    """Serve the API in an application. Its requests need no form token, but for those of a session (`who`)."""
    app.register_blueprint(document.blueprint)
    for subject in SUBJECTS:
        app.register_api(subject)
        csrf.exempt(subject)
