"""The contract's first page: what is used, where, and what will be deleted when (R4, R7)."""

from __future__ import annotations

from heapq import nlargest
from itertools import islice

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from admin_web import holders, own
from admin_web.gate import for_roles, parts
from admin_web.holders import Holder
from auth import accesslog
from auth.callers import Role
from quota import catalogue as units
from quota import contracts, retention
from quota.retention import Purge
from quota.standings import Standing
from storage import purge, purge_log
from storage.purge import Going

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

#: Files shown of those that will be deleted, and logins and groups of those that hold most.
GOING_SHOWN, LARGEST_SHOWN = 20, 12
#: Past deadlines shown.
GONE_SHOWN = 6
#: What the first page tells of the access log: acts that change who may do what, of the latest entries.
RECENT_SHOWN, _RECENT_AMONG = 6, 2000
RECENT_ACTS = (
    "device.issue", "device.withdraw", "device.register", "device.lock", "device.unlock", "device.revoke",
    "user.add", "user.enable", "user.disable", "user.password", "user.add-totp", "user.remove-totp",
    "group.add", "group.member", "limit.set", "line.add", "lockout.release", "settings",
    "token.add", "token.revoke", "plan.change", "bonus.add", "bonus.remove", "contract.add", "contract.end",
)  # fmt: skip


@blueprint.get("/")
@for_roles(Role.ADMINISTRATOR)
def overview() -> ResponseReturnValue:
    """Show the contract at a glance."""
    one, now = own.contract(), parts().clock()
    coming = retention.purges(one.history, parts().catalogue, used_bytes=one.used_bytes, now=now)
    with parts().database.reading() as tx:
        gone = purge_log.entries(tx, one.contract_id)[:GONE_SHOWN]
        files = purge_log.gone_files(tx, one.contract_id, due_at=gone[0].due_at, limit=GOING_SHOWN + 1) if gone else []
        recent = accesslog.latest_acts(tx, one.contract_id, RECENT_ACTS, among=_RECENT_AMONG, limit=RECENT_SHOWN)
        everyone = holders.of_contract(tx, one.contract_id)
        by_folder = holders.by_folder(tx, one.contract_id)
    return render_template(
        "admin/overview.html",
        contract=one,
        plan=contracts.last_plan(one.history, now),
        capacity_bytes=one.history.capacity_bytes(parts().catalogue, now),
        photos=units.photos,
        songs=units.songs,
        coming=coming,
        going=going(one, coming),
        going_shown=GOING_SHOWN,
        gone=gone,
        gone_files=files,
        names=own.folder_names() if coming else {},
        by_folder=by_folder,
        holders=_largest(everyone),
        recent=[entry for _, entry in recent],
    )


def going(one: Standing, coming: list[Purge]) -> list[Going]:
    """Return the first files that go at the next deadline, one more than is shown where there are more."""
    if not coming:
        return []
    return list(islice(purge.going_first(parts().files, one, to_bytes=coming[0].to_bytes), GOING_SHOWN + 1))


def _largest(everyone: list[Holder]) -> list[Holder]:
    """Return who holds most."""
    return [one for one in nlargest(LARGEST_SHOWN, everyone, key=lambda one: one.used_bytes) if one.used_bytes]
