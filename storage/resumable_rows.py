"""The rows of uploads that go on in later requests: every step is one conditional change, so that one writer wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    Text,
    bindparam,
    case,
    delete,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from auth.callers import Caller
from core.errors import NotFound, UploadBusy, UploadOffsetWrong
from db.statements import Cursor, Statement
from db.tables import upload_parts, uploads

#: A writer that was not heard of for so long is taken for gone; one that was only slow is overtaken harmlessly.
LEASE_US = 10 * 1_000_000
#: Unfinished uploads a contract may have; more end the oldest.
MAX_OPEN = 1000


class Upload(NamedTuple):
    """An upload as its row has it: `offset_bytes` of `length_bytes` have arrived and are durable.

    `label` is what its maker wrote on it. Instants are microseconds.
    """

    contract_id: int
    id: str
    login: int
    device_id: str
    label: str
    length_bytes: int
    offset_bytes: int
    store_id: str | None
    next_part: int
    tail_id: str | None
    tail_bytes: int
    turn: int
    writing_until_us: int | None
    expires_us: int
    finished_us: int | None

    @property
    def is_whole(self) -> bool:
        """Return whether every byte has arrived; the file may still have to be made of them."""
        return self.offset_bytes == self.length_bytes


_c = uploads.c
_NOW = bindparam("now", type_=BigInteger)
_THIS = (_c.contract_id == bindparam("contract", type_=Integer)) & (_c.id == bindparam("upload", type_=String))
_PARTS = (upload_parts.c.contract_id == bindparam("contract", type_=Integer)) & (
    upload_parts.c.upload_id == bindparam("upload", type_=String)
)
_RESTING = or_(_c.writing_until.is_(None), _c.writing_until <= _NOW)
_OPEN = _c.finished_at.is_(None) & (_c.expires_at > _NOW)

_insert = Statement(insert(uploads))
_one = Statement(select(uploads).where(_THIS))
_claim = Statement(
    update(uploads)
    .where(_THIS, _OPEN, _RESTING, _c.offset_bytes == bindparam("offset", type_=BigInteger))
    .values(
        turn=_c.turn + 1,
        # Whoever did not give its turn back may be sending a part under its number still.
        next_part=_c.next_part + case((_c.writing_until.is_(None), 0), else_=1),
        writing_until=bindparam("until", type_=BigInteger),
    )
)
_MINE = _THIS & (_c.turn == bindparam("mine", type_=Integer)) & _c.finished_at.is_(None)
_renew = Statement(update(uploads).where(_MINE).values(writing_until=bindparam("until", type_=BigInteger)))
_save = Statement(
    update(uploads)
    .where(_MINE)
    .values(
        offset_bytes=bindparam("offset", type_=BigInteger),
        store_id=bindparam("store", type_=Text),
        next_part=bindparam("next", type_=Integer),
        tail_id=bindparam("tail", type_=String),
        tail_bytes=bindparam("in_tail", type_=BigInteger),
        writing_until=bindparam("until", type_=BigInteger),
    )
)
_finish = Statement(
    update(uploads)
    .where(_THIS, _OPEN, _c.offset_bytes == _c.length_bytes)
    .values(finished_at=_NOW, expires_at=bindparam("kept_until", type_=BigInteger), store_id=null())
)
_insert_part = Statement(insert(upload_parts))
_parts = Statement(select(upload_parts.c.number, upload_parts.c.tag).where(_PARTS))
_delete_parts = Statement(delete(upload_parts).where(_PARTS))
_delete = Statement(delete(uploads).where(_THIS))
_open_ones = Statement(
    select(_c.id, _c.length_bytes)
    .where(_c.contract_id == bindparam("contract", type_=Integer), _OPEN)
    .order_by(_c.id.desc())
)
_end = Statement(update(uploads).where(_THIS, _RESTING, _c.finished_at.is_(None)).values(expires_at=_NOW))
_end_of_device = Statement(
    update(uploads)
    .where(
        _c.contract_id == bindparam("contract", type_=Integer),
        _c.device_id == bindparam("device", type_=String),
        _OPEN,
    )
    .values(expires_at=_NOW)
)
_expired = Statement(select(uploads).where(_c.expires_at <= _NOW).order_by(_c.expires_at).limit(100))
_count_expired = Statement(
    select(func.count()).select_from(uploads).where(_c.expires_at <= _NOW, _c.finished_at.is_(None))
)


def add(cursor: Cursor, upload: Upload) -> None:
    """Insert an upload."""
    columns = [column.name for column in uploads.columns]
    _insert.run(cursor, **dict(zip(columns, upload, strict=True)))


def find(cursor: Cursor, caller: Caller, upload_id: str, *, now_us: int) -> Upload:
    """Return an upload of the caller's login and device. Raises NotFound for any other, and one that has expired."""
    found = _get(cursor, caller.contract_id, upload_id)
    owner = (caller.login, caller.device_id or "")
    if found is None or (found.login, found.device_id) != owner or found.expires_us <= now_us:
        raise NotFound(upload_id)
    return found


