"""How to connect the drive, and what the answers mean."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from admin_web import cookies
from admin_web.gate import shown, signed_in
from auth import clients

blueprint = Blueprint("help", __name__, url_prefix="/help")

PLATFORMS = ("windows", "macos", "linux", "ios", "android")


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
    )
