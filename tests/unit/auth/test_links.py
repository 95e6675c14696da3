"""Grants for those who come by a link: what its maker may do now."""

from __future__ import annotations

import pytest

from auth import groups, links, logins
from auth.access import FolderType
from auth.links import Linked
from core.errors import AccessDenied, LinkClosed
from db.engine import Transaction
from tests.unit.auth.cast import HANAKO, OFFICE, SAKURA, TARO, Cast


def come(cast: Cast, root: str, login: int = HANAKO) -> Linked:
    with cast.database.reading() as tx:
        return links.authorize_link(tx.cursor, SAKURA, login, root, address=OFFICE)


@pytest.fixture
def eigyo(cast: Cast) -> Cast:
    """Return the cast with a group that hanako writes and taro reads."""

    def operation(tx: Transaction) -> None:
        groups.add_group(tx, SAKURA, 9, "eigyo", now=cast.clock())
        groups.set_member(tx, SAKURA, 9, "hanako", may_write=True)
        groups.set_member(tx, SAKURA, 9, "taro", may_write=False)

    cast.database.write(operation)
    return cast


def test_r24_a_link_into_my_folder_needs_neither_device_nor_line(cast: Cast) -> None:
    grant, prefix = come(cast, f"my/{HANAKO}")
    assert (grant.folder, grant.root, grant.may_write, prefix) == (FolderType.MY, f"my/{HANAKO}", True, ())
    assert (grant.caller.login_id, grant.caller.address) == ("hanako", OFFICE)


@pytest.mark.parametrize(("login", "may_write"), [(HANAKO, True), (TARO, False)])
def test_r22_a_link_into_a_group_folder_does_what_its_maker_may(eigyo: Cast, login: int, may_write: bool) -> None:
    grant, prefix = come(eigyo, "group/9", login)
    assert (grant.root, grant.may_write, prefix) == ("group/9", may_write, ("eigyo",))


def test_r22_a_link_of_one_who_left_the_group_is_closed(eigyo: Cast) -> None:
    eigyo.database.write(lambda tx: groups.set_member(tx, SAKURA, 9, "taro", may_write=None))
    with pytest.raises(LinkClosed):
        come(eigyo, "group/9", TARO)


@pytest.mark.parametrize(
    "root", [f"my/{TARO}", f"secret/{HANAKO}", f"security/{HANAKO}", "group/9"], ids=lambda root: root.partition("/")[0]
)
def test_a_link_opens_nothing_its_maker_may_not_share(cast: Cast, root: str) -> None:
    with pytest.raises(LinkClosed) as closed:
        come(cast, root)
    assert closed.value.message_id == "link.maker_closed"


def test_a_link_of_a_disabled_login_is_closed_from_the_next_request_on(cast: Cast) -> None:
    come(cast, f"my/{HANAKO}")
    cast.database.write(lambda tx: logins.set_enabled(tx, "hanako", False))
    with pytest.raises(LinkClosed):
        come(cast, f"my/{HANAKO}")


def test_a_link_of_a_login_there_is_not_is_closed(cast: Cast) -> None:
    with pytest.raises(LinkClosed):
        come(cast, "my/77", 77)


@pytest.mark.parametrize("folder", FolderType)
def test_r18_links_lead_into_my_and_group_folders_alone(folder: FolderType) -> None:
    if folder in (FolderType.MY, FolderType.GROUP):
        links.require_linkable(folder)
    else:
        with pytest.raises(AccessDenied, match=r"link\.folder"):
            links.require_linkable(folder)
