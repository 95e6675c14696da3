"""From an attachment to where its file is now, for a reader with rights of their own (R28)."""

from __future__ import annotations

from sqlalchemy import select

from auth import groups
from auth.access import FolderType, Grant
from core.errors import AccessDenied, LinkClosed, NotFound
from db.tables import board_attachments
from groupware.board import find_post
from sharing.trail import trail
from storage.files import FileSystem


def path_of(fs: FileSystem, grant: Grant, post_id: int, position: int) -> str:
    """Return the path, as addresses carry it, where an attached file is at present, if the caller may go there.

    Whatever door they take with it asks again. Raises NotFound for a post the caller does not read and an attachment
    it does not have, LinkClosed where the file was deleted, AccessDenied where it is in a folder not the caller's.
    """
    contract_id, a = grant.caller.contract_id, board_attachments.c
    with fs.database.reading() as tx:
        find_post(tx, grant, post_id)
        wanted = select(a.node_id).where(a.contract_id == contract_id, a.post_id == post_id, a.position == position)
        node_id = tx.execute(wanted).scalar()
        if node_id is None:
            raise NotFound(f"attachment {position} of post {post_id}")
        found = trail(tx.cursor, contract_id, node_id)
        if found is None:
            raise LinkClosed("board.attachment_gone")
        mine = groups.memberships(tx.cursor, grant.caller)
    kind, _, number = found.root.partition("/")
    if kind == FolderType.MY and int(number) == grant.caller.login:
        return "/".join((FolderType.MY, *found.names))
    group = next((one for one in mine if kind == FolderType.GROUP and one.group_id == int(number)), None)
    if group is None:
        raise AccessDenied("board.attachment_closed")
    return "/".join((FolderType.GROUP, group.name, *found.names))
