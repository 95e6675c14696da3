"""Transfers from one contract to another (R26)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from admin_web import records
from admin_web.api.shapes import WHOLE, Bytes, Flag, Instant, Key, Name, Number, Page, Path, Refusal, Rows, Shape, Text
from admin_web.api.subject import Subject
from admin_web.browse import place_of
from admin_web.gate import caller, parts
from admin_web.transfers import accept_into, letter_of, origin_of
from auth.access import FolderType, authorize
from auth.tokens import Scope
from core.clock import to_microseconds
from core.errors import GatewayError
from sharing import transfer_codes, transfers
from sharing.transfer_rules import MAX_DAYS, MAX_MESSAGE_CHARACTERS, Transfer

subject = Subject("transfers", "Files that go to another contract")

_MOST_NAMES = 1000
_Message = Annotated[str, StringConstraints(max_length=MAX_MESSAGE_CHARACTERS, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$")]


class TransferKey(Shape):
    """Which transfer."""

    transfer_id: Key


class TransfersWanted(Page):
    """Which side: what came in, or what was sent."""

    side: Literal["incoming", "outgoing"] = "incoming"


class TransferGiven(Shape):
    """What is sent, as it is now: members of a folder, and to whom."""

    folder: Path
    names: Annotated[list[Name], Field(min_length=1, max_length=_MOST_NAMES)]
    code: Annotated[Text, Field(description="The receiver's transfer code.")]
    addressee: Annotated[
        str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$"), Field(description="A login there.")
    ] = ""
    message: _Message = ""
    days: Annotated[Number, Field(ge=1, le=MAX_DAYS), WHOLE] | None = None


class AcceptanceGiven(Shape):
    """Where the files are put: into a folder, or a new one in it."""

    into: Path
    new_folder: Name | None = None


class TransferShown(Shape):
    """A transfer, as both sides see it."""

    transfer_id: str
    sender: str
    login_id: str
    receiver: str
    addressee: str
    message: str
    files: int
    size_bytes: Bytes
    state: Literal["sent", "accepted", "declined", "withdrawn", "expired"]
    sent_at: Instant
    expires_at: Instant
    settled_at: Instant | None
    settled_by: str


class TransferredItem(Shape):
    """Something that was picked; a folder's size is that of all files below it."""

    name: str
    is_folder: Flag
    size_bytes: Bytes


class TransferTold(TransferShown):
    """A transfer with what was picked, which is told while it waits."""

    items: list[TransferredItem]


class CodeShown(Shape):
    """The code by which other contracts send files here; null where nothing is received."""

    code: str | None


@subject.operation("GET /transfers", scope=Scope.SHARING_READ, answer=Rows[TransferShown])
def list_transfers(query: TransfersWanted) -> Rows[TransferShown]:
    """List transfers, the newest first. An administrator sees all of the contract's, others what is theirs."""
    found = caller()
    authorize(found, FolderType.MY)
    look = transfers.incoming if query.side == "incoming" else transfers.outgoing
    with parts().database.reading() as tx:
        known = look(tx, found, offset=query.offset, limit=query.limit + 1)
    items = [TransferShown(**_facts(one)) for one in known[: query.limit]]
    return Rows(items=items, next_offset=query.offset + query.limit if len(known) > query.limit else None)


@subject.operation("POST /transfers", scope=Scope.SHARING_WRITE, answer=TransferTold, status=201)
def send_transfer(body: TransferGiven) -> TransferTold:
    """Send files and folders to the contract whose transfer code is given, as they are now.

    No byte is copied, and what is on its way does not count against the sender's capacity. The receiver's
    administrator, or the login that is named, accepts or declines.
    """
    place = place_of(body.folder)
    days = body.days or parts().config.transfers.valid_days
    try:
        letter = letter_of(body.code, body.addressee, body.message, days)
        one = transfers.send(parts().files, origin_of(place, list(dict.fromkeys(body.names))), letter)
    except GatewayError as error:
        records.note_refused(place, "transfer.send", error)
        raise
    return _told(one.id)


@subject.operation("GET /transfers/<transfer_id>", scope=Scope.SHARING_READ, answer=TransferTold)
def get_transfer(path: TransferKey) -> TransferTold:
    """Tell one transfer."""
    authorize(caller(), FolderType.MY)
    return _told(path.transfer_id)


@subject.operation(
    "POST /transfers/<transfer_id>/acceptance",
    scope=Scope.SHARING_WRITE,
    answer=TransferTold,
    more={423: Refusal, 507: Refusal},
)
def accept_transfer(path: TransferKey, body: AcceptanceGiven) -> TransferTold:
    """Put a transfer's files into a folder, all or nothing; from then on they count against the receiver's capacity."""
    into = place_of(body.into)
    try:
        accept_into(path.transfer_id, into, body.new_folder or "")
    except GatewayError as error:
        records.note_refused(into, "transfer.accept", error)
        raise
    return _told(path.transfer_id)


@subject.operation("POST /transfers/<transfer_id>/refusal", scope=Scope.SHARING_WRITE, answer=TransferTold)
def decline_transfer(path: TransferKey) -> TransferTold:
    """Decline a transfer; the sender sees that."""
    now_us = to_microseconds(parts().clock())
    transfers.decline(parts().database, caller(), path.transfer_id, now_us=now_us)
    return _told(path.transfer_id)


@subject.operation("DELETE /transfers/<transfer_id>", scope=Scope.SHARING_WRITE)
def withdraw_transfer(path: TransferKey) -> None:
    """Take a transfer back before it is accepted."""
    transfers.withdraw(parts().database, caller(), path.transfer_id, now_us=to_microseconds(parts().clock()))


@subject.operation("GET /transfer-code", scope=Scope.CONTRACT_READ, answer=CodeShown)
def get_transfer_code() -> CodeShown:
    """Tell the contract's transfer code."""
    with parts().database.reading() as tx:
        return CodeShown(code=transfer_codes.code_of(tx, caller().contract_id))


@subject.operation("POST /transfer-code", scope=Scope.CONTRACT_WRITE, answer=CodeShown, status=201)
def renew_transfer_code() -> CodeShown:
    """Make a new transfer code in place of the one before."""
    found, now = caller(), parts().clock()
    return CodeShown(code=parts().database.write(lambda tx: transfer_codes.renew(tx, found, now=now)))


@subject.operation("DELETE /transfer-code", scope=Scope.CONTRACT_WRITE)
def remove_transfer_code() -> None:
    """Remove the transfer code: nothing more comes in from other contracts."""
    found, now = caller(), parts().clock()
    parts().database.write(lambda tx: transfer_codes.remove(tx, found, now=now))


def _told(transfer_id: str) -> TransferTold:
    with parts().database.reading() as tx:
        one = transfers.find(tx, caller(), transfer_id)
        tops = transfers.tops(tx, one)
    items = [TransferredItem(name=each.name, is_folder=each.is_collection, size_bytes=each.size_bytes) for each in tops]
    return TransferTold(**_facts(one), items=items)


def _facts(one: Transfer) -> dict[str, Any]:
    return {
        "transfer_id": one.id,
        "sender": one.sender,
        "login_id": one.login_id,
        "receiver": one.receiver,
        "addressee": one.addressee,
        "message": one.message,
        "files": one.files,
        "size_bytes": one.size_bytes,
        "state": one.state_at(parts().clock()).value,
        "sent_at": one.sent_at,
        "expires_at": one.expires_at,
        "settled_at": one.settled_at,
        "settled_by": one.settled_by,
    }
