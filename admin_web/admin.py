"""The contract's first page: what is used, where, and what will be deleted when (R4, R7)."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from admin_web import own
from admin_web.gate import for_roles, parts
from auth.callers import Role
from db.tables import NO_PARENT
from quota import catalogue as units
from quota import contracts, retention
from quota.retention import Purge
from quota.standings import Standing
from storage import nodes, purge, purge_log
from storage.purge import Going

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

#: Files shown of those that will be deleted, and logins and groups of those that hold most.
GOING_SHOWN, LARGEST_SHOWN = 20, 12
#: Past deadlines shown.
GONE_SHOWN = 6


@blueprint.get("/")
@for_roles(Role.ADMINISTRATOR)
def overview() -> ResponseReturnValue:
    """Show the contract at a glance."""
    one, now = own.contract(), parts().clock()
    coming = retention.purges(one.history, parts().catalogue, used_bytes=one.used_bytes, now=now)
    names = own.folder_names()
    with parts().database.reading() as tx:
        gone = purge_log.entries(tx, one.contract_id)[:GONE_SHOWN]
        files = purge_log.gone_files(tx, one.contract_id, due_at=gone[0].due_at, limit=GOING_SHOWN + 1) if gone else []
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
        names=names,
        holders=_largest(one, names),
    )


def going(one: Standing, coming: list[Purge]) -> list[Going]:
    """Return the first files that go at the next deadline, one more than is shown where there are more."""
    if not coming:
        return []
    return list(islice(purge.going_first(parts().files, one, to_bytes=coming[0].to_bytes), GOING_SHOWN + 1))


def _largest(one: Standing, names: dict[str, tuple[str, str]]) -> list[tuple[tuple[str, str], int]]:
    """Return who holds most: logins with all their folders in one sum, since nobody learns of another's Secret
    Folder (R18), and groups.
    """
    with parts().database.reading() as tx:
        roots = nodes.members(tx.cursor, one.contract_id, NO_PARENT)
    held: Counter[tuple[str, str]] = Counter()
    for root in roots:
        kind, owner = names.get(root.name, ("", root.name))
        held["group" if kind == "group" else "login", owner] += root.size_bytes
    return [(who, size_bytes) for who, size_bytes in held.most_common(LARGEST_SHOWN) if size_bytes]
