"""The access matrix: every combination of facts, and what comes of it."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import pytest

from auth.access import Facts, FolderType, Refusal, Right, authorize, decide, visible_folders
from auth.callers import NO_LINES, Caller, DeviceState, LineProof, Proof, Role
from auth.groups import Membership
from core.errors import AccessDenied, DeviceRequired, GatewayError, NotFound

_ROLES = {"admin": [Role.ADMINISTRATOR], "user": [Role.USER], "staff": [Role.OPERATOR, Role.SUPPORT]}
_DEVICES: dict[str, list[DeviceState | None]] = {
    "none": [None],
    "registered": [DeviceState.REGISTERED],
    "closed": [DeviceState.LOCKED, DeviceState.REVOKED],
}
_LINES = {
    "no-line": NO_LINES,
    "proven": LineProof("line-a", None),
    "no-tool": LineProof(None, Proof.TOOL),
    "no-network": LineProof("line-a", Proof.NETWORK),
    "no-edge": LineProof("line-a", Proof.EDGE),
}
_MEMBERS = {"stranger": None, "reads": Right.READ, "writes": Right.WRITE}

#: Each cell of the matrix is matched by exactly one row; `*` stands for every value, `|` for either.
MATRIX = """
folder          role        contract device          line       client plan  secret member   outcome
*               staff       *        *               *          *      *     *      *        role
*               user        ended    *               *          *      *     *      *        ended
*               admin       *        closed          *          *      *     *      *        device closed
*               user        open     closed          *          *      *     *      *        device closed
my|group|secret admin       *        none            *          *      pro   *      *        device missing
my|group|secret user        open     none            *          *      pro   *      *        device missing
my              admin|user  open     none            *          *      plain *      *        write
my              admin|user  open     registered      *          *      *     *      *        write
my              admin       ended    none            *          *      plain *      *        read
my              admin       ended    registered      *          *      *     *      *        read
group           admin       *        none            *          *      plain *      stranger hidden
group           admin       *        registered      *          *      *     *      stranger hidden
group           user        open     none            *          *      plain *      stranger hidden
group           user        open     registered      *          *      *     *      stranger hidden
group           admin|user  open     none            *          *      plain *      reads    read
group           admin|user  open     registered      *          *      *     *      reads    read
group           admin|user  open     none            *          *      plain *      writes   write
group           admin|user  open     registered      *          *      *     *      writes   write
group           admin       ended    none            *          *      plain *      reads    read
group           admin       ended    registered      *          *      *     *      reads    read
group           admin       ended    none            *          *      plain *      writes   read
group           admin       ended    registered      *          *      *     *      writes   read
secret          admin       *        none            *          *      plain shut   *        hidden
secret          admin       *        registered      *          *      *     shut   *        hidden
secret          user        open     none            *          *      plain shut   *        hidden
secret          user        open     registered      *          *      *     shut   *        hidden
secret          admin|user  open     none            *          *      plain opened *        write
secret          admin|user  open     registered      *          *      *     opened *        write
secret          admin       ended    none            *          *      plain opened *        read
secret          admin       ended    registered      *          *      *     opened *        read
security        admin       *        none|registered no-line    *      *     *      *        hidden
security        user        open     none|registered no-line    *      *     *      *        hidden
security        admin       *        none|registered proven     phone  *     *      *        phone
security        user        open     none|registered proven     phone  *     *      *        phone
security        admin       *        none|registered no-tool    phone  *     *      *        phone
security        user        open     none|registered no-tool    phone  *     *      *        phone
security        admin       *        none|registered no-network phone  *     *      *        phone
security        user        open     none|registered no-network phone  *     *      *        phone
security        admin       *        none|registered no-edge    phone  *     *      *        phone
security        user        open     none|registered no-edge    phone  *     *      *        phone
security        admin       *        none|registered no-tool    pc     *     *      *        tool missing
security        user        open     none|registered no-tool    pc     *     *      *        tool missing
security        admin       *        none|registered no-network pc     *     *      *        network missing
security        user        open     none|registered no-network pc     *     *      *        network missing
security        admin       *        none|registered no-edge    pc     *     *      *        edge missing
security        user        open     none|registered no-edge    pc     *     *      *        edge missing
security        admin       *        none|registered proven     pc     plain *      *        hidden
security        user        open     none|registered proven     pc     plain *      *        hidden
security        admin|user  open     none|registered proven     pc     pro   *      *        write
security        admin       ended    none|registered proven     pc     pro   *      *        read
"""

_AXES = (
    [folder.value for folder in FolderType],
    list(_ROLES),
    ["open", "ended"],
    list(_DEVICES),
    list(_LINES),
    ["pc", "phone"],
    ["pro", "plain"],
    ["opened", "shut"],
    list(_MEMBERS),
)
_ROWS = [line.split(None, 9) for line in MATRIX.strip().splitlines()[1:]]


def _cells() -> dict[tuple[str, ...], list[int]]:
    """Return every cell with the rows that match it."""
    found: dict[tuple[str, ...], list[int]] = {cell: [] for cell in itertools.product(*_AXES)}
    for at, row in enumerate(_ROWS):
        chosen = [axis if word == "*" else word.split("|") for axis, word in zip(_AXES, row, strict=False)]
        for cell in itertools.product(*chosen):
            found[cell].append(at)
    return found


def _facts(cell: tuple[str, ...]) -> list[Facts]:
    folder, role, contract, device, line, client, plan, secret, member = cell
    return [
        Facts(
            folder=FolderType(folder),
            role=one_role,
            device=one_device,
            line=_LINES[line],
            on_phone=client == "phone",
            pro=plan == "pro",
            contract_active=contract == "open",
            unlocked=secret == "opened",
            membership=_MEMBERS[member],
        )
        for one_role in _ROLES[role]
        for one_device in _DEVICES[device]
    ]


def test_every_cell_of_the_matrix_is_stated_exactly_once() -> None:
    assert Counter(len(rows) for rows in _cells().values()) == {1: len(_cells())}
    assert len(_cells()) == 4 * 3 * 2 * 3 * 5 * 2 * 2 * 2 * 3


def test_r12_r16_r17_r18_r22_every_cell_of_the_matrix_is_decided_as_stated() -> None:
    wrong = [
        (cell, outcome.value)
        for cell, (row,) in _cells().items()
        for facts in _facts(cell)
        if (outcome := decide(facts)).value != _ROWS[row][9]
    ]
    assert wrong == []


def test_every_refusal_appears_in_the_matrix() -> None:
    assert {row[9] for row in _ROWS} == {one.value for one in Refusal} | {one.value for one in Right}


HANAKO = Caller(1, 12, "hanako", Role.USER, "dev-1", pro=True)
_WITHOUT_DEVICE = replace(HANAKO, device_id=None)
_EIGYO = Membership(7, "eigyo", may_write=True)


def test_r22_each_folder_type_has_its_root() -> None:
    at_office = replace(HANAKO, line=LineProof("line-a", None))
    assert authorize(HANAKO, FolderType.MY).root == "my/12"
    assert authorize(HANAKO, FolderType.GROUP, group=_EIGYO).root == "group/7"
    assert authorize(HANAKO, FolderType.SECRET, folder_key=bytes(32)).root == "secret/12"
    assert authorize(at_office, FolderType.SECURITY).root == "security/12"


def test_a_membership_shown_for_another_folder_type_changes_nothing() -> None:
    assert authorize(HANAKO, FolderType.MY, group=_EIGYO).root == "my/12"


@pytest.mark.parametrize("may_write", [True, False])
def test_r22_a_member_writes_only_where_they_may(may_write: bool) -> None:
    group = Membership(7, "eigyo", may_write)
    assert authorize(HANAKO, FolderType.GROUP, group=group).may_write is may_write


@pytest.mark.parametrize(
    ("caller", "folder", "error", "message_id"),
    [
        (HANAKO, FolderType.GROUP, NotFound, "not.found"),
        (HANAKO, FolderType.SECRET, NotFound, "not.found"),
        (HANAKO, FolderType.SECURITY, NotFound, "not.found"),
        (_WITHOUT_DEVICE, FolderType.MY, DeviceRequired, "device.required"),
        (replace(HANAKO, role=Role.SUPPORT), FolderType.MY, AccessDenied, "access.denied"),
        (replace(HANAKO, active=False), FolderType.MY, AccessDenied, "contract.ended"),
        (replace(HANAKO, line=LineProof(None, Proof.TOOL)), FolderType.SECURITY, AccessDenied, "line.tool_missing"),
        (
            replace(HANAKO, line=LineProof("l", Proof.NETWORK)),
            FolderType.SECURITY,
            AccessDenied,
            "line.network_missing",
        ),
        (replace(HANAKO, line=LineProof("l", Proof.EDGE)), FolderType.SECURITY, AccessDenied, "line.edge_missing"),
        (replace(HANAKO, line=LineProof("l", None), on_phone=True), FolderType.SECURITY, AccessDenied, "line.phone"),
    ],
)
def test_r17_a_refusal_says_what_is_missing(
    caller: Caller, folder: FolderType, error: type[GatewayError], message_id: str
) -> None:
    with pytest.raises(error) as refused:
        authorize(caller, folder)
    assert refused.value.message_id == message_id


def test_the_root_lists_what_may_be_opened_now() -> None:
    assert visible_folders(HANAKO) == [FolderType.MY, FolderType.GROUP]
    assert visible_folders(HANAKO, unlocked=True) == [FolderType.MY, FolderType.GROUP, FolderType.SECRET]
    at_office = replace(_WITHOUT_DEVICE, line=LineProof("line-a", None))
    assert visible_folders(at_office) == [FolderType.SECURITY]
    assert visible_folders(replace(HANAKO, role=Role.OPERATOR)) == []


def test_r12_a_login_password_that_opens_nothing_is_asked_for_its_device() -> None:
    with pytest.raises(DeviceRequired):
        visible_folders(_WITHOUT_DEVICE)
