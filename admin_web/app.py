"""The pages as one WSGI application."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Flask, request
from flask_bootstrap import Bootstrap5
from flask_openapi3.openapi import OpenAPI

from admin_web import (
    account,
    admin,
    board,
    browse,
    calendar_settings,
    changes,
    content,
    contests,
    cookies,
    errors,
    frame,
    help,
    incoming,
    keys,
    limits,
    lines,
    lockouts,
    log,
    login,
    operator,
    plan,
    public,
    publications,
    received,
    secret,
    security,
    service,
    settings,
    shares,
    statements,
    support,
    tokens,
    transfers,
    uploads,
    users,
    words,
)
from admin_web.api import document, subjects
from admin_web.cookies import FormsCookie
from admin_web.gate import EXTENSION
from admin_web.parts import Parts

#: First segments of the addresses that are answered here.
ADDRESSES = (
    "api",
    "login",
    "logout",
    "language",
    "account",
    "files",
    "admin",
    "operator",
    "support",
    "shares",
    "s",
    "transfers",
    "publications",
    "p",
    "contests",
    "board",
    "calendar",
    "help",
    "static",
    "bootstrap",
)

#: Every part of the pages.
PAGES = (
    login,
    account,
    tokens,
    secret,
    browse,
    changes,
    incoming,
    admin,
    users,
    limits,
    lockouts,
    keys,
    lines,
    plan,
    statements,
    log,
    settings,
    operator,
    service,
    support,
    shares,
    received,
    transfers,
    publications,
    public,
    calendar_settings,
    contests,
    board,
    help,
)

#: Forms without files: selections of a thousand names of 255 bytes fit.
_MAX_FORM_BYTES = 1024 * 1024


def create(parts: Parts) -> Flask:
    """Return the application that serves every page, and the HTTP API."""
    app = OpenAPI("admin_web", static_url_path="/static", **document.SETTINGS)
    app.secret_key = parts.signing_key
    app.config.update(
        # An error's page is made by `errors`; what cannot be answered at all goes on to the server.
        PROPAGATE_EXCEPTIONS=True,
        BOOTSTRAP_SERVE_LOCAL=True,
        PERMANENT_SESSION_LIFETIME=cookies.LONGEST,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        # A form is good as long as the page it is on; its token is bound to the browser's cookie.
        WTF_CSRF_TIME_LIMIT=None,
        MAX_FORM_MEMORY_SIZE=_MAX_FORM_BYTES,
        MAX_FORM_PARTS=2000,
    )
    app.session_interface = FormsCookie()
    app.extensions[EXTENSION] = parts
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.url_map.strict_slashes = False
    Bootstrap5(app)
    security.protect(app)
    errors.register(app)
    app.context_processor(_words)
    for module in PAGES:
        app.register_blueprint(module.blueprint)
    app.register_blueprint(uploads.blueprint)
    subjects.register(app)
    app.wsgi_app = public.cookieless(app.wsgi_app)  # type: ignore[method-assign, assignment]
    return app


def _words() -> dict[str, Any]:
    """Return what every template may use."""
    return {
        "t": words.t,
        "language": words.language,
        "size": words.size,
        "exact_size": words.exact_size,
        "instant": words.instant,
        "moment": words.moment,
        "day": words.day,
        "iso": words.iso,
        "file_icon": content.icon,
        "segment": lambda name: quote(name, safe=""),
        "page_rows": browse.PAGE_ROWS,
        "fee_words": plan.explain_fee,
        "act_words": log.act_words,
        "detail_words": log.detail_words,
        "upload_settings": incoming.settings,
        "shared_among": shares.marks,
        "here": lambda: request.full_path.rstrip("?") if request.method == "GET" else "",
        **frame.names(),
    }