def _get(cursor: Cursor, contract_id: int, upload_id: str) -> Upload | None:
    row = _one.first(cursor, contract=contract_id, upload=upload_id)
    return None if row is None else Upload._make(row)


def claim(cursor: Cursor, upload: Upload, offset_bytes: int, *, now_us: int) -> Upload:
    """Take the turn to write from an offset on, and return the upload as it stands.

    Raises UploadOffsetWrong where it stands elsewhere, UploadBusy while another writer is at it, NotFound.
    """
    taken = _claim.run(
        cursor,
        contract=upload.contract_id,
        upload=upload.id,
        offset=offset_bytes,
        now=now_us,
        until=now_us + LEASE_US,
    )
    found = _get(cursor, upload.contract_id, upload.id)
    if found is None or found.expires_us <= now_us:
        raise NotFound(upload.id)
    if not taken and found.offset_bytes != offset_bytes:
        raise UploadOffsetWrong(offset_bytes=found.offset_bytes)
    if not taken:
        raise UploadBusy
    return found


def renew(cursor: Cursor, mine: Upload, *, now_us: int) -> None:
    """Say that the writer is still there. Raises UploadOffsetWrong where another has overtaken it."""
    until = now_us + LEASE_US
    if not _renew.run(cursor, contract=mine.contract_id, upload=mine.id, mine=mine.turn, until=until):
        raise overtaken(mine)


def save(cursor: Cursor, mine: Upload, sent: Mapping[int, str]) -> None:
    """Write down what has become durable, with the tags of new parts. Raises UploadOffsetWrong where overtaken."""
    saved = _save.run(
        cursor,
        contract=mine.contract_id,
        upload=mine.id,
        mine=mine.turn,
        offset=mine.offset_bytes,
        store=mine.store_id,
        next=mine.next_part,
        tail=mine.tail_id,
        in_tail=mine.tail_bytes,
        until=mine.writing_until_us,
    )
    if not saved:
        raise overtaken(mine)
    key = {"contract_id": mine.contract_id, "upload_id": mine.id}
    if sent:
        _insert_part.run_many(cursor, [{**key, "number": number, "tag": tag} for number, tag in sent.items()])


def overtaken(mine: Upload) -> UploadOffsetWrong:
    """Return the refusal of a writer that another has overtaken."""
    return UploadOffsetWrong(offset_bytes=mine.offset_bytes)


def parts(cursor: Cursor, upload: Upload) -> dict[int, str]:
    """Return the tags of an upload's parts by their numbers."""
    return dict(_parts.all(cursor, contract=upload.contract_id, upload=upload.id))


def finish(cursor: Cursor, upload: Upload, *, now_us: int, kept_until_us: int) -> bool:
    """Mark an upload as done; False where it is already, or was ended meanwhile."""
    done = _finish.run(cursor, contract=upload.contract_id, upload=upload.id, now=now_us, kept_until=kept_until_us)
    if done:
        _delete_parts.run(cursor, contract=upload.contract_id, upload=upload.id)
    return bool(done)


def remove(cursor: Cursor, upload: Upload) -> Upload | None:
    """Delete an upload and return how it stood; None where it is gone already."""
    found = _get(cursor, upload.contract_id, upload.id)
    _delete_parts.run(cursor, contract=upload.contract_id, upload=upload.id)
    _delete.run(cursor, contract=upload.contract_id, upload=upload.id)
    return found


def make_room(cursor: Cursor, contract_id: int, size_bytes: int, *, capacity_bytes: int, now_us: int) -> None:
    """End a contract's oldest unfinished uploads where with a new one they would be more than its whole capacity.

    Nothing they hold is counted as used, so that without this they could fill the store.
    """
    for number, (upload_id, length_bytes) in enumerate(_open_ones.all(cursor, contract=contract_id, now=now_us), 2):
        size_bytes += length_bytes
        if size_bytes > capacity_bytes or number > MAX_OPEN:
            _end.run(cursor, contract=contract_id, upload=upload_id, now=now_us)


def end_of_device(cursor: Cursor, contract_id: int, device_id: str, *, now_us: int) -> int:
    """End the unfinished uploads of a device that was closed (R16); return how many."""
    return _end_of_device.run(cursor, contract=contract_id, device=device_id, now=now_us)


def expired(cursor: Cursor, *, now_us: int) -> list[Upload]:
    """Return some of the uploads whose time is over."""
    return [Upload._make(row) for row in _expired.all(cursor, now=now_us)]


def count_expired(cursor: Cursor, *, now_us: int) -> int:
    """Return how many unfinished uploads' time is over."""
    row = _count_expired.first(cursor, now=now_us)
    return int(row[0]) if row else 0
