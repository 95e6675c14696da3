"""Logins and groups of a contract (R12, R22), and who has to wait after failed guesses (R19)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from admin_web import own
from admin_web.api.shapes import Flag, Instant, Key, Name, Page, Rows, Shape, rows
from admin_web.api.subject import Subject
from admin_web.gate import caller, parts
from admin_web.words import t
from auth import accesslog, groups, lockout
from auth.callers import Role
from auth.groups import Group
from auth.lockout import Lockout
from auth.logins import Login
from auth.tokens import Scope
from core.errors import Conflict, NotFound
from db.engine import Transaction

subject = Subject("people", "Logins, groups and who is locked out")

#: What people can type, and a path can carry (auth.logins).
NewLoginId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{0,63}$", max_length=64)]


class UserShown(Shape):
    """A login of the contract."""

    login_id: str
    role: Literal["administrator", "user"]
    enabled: bool
    created_at: Instant


class NewUser(Shape):
    """A login to make."""

    login_id: NewLoginId
    role: Literal["administrator", "user"] = "user"


class FreshPassword(Shape):
    """A login's fresh password, shown this once."""

    login_id: str
    password: str


class UserChange(Shape):
    """Whether a login is let in."""

    enabled: Flag


class WhichUser(Shape):
    """One of the contract's logins."""

    login_id: Key


class GroupShown(Shape):
    """A group, with who reads only and who writes too."""

    name: str
    read: list[str]
    write: list[str]


class NewGroup(Shape):
    """A group to make."""

    name: Name


class WhichMember(Shape):
    """One of the contract's groups, and one of its logins."""

    name: Key
    login_id: Key


class GroupRight(Shape):
    """What a member may do in the group's folder."""

    right: Literal["read", "write"]


class LockoutShown(Shape):
    """A login that has to wait; `subject` is its ID, with ` code`, ` line` or ` secret` where that was guessed."""

    subject: str
    attempts: int
    failed_at: Instant
    free_at: Instant


class WhichSubject(Shape):
    """Who has to wait."""

    subject: Key


def _user(one: Login) -> UserShown:
    role: Literal["administrator", "user"] = "administrator" if one.role is Role.ADMINISTRATOR else "user"
    return UserShown(login_id=one.login_id, role=role, enabled=one.enabled, created_at=one.created_at)


@subject.operation("GET /users", scope=Scope.CONTRACT_READ, answer=Rows[UserShown])
def list_users(query: Page) -> Rows[UserShown]:
    """List the contract's logins."""
    return rows(query, own.people(), _user)


@subject.operation("POST /users", scope=Scope.CONTRACT_WRITE, answer=FreshPassword, status=201)
def add_user(body: NewUser) -> FreshPassword:
    """Make a login with its own folders; its first password is shown this once."""
    password = parts().acts.add_user(own.contract().name, body.login_id, Role(body.role), by=caller().login_id)
    return FreshPassword(login_id=body.login_id, password=password)


@subject.operation("GET /users/<login_id>", scope=Scope.CONTRACT_READ, answer=UserShown)
def show_user(path: WhichUser) -> UserShown:
    """Tell about one login."""
    return _user(own.login(path.login_id))


@subject.operation("PATCH /users/<login_id>", scope=Scope.CONTRACT_WRITE, answer=UserShown)
def change_user(path: WhichUser, body: UserChange) -> UserShown:
    """Let a login in or keep it out, from its next request on; kept out, its tokens end."""
    known, by = own.login(path.login_id), caller().login_id
    if not body.enabled and known.login_id == by:
        raise Conflict(t("web.users.not_yourself"))
    parts().acts.set_enabled(known.login_id, body.enabled, by=by)
    return _user(own.login(path.login_id))


@subject.operation("POST /users/<login_id>/password", scope=Scope.CONTRACT_WRITE, answer=FreshPassword)
def reset_password(path: WhichUser) -> FreshPassword:
    """Give a login a new password, shown this once; its sessions and tokens end."""
    known = own.login(path.login_id)
    password = parts().acts.reset_password(known.login_id, by=caller().login_id)
    return FreshPassword(login_id=known.login_id, password=password)


@subject.operation("GET /groups", scope=Scope.CONTRACT_READ, answer=Rows[GroupShown])
def list_groups(query: Page) -> Rows[GroupShown]:
    """List the contract's groups with their members."""
    with parts().database.reading() as tx:
        found = groups.list_groups(tx, caller().contract_id)
    return rows(query, found, _group)


def _group(one: Group) -> GroupShown:
    return GroupShown(name=one.name, read=list(one.read), write=list(one.write))


@subject.operation("POST /groups", scope=Scope.CONTRACT_WRITE, answer=GroupShown, status=201)
def add_group(body: NewGroup) -> GroupShown:
    """Make a group with its folder."""
    parts().acts.add_group(own.contract().name, body.name, by=caller().login_id)
    return GroupShown(name=body.name, read=[], write=[])


@subject.operation("PUT /groups/<name>/members/<login_id>", scope=Scope.CONTRACT_WRITE)
def set_member(path: WhichMember, body: GroupRight) -> None:
    """Let a login read, or read and write, a group's folder."""
    _set_member(path, body.right == "write")


@subject.operation("DELETE /groups/<name>/members/<login_id>", scope=Scope.CONTRACT_WRITE)
def end_member(path: WhichMember) -> None:
    """End a login's membership."""
    _set_member(path, None)


def _set_member(path: WhichMember, may_write: bool | None) -> None:
    known, by = own.login(path.login_id), caller().login_id
    parts().acts.set_member(own.contract().name, path.name, known.login_id, may_write, by=by)


@subject.operation("GET /lockouts", scope=Scope.CONTRACT_READ, answer=Rows[LockoutShown])
def list_lockouts(query: Page) -> Rows[LockoutShown]:
    """List the contract's logins that have to wait after failed guesses."""
    return rows(query, _lockouts(), _waiting)


def _lockouts() -> list[Lockout]:
    with parts().database.reading() as tx:
        return lockout.list_lockouts(tx, now=parts().clock(), contract_id=caller().contract_id)


def _waiting(one: Lockout) -> LockoutShown:
    return LockoutShown(subject=one.subject, attempts=one.attempts, failed_at=one.failed_at, free_at=one.free_at)


@subject.operation("DELETE /lockouts/<subject>", scope=Scope.CONTRACT_WRITE)
def release(path: WhichSubject) -> None:
    """Let a login of the contract try again at once."""
    found, now = caller(), parts().clock()
    known = next((one for one in _lockouts() if one.subject == path.subject), None)
    if known is None:
        raise NotFound(f"lockout {path.subject}")

    def operation(tx: Transaction) -> None:
        lockout.release(tx, known.kind, known.subject)
        entry = accesslog.entry_of(found, "lockout.release", "", now=now, detail=f"{known.kind} {known.subject}")
        accesslog.append(tx.cursor, found.contract_id, [entry])

    parts().database.write(operation)
