"""Tokens of this API: one's own, and the contract's for its administrator; none of them makes another."""

from __future__ import annotations

from admin_web.api.shapes import Instant, Key, Page, Rows, Shape, rows
from admin_web.api.subject import Subject
from admin_web.gate import caller, parts
from auth import accesslog, tokens
from auth.tokens import Scope, Token
from db.engine import Transaction

subject = Subject("tokens", "Tokens of this API")


class TokenShown(Shape):
    """A token, without what it is shown by."""

    token_id: str
    login_id: str
    name: str
    scopes: list[str]
    device_id: str | None
    created_at: Instant
    expires_at: Instant
    last_used_at: Instant | None
    revoked: bool


class WhichToken(Shape):
    """A token by its id."""

    token_id: Key


def _shown(one: Token) -> TokenShown:
    return TokenShown(
        token_id=one.token_id,
        login_id=one.login_id,
        name=one.name,
        scopes=list(one.scopes),
        device_id=one.device_id,
        created_at=one.created_at,
        expires_at=one.expires_at,
        last_used_at=one.last_used_at,
        revoked=one.revoked,
    )


@subject.operation("GET /me/tokens", scope=None, answer=Rows[TokenShown])
def list_my_tokens(query: Page) -> Rows[TokenShown]:
    """List the caller's own tokens, the newest first."""
    with parts().database.reading() as tx:
        found = tokens.list_tokens(tx, caller().contract_id, login=caller().login)
    return rows(query, found, _shown)


@subject.operation("GET /tokens", scope=Scope.CONTRACT_READ, answer=Rows[TokenShown])
def list_tokens(query: Page) -> Rows[TokenShown]:
    """List the tokens of all logins of the contract, the newest first."""
    with parts().database.reading() as tx:
        found = tokens.list_tokens(tx, caller().contract_id)
    return rows(query, found, _shown)


@subject.operation("DELETE /tokens/<token_id>", scope=Scope.CONTRACT_WRITE)
def revoke_token(path: WhichToken) -> None:
    """Revoke a token of the contract, from its next request on."""
    found, now = caller(), parts().clock()

    def operation(tx: Transaction) -> None:
        tokens.revoke(tx, found.contract_id, path.token_id)
        entry = accesslog.entry_of(found, "token.revoke", "", now=now, detail=path.token_id)
        accesslog.append(tx.cursor, found.contract_id, [entry])

    parts().database.write(operation)
