"""Shares by mail (R24)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from admin_web import records
from admin_web.api.shapes import WHOLE, Bytes, Flag, Instant, Key, Page, PathWithin, Refusal, Rows, Shape
from admin_web.api.subject import Subject
from admin_web.browse import place_of
from admin_web.gate import caller, parts
from admin_web.shares import base_url, entry, scope
from admin_web.words import language
from auth.access import FolderType, authorize
from auth.callers import Role
from auth.tokens import Scope
from core.errors import AccessDenied, GatewayError, NotFound
from sharing import receipts, recipients, rules, shares
from sharing.receipts import Receipt, Share
from sharing.rules import Terms
from sharing.shares import Item

subject = Subject("shares", "Files and folders that go to named people by mail")

_LARGEST_TRAY = 2**50
_Message = Annotated[str, StringConstraints(max_length=rules.LONGEST_MESSAGE, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$")]
_Password = Annotated[
    str,
    StringConstraints(
        min_length=rules.LEAST_PASSWORD, max_length=rules.LONGEST_PASSWORD, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]


_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
#: A mail address alone, old carrier forms such as `a..b@` and `a.@` included (R24).
_Address = Annotated[
    str,
    StringConstraints(max_length=254, pattern=rf"^[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@{_LABEL}(\.{_LABEL})+$"),
]


class ShareKey(Shape):
    """Which share."""

    share_id: Key


class RecipientKey(Shape):
    """Which recipient of which share."""

    share_id: Key
    recipient_id: Key


class SharesWanted(Page):
    """Whose shares: one's own, or as administrator the contract's."""

    of: Literal["login", "contract"] = "login"


class ShareGiven(Shape):
    """What is shared, with whom and how. A return tray takes files back, up to its size."""

    paths: Annotated[list[PathWithin], Field(min_length=1, max_length=rules.MOST_ITEMS)]
    recipients: Annotated[list[_Address], Field(min_length=1, max_length=recipients.MOST_RECIPIENTS)]
    message: _Message = ""
    days: Annotated[int, Field(strict=True, ge=1, le=rules.LONGEST_DAYS), WHOLE] = rules.DEFAULT_DAYS
    password: _Password | None = None
    download_limit: Annotated[int, Field(strict=True, ge=1, le=rules.MOST_FETCHES), WHOLE] | None = None
    tray_limit_bytes: Annotated[int, Field(strict=True, ge=1, le=_LARGEST_TRAY), WHOLE] | None = None
    language: Annotated[
        Literal["ja", "en"] | None, Field(description="Of the mails; without it Accept-Language's.")
    ] = None


class ShareShown(Shape):
    """A share as a list has it."""

    share_id: str
    login_id: str
    title: str
    state: Literal["open", "ended", "expired"]
    created_at: Instant
    expires_at: Instant
    has_password: Flag
    download_limit: int | None
    tray_limit_bytes: Bytes | None
    recipients: int
    opened: int
    downloaded: int


class RecipientShown(Shape):
    """One recipient. `mail` is `queued`, `sent` or `failed`, `refusal` what the mail system said where it failed."""

    recipient_id: str
    address: str
    mail: str
    refusal: str
    revoked_at: Instant | None
    opened_at: Instant | None
    downloads: int
    downloaded_at: Instant | None


class ReceiptsShown(ShareShown):
    """A share with its message, the names of what is shared, and its receipts."""

    message: str
    names: list[str]
    receipts: list[RecipientShown]


@subject.operation("GET /shares", scope=Scope.SHARING_READ, answer=Rows[ShareShown])
def list_shares(query: SharesWanted) -> Rows[ShareShown]:
    """List shares, the newest first."""
    found = caller()
    if query.of == "contract" and found.role is not Role.ADMINISTRATOR:
        raise AccessDenied("access.denied")
    if query.of == "login":
        authorize(found, FolderType.MY)
    login = None if query.of == "contract" else found.login
    with parts().database.reading() as tx:
        known = receipts.list_shares(tx, found.contract_id, login=login, offset=query.offset, limit=query.limit + 1)
    items = [ShareShown(**_facts(one)) for one in known[: query.limit]]
    return Rows(items=items, next_offset=query.offset + query.limit if len(known) > query.limit else None)


@subject.operation("POST /shares", scope=Scope.SHARING_WRITE, answer=ReceiptsShown, status=201, more={507: Refusal})
def add_share(body: ShareGiven) -> ReceiptsShown:
    """Share files and folders with 1 to 99 recipients; each gets a mail with an address of their own."""
    places = [place_of(path) for path in dict.fromkeys(body.paths)]
    terms = Terms(
        days=body.days,
        message=body.message,
        password=body.password,
        download_limit=body.download_limit,
        tray_limit_bytes=body.tray_limit_bytes,
        language=body.language or language(),
    )
    try:
        addresses = recipients.require_recipients("\n".join(body.recipients))
        items = [Item(place.grant, place.names, place.path) for place in places]
        made = shares.make(parts().files, items, addresses, terms, base_url=base_url())
    except GatewayError as error:
        records.note_refused(places[0], "share", error)
        raise
    return _shown(made.share_id)


@subject.operation("GET /shares/<share_id>", scope=Scope.SHARING_READ, answer=ReceiptsShown)
def get_share(path: ShareKey) -> ReceiptsShown:
    """Tell one share with its receipts; an administrator sees all of the contract's."""
    return _shown(path.share_id)


@subject.operation("DELETE /shares/<share_id>", scope=Scope.SHARING_WRITE)
def end_share(path: ShareKey) -> None:
    """End a share for all its recipients."""
    contract_id, own, by = caller().contract_id, scope(), entry("share.end", path.share_id)
    parts().database.write(lambda tx: shares.end(tx, contract_id, path.share_id, by=by, login=own))


@subject.operation("DELETE /shares/<share_id>/recipients/<recipient_id>", scope=Scope.SHARING_WRITE)
def revoke_recipient(path: RecipientKey) -> None:
    """Close a share for one recipient."""
    contract_id, own, by = caller().contract_id, scope(), entry("share.revoke", path.share_id)
    parts().database.write(
        lambda tx: shares.revoke(tx, contract_id, path.share_id, path.recipient_id, by=by, login=own)
    )


def _shown(share_id: str) -> ReceiptsShown:
    with parts().database.reading() as tx:
        found = receipts.get(tx, caller().contract_id, share_id, login=scope())
    if found is None:
        raise NotFound(f"share {share_id}")
    return ReceiptsShown(
        **_facts(found),
        message=found.message,
        names=[name for name, _ in found.items],
        receipts=[_recipient(one) for one in found.receipts],
    )


def _facts(one: Share) -> dict[str, Any]:
    return {
        "share_id": one.share_id,
        "login_id": one.login_id,
        "title": one.title,
        "state": "ended" if one.ended_at else "open" if one.is_open(parts().clock()) else "expired",
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "has_password": one.has_password,
        "download_limit": one.download_limit,
        "tray_limit_bytes": one.tray_limit_bytes,
        "recipients": len(one.receipts),
        "opened": sum(receipt.opened_at is not None for receipt in one.receipts),
        "downloaded": sum(receipt.fetches > 0 for receipt in one.receipts),
    }


def _recipient(one: Receipt) -> RecipientShown:
    return RecipientShown(
        recipient_id=one.recipient_id,
        address=one.address,
        mail=one.mail,
        refusal=one.refusal,
        revoked_at=one.revoked_at,
        opened_at=one.opened_at,
        downloads=one.fetches,
        downloaded_at=one.fetched_at,
    )
