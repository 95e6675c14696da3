"""Every page there is, by its template: who opens it and how, so that no page goes without being looked at."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from playwright.sync_api import Page

#: What a person does to see a page: an address to open, or steps.
Way = str | Callable[[Page], None]

SECRET = "a secret of the tests"
README = "はじめにお読みください.txt"


def pick(act: str) -> Way:
    """Return the steps that pick a file in My Folder and press a button of the selection."""

    def steps(page: Page) -> None:
        page.check(f"input[name=pick][value='{README}']")
        page.click(f"#selection button[value={act}]")

    return steps


def press(form: str, **fields: str) -> Way:
    """Return the steps that fill fields of a form and send it, by the address it is sent to."""

    def steps(page: Page) -> None:
        found = page.locator(f"form[action$='{form}']").first
        for name, value in fields.items():
            field = found.locator(f"[name={name}]")
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        found.locator("button").first.click()

    return steps


def open_details(page: Page) -> None:
    """Unfold everything that is folded away."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


def add_user(page: Page) -> None:
    """Add a login of its own: another's new password would keep the stories that come later from signing in."""
    page.fill("#login_id", f"new-{uuid.uuid4().hex[:8]}")
    page.press("#login_id", "Enter")


def appoint(page: Page) -> None:
    """Make an appointment in the form that is open, and open its page."""
    page.fill("[name=title]", "朝会")
    page.press("[name=title]", "Enter")
    page.click("main a[href*='/calendar/event/'] >> nth=0")


def proof(page: Page) -> None:
    """Open the proof of a device's lock, from the list of devices."""
    closed = page.locator("a[href$='/proof']")
    address = (closed if closed.count() else page.locator("a[href$='/lock']")).first.get_attribute("href") or ""
    page.goto(page.url.partition("/admin/")[0] + address.removesuffix("lock").removesuffix("proof") + "proof")


#: Template → the pages of someone without a session.
OF_STRANGERS: dict[str, list[Way]] = {
    "login.html": ["/login"],
    "help.html": ["/help/", open_details],
    "api.html": ["/api/v1/docs"],
}

#: Of hanako at a PC that is one of her devices. Each line begins where the line before it left off.
OF_USERS: dict[str, list[Way]] = {
    "files/listing.html": ["/files/my"],
    "files/delete.html": ["/files/my", pick("delete")],
    "files/target.html": ["/files/my", pick("copy")],
    "files/rename.html": [f"/files/rename/my/{README}"],
    "files/file.html": [f"/files/my/{README}"],
    "files/search.html": ["/files/search/my?q=お読み"],
    "files/groups.html": ["/files/group/"],
    "error.html": ["/files/none"],
    "account.html": ["/account/"],
    "tokens.html": ["/account/tokens/"],
    "calendar/show.html": ["/calendar/"],
    "calendar/form.html": ["/calendar/new"],
    "calendar/event.html": ["/calendar/new", appoint],
    "calendar/busy.html": ["/calendar/busy"],
    "calendar/settings.html": ["/calendar/settings"],
    "secret.html": ["/account/secret/"],
    "secret_change.html": ["/account/secret/change/code"],
}

#: Of sakura's administrator.
OF_ADMINISTRATORS: dict[str, list[Way]] = {
    "admin/overview.html": ["/admin/"],
    "admin/users.html": ["/admin/users/"],
    "admin/password.html": ["/admin/users/", add_user],
    "admin/groups.html": ["/admin/groups/"],
    "admin/limits.html": ["/admin/limits/"],
    "admin/lockouts.html": ["/admin/lockouts/"],
    "admin/devices.html": ["/admin/devices/"],
    "admin/slip.html": ["/admin/devices/", press("/admin/devices/keys", login_id="taro")],
    "admin/lock.html": ["/admin/devices/", lambda page: page.click("a[href$='/lock'] >> nth=0")],
    "admin/proof.html": ["/admin/devices/", proof],
    "admin/lines.html": ["/admin/lines/"],
    "admin/plans.html": ["/admin/plan/"],
    "admin/plan_preview.html": ["/admin/plan/paid-25"],
    "admin/statements.html": ["/admin/statements/"],
    "admin/statement.html": [
        "/admin/statements/",
        lambda page: page.locator("a", has_text=re.compile(r"^\d{4}-\d\d$")).first.click(),
    ],
    "admin/log.html": ["/admin/log/"],
    "admin/settings.html": ["/admin/settings/"],
}

#: Of the operator, and of the support desk.
OF_STAFF: dict[str, list[Way]] = {
    "staff/contracts.html": ["/operator/", open_details],
    "staff/contract.html": ["/operator/contracts/sakura"],
    "staff/end.html": ["/operator/contracts/sakura/end"],
    "staff/plans.html": ["/operator/plans"],
    "staff/statements.html": ["/operator/statements"],
    "staff/health.html": ["/operator/health"],
    "staff/jobs.html": ["/operator/jobs"],
    "staff/mails.html": ["/operator/mails/"],
    "staff/lockouts.html": ["/operator/lockouts/"],
}
OF_SUPPORT: dict[str, list[Way]] = {
    "staff/support.html": ["/support/?name=sakura"],
    "staff/lock.html": ["/support/?name=sakura", lambda page: page.click("a[href*='/devices/'] >> nth=0")],
}

#: Pages of a way in, which are looked at on that way in test_pages.py itself.
ON_THE_WAY = (
    "device.html", "registered.html", "recovery.html", "enrol.html", "admin/line.html", "staff/mail.html", "token.html",
)  # fmt: skip

#: Pages that have a story of their own, which looks at them: the template and the story's file.
IN_STORIES: dict[str, str] = {
    "board/compose.html": "test_board.py",
    "board/edit.html": "test_board.py",
    "board/history.html": "test_board.py",
    "board/search.html": "test_board.py",
    "board/settings.html": "test_board.py",
    "board/topic.html": "test_board.py",
    "board/topics.html": "test_board.py",
    "contests/contest.html": "test_contests.py",
    "contests/list.html": "test_contests.py",
    "contests/new.html": "test_contests.py",
    "public/album.html": "test_publishing.py",
    "public/closed.html": "test_publishing.py",
    "public/file.html": "test_publishing.py",
    "publications/list.html": "test_publishing.py",
    "publications/new.html": "test_publishing.py",
    "publications/one.html": "test_publishing.py",
    "transfers/one.html": "test_transfer.py",
    "transfers/page.html": "test_transfer.py",
    "transfers/send.html": "test_transfer.py",
    "shares/closed.html": "test_sharing.py",
    "shares/collection.html": "test_sharing.py",
    "shares/file.html": "test_sharing.py",
    "shares/guest.html": "test_sharing.py",
    "shares/list.html": "test_sharing.py",
    "shares/new.html": "test_sharing.py",
    "shares/one.html": "test_sharing.py",
    "shares/password.html": "test_sharing.py",
}
