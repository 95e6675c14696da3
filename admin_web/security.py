"""What every page says to the browser about itself, and how forms prove that they are ours."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect, validate_csrf
from wtforms import ValidationError

from core.errors import AccessDenied

#: Everything from this host; scripts and styles from files alone. `data:` is for the pictures in Bootstrap's styles.
POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "img-src 'self' data:"
)
#: What people store never runs as a page of ours.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'"
#: Browsers show PDF in a viewer of their own, which a sandbox would switch off.
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"

csrf = CSRFProtect()


def require_form_token(token: str | None) -> None:
    """Return where a form or script of ours sent this. For bodies that are read as a stream; others are checked
    before their view runs.

    Raises AccessDenied.
    """
    try:
        validate_csrf(token)
    except ValidationError:
        raise AccessDenied("web.form_stale") from None


def protect(app: Flask) -> None:
    """Check forms and set headers on every answer."""
    csrf.init_app(app)
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
    if "Cache-Control" not in headers and not request.path.startswith(("/static/", "/bootstrap/")):
        headers["Cache-Control"] = "no-store"
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def local_path(given: str | None) -> str | None:
    """Return an address to go on to, if it is a path of ours; None for one that leads elsewhere.

    Browsers read `//host` and `/\\host` as another host, and drop control characters before they look.
    """
    if not given or not given.startswith("/") or given[1:2] in ("/", "\\"):
        return None
    return given if given.isprintable() and "\\" not in given else None
