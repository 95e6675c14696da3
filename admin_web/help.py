"""How to connect the drive, and what each refusal means."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from admin_web import cookies
from admin_web.errors import status_of_kind
from admin_web.gate import shown, signed_in
from admin_web.words import language
from auth import clients
from core import messages
from core.errors import GatewayError, PreconditionFailed
from core.texts import access

blueprint = Blueprint("help", __name__, url_prefix="/help")

PLATFORMS = ("windows", "macos", "linux", "ios", "android")


#: What the numbers mean in general, on the drive and in the browser.
NUMBERS = (400, 401, 403, 404, 409, 410, 412, 422, 423, 429, 500, 503, 507)
#: Reasons of AccessDenied beside those of auth; a test finds what is missing here.
_REASONS = (
    "board.attachment_closed", "board.may_not_delete", "board.may_not_pin", "board.not_yours", "board.read_only",
    "calendar.invitation_stays", "calendar.read_only", "calendar.shared_stays", "contest.may_not_host",
    "link.folder", "publish.forbidden", "share.password_wrong", "token.device_needed", "token.role",
    "upload.secret_folder", "web.account.wrong", "web.form_stale",
)  # fmt: skip
#: Beside errors of their own these are why somebody may not.
_NOT_REASONS = ("not.authenticated", "device.required", "locked.out", "session.ended")


def refusals() -> dict[int, list[str]]:
    """Return every refusal's message id by the number it comes with."""
    found: dict[int, set[str]] = {number: set() for number in NUMBERS}
    for kind in _kinds(GatewayError):
        number = 412 if issubclass(kind, PreconditionFailed) else status_of_kind(kind).value
        found.setdefault(number, set()).add(kind.message_id)
    found[401].add("session.ended")
    found[403].update(one for one in (*access.TEXTS, *_REASONS) if one not in _NOT_REASONS)
    found[500].add("internal")
    return {number: sorted(filter(messages.knows, ids)) for number, ids in sorted(found.items())}


def _kinds(kind: type[GatewayError]) -> Iterator[type[GatewayError]]:
    yield kind
    for below in kind.__subclasses__():
        if below.__module__ == kind.__module__:
            yield from _kinds(below)


def drive_url() -> str:
    """Return the address of My Folder as a network drive, as the reader reaches this host."""
    return f"{cookies.public_scheme()}://{request.host}/dav/my/"


def platform() -> str:
    """Return the reader's platform, one of `PLATFORMS`; Windows where it is not known."""
    found = clients.program(shown().client).rpartition(" ")[2]
    return found if found in PLATFORMS else "windows"


@blueprint.get("/")
def page() -> ResponseReturnValue:
    """Show the steps for every platform, the reader's own first; for anybody, also before signing in."""
    mine = platform()
    found = signed_in()
    return render_template(
        "help.html",
        platforms=[mine, *(one for one in PLATFORMS if one != mine)],
        dav_url=drive_url(),
        login_id=found.login_id if found else "hanako",
        refusals=refusals(),
        numbers=NUMBERS,
        outline=lambda message_id: messages.outline(message_id, language()),
    )
