"""The statements that tell who is calling: login, contract, line and device in one.

A row begins with the login's columns, goes on with the evidence of its line, and ends with what is told of the
way it was found.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Integer, String, bindparam, select

from auth import line_proof
from auth.presented import Presented
from core.ids import secret_hash
from db.statements import Cursor, Row, Statement
from db.tables import access_settings, api_tokens, contracts, devices, logins, web_sessions

_login_columns = (
    logins.c.contract_id,
    logins.c.id,
    logins.c.login_id,
    logins.c.role,
    logins.c.enabled,
    contracts.c.state,
)
#: How many of a row's columns tell the login, and where those of its line's evidence end.
LOGIN = len(_login_columns)
LINE = LOGIN + len(line_proof.Evidence._fields)


class Lookup:
    """One way to find who is calling. Line sessions are looked at only where the request shows one."""

    def __init__(self, columns: tuple[ColumnElement[Any], ...], source: FromClause, *conditions: Any) -> None:
        plain = select(*_login_columns, *line_proof.columns(with_session=False), *columns)
        full = select(*_login_columns, *line_proof.columns(with_session=True), *columns)
        self._plain = Statement(plain.select_from(source).where(*conditions))
        self._full = Statement(full.select_from(line_proof.join_session(source)).where(*conditions))

    def first(self, cursor: Cursor, presented: Presented, *, now_us: int, **key: str | int) -> Row | None:
        """Return the row, or None."""
        shown = line_proof.parameters(presented, now_us=now_us)
        if presented.line_token:
            return self._full.first(cursor, **shown, line_token_hash=secret_hash(presented.line_token), **key)
        return self._plain.first(cursor, **shown, **key)


_of_device = (
    devices.join(logins, (logins.c.contract_id == devices.c.contract_id) & (logins.c.id == devices.c.login))
    .join(contracts, contracts.c.id == devices.c.contract_id)
    .outerjoin(access_settings, access_settings.c.contract_id == devices.c.contract_id)
)
_device_columns = (
    devices.c.id,
    devices.c.state,
    devices.c.client,
    devices.c.certificate_sha256,
    devices.c.public_key,
    access_settings.c.device_binding,
)
_of_session = (
    web_sessions.join(
        logins, (logins.c.contract_id == web_sessions.c.contract_id) & (logins.c.id == web_sessions.c.login)
    )
    .join(contracts, contracts.c.id == web_sessions.c.contract_id)
    .outerjoin(
        devices, (devices.c.contract_id == web_sessions.c.contract_id) & (devices.c.id == web_sessions.c.device_id)
    )
)
_of_token = (
    api_tokens.join(logins, (logins.c.contract_id == api_tokens.c.contract_id) & (logins.c.id == api_tokens.c.login))
    .join(contracts, contracts.c.id == api_tokens.c.contract_id)
    .outerjoin(devices, (devices.c.contract_id == api_tokens.c.contract_id) & (devices.c.id == api_tokens.c.device_id))
    .outerjoin(access_settings, access_settings.c.contract_id == api_tokens.c.contract_id)
)

by_device_password = Lookup(
    _device_columns, _of_device, devices.c.password_hash == bindparam("password_hash", type_=String)
)
by_login_id = Lookup(
    (logins.c.password_hash,),
    logins.join(contracts, contracts.c.id == logins.c.contract_id),
    logins.c.login_id == bindparam("login_id", type_=String),
)
by_session = Lookup(
    (web_sessions.c.seen_at, devices.c.id, devices.c.state),
    _of_session,
    web_sessions.c.token_hash == bindparam("session_hash", type_=String),
    web_sessions.c.expires_at > bindparam("now", type_=BigInteger),
    web_sessions.c.seen_at > bindparam("idle_since", type_=BigInteger),
)
by_token = Lookup(
    (
        api_tokens.c.id,
        api_tokens.c.scopes,
        api_tokens.c.expires_at,
        api_tokens.c.last_used_at,
        api_tokens.c.revoked,
        devices.c.id,
        devices.c.state,
        devices.c.certificate_sha256,
        access_settings.c.device_binding,
    ),
    _of_token,
    api_tokens.c.token_hash == bindparam("token_hash", type_=String),
)

#: The states of a login, its contract and its device, asked again while a long transfer runs.
still_open = Statement(
    select(logins.c.enabled, contracts.c.state, devices.c.state)
    .select_from(
        logins.join(contracts, contracts.c.id == logins.c.contract_id).outerjoin(
            devices,
            (devices.c.contract_id == logins.c.contract_id) & (devices.c.id == bindparam("device", type_=String)),
        )
    )
    .where(
        logins.c.contract_id == bindparam("contract", type_=Integer),
        logins.c.id == bindparam("login_number", type_=BigInteger),
    )
)
