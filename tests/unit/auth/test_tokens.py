"""Tokens of the HTTP API: what they are made of, what they open, and what ends them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from auth import certificates, devices, logins, settings, tokens
from auth.callers import DeviceState, Role
from auth.journal import Journal
from auth.presented import NOTHING, Presented
from auth.settings import Binding, Settings
from auth.tokens import LONGEST_DAYS, MAX_TOKENS, IssuedToken, Scope, Wish
from core.errors import AccessDenied, InvalidInput, NotAuthenticated, NotFound
from db.tables import api_tokens
from db.tables import devices as device_rows
from tests.unit.auth.cast import HANAKO, LOGINS, MOMIJI, SAKURA, TARO, Cast

READ = frozenset((Scope.FILES_READ,))


def issue(
    cast: Cast, login_id: str, *scopes: Scope, device_id: str | None = None, days: float = 30, name: str = "backup"
) -> IssuedToken:
    """Issue a token as the page does."""
    contract_id, login, role = LOGINS[login_id]
    wish = Wish(name, frozenset(scopes or READ), timedelta(days=days), device_id)
    pro = contract_id in cast.pro
    return cast.database.write(lambda tx: tokens.issue(tx, contract_id, login, role, wish, pro=pro, now=cast.clock()))


def refused(cast: Cast, token: str, presented: Presented = NOTHING) -> str:
    """Return why a token opens nothing."""
    with pytest.raises((NotAuthenticated, AccessDenied)) as error:
        cast.identifier().by_token(token, presented)
    return str(getattr(error.value, "cause", ""))


def test_a_token_opens_what_its_login_may_for_its_scopes(cast: Cast) -> None:
    device = cast.device("hanako")
    issued = issue(cast, "hanako", Scope.FILES_READ, Scope.SHARING_READ, device_id=device.device_id)
    caller, scopes = cast.identifier().by_token(issued.token, NOTHING)
    assert (caller.contract_id, caller.login, caller.device_id, caller.pro) == (SAKURA, HANAKO, device.device_id, True)
    assert scopes == {Scope.FILES_READ, Scope.SHARING_READ}


def test_a_token_has_128_bits_and_only_its_hash_is_kept(cast: Cast) -> None:
    cast.pro.clear()
    first, second = issue(cast, "hanako"), issue(cast, "hanako")
    assert first.token.startswith(tokens.PREFIX)
    assert len(first.token) - len(tokens.PREFIX) >= 26  # of 31 characters: 128 bits
    assert first.token != second.token
    with cast.database.reading() as tx:
        kept = [str(value) for row in tx.execute(api_tokens.select()) for value in row]
    assert not any(first.token in value for value in kept)


def test_a_token_is_good_until_its_last_instant(cast: Cast) -> None:
    cast.pro.clear()
    issued = issue(cast, "hanako", days=1)
    cast.clock.instant = issued.expires_at - timedelta(microseconds=1)
    cast.identifier().by_token(issued.token, NOTHING)
    cast.clock.instant = issued.expires_at
    assert refused(cast, issued.token) == "token.expired"


def test_a_revoked_token_opens_nothing_and_the_contracts_log_tells(cast: Cast) -> None:
    cast.pro.clear()
    issued, journal = issue(cast, "hanako"), Journal(cast.database)
    cast.database.write(lambda tx: tokens.revoke(tx, SAKURA, issued.token_id, login=HANAKO))
    with pytest.raises(NotAuthenticated):
        cast.identifier(journal=journal).by_token(issued.token, NOTHING)
    ((contract_id, entry),) = journal._waiting
    assert (contract_id, entry.login_id, entry.result) == (SAKURA, "hanako", "token.revoked")


def test_one_character_more_or_less_is_no_token(cast: Cast) -> None:
    cast.pro.clear()
    token = issue(cast, "hanako").token
    for one in (token[:-1], token + "a", token.upper(), token.removeprefix(tokens.PREFIX), "", "\0", "ぱ"):
        assert refused(cast, one) == "token.unknown"


def test_r16_a_locked_devices_token_is_refused_and_another_devices_is_not(cast: Cast) -> None:
    lost, kept = cast.device("hanako"), cast.device("hanako")
    of_lost, of_kept = (issue(cast, "hanako", device_id=one.device_id) for one in (lost, kept))
    cast.database.write(
        lambda tx: devices.change_state(tx, lost.device_id, DeviceState.LOCKED, by="a", reason="", now=cast.clock())
    )
    assert refused(cast, of_lost.token) == "device.locked"
    cast.identifier().by_token(of_kept.token, NOTHING)


def test_r12_on_pro_only_the_administration_of_the_contract_needs_no_device(cast: Cast) -> None:
    issue(cast, "sakura-admin", Scope.CONTRACT_READ, Scope.CONTRACT_WRITE)
    for scope in (Scope.FILES_READ, Scope.FILES_WRITE, Scope.SHARING_READ, Scope.GROUPWARE_WRITE):
        with pytest.raises(AccessDenied) as error:
            issue(cast, "sakura-admin", Scope.CONTRACT_READ, scope)
        assert error.value.message_id == "token.device_needed"
    cast.pro.clear()
    issue(cast, "sakura-admin", Scope.FILES_READ)


@pytest.mark.parametrize("scope", [Scope.CONTRACT_READ, Scope.CONTRACT_WRITE, Scope.SERVICE, Scope.SUPPORT])
def test_a_user_gets_no_scope_beyond_its_role(cast: Cast, scope: Scope) -> None:
    cast.pro.clear()
    with pytest.raises(AccessDenied) as error:
        issue(cast, "hanako", Scope.FILES_READ, scope)
    assert error.value.message_id == "token.role"


def test_every_role_has_scopes_and_every_scope_a_role() -> None:
    assert set(tokens.OF_ROLE) == set(Role)
    assert frozenset().union(*tokens.OF_ROLE.values()) == frozenset(Scope)
    assert len(" ".join(Scope)) <= api_tokens.c.scopes.type.length  # type: ignore[attr-defined]


def test_a_token_is_of_ones_own_open_device_alone(cast: Cast) -> None:
    of_taro, of_jiro, locked = cast.device("taro"), cast.device("jiro"), cast.device("hanako")
    cast.database.write(
        lambda tx: devices.change_state(tx, locked.device_id, DeviceState.LOCKED, by="a", reason="", now=cast.clock())
    )
    for device_id in (of_taro.device_id, of_jiro.device_id, locked.device_id, "dev-none"):
        with pytest.raises(NotFound):
            issue(cast, "hanako", device_id=device_id)


@pytest.mark.parametrize(
    ("days", "name", "scopes"),
    [
        (0, "x", READ),
        (-1, "x", READ),
        (LONGEST_DAYS + 0.1, "x", READ),
        (1, "", READ),
        (1, " ", READ),
        (1, "x" * 65, READ),
        (1, "x\ny", READ),
        (1, "x\0", READ),
        (1, "x", frozenset()),
    ],
)
def test_a_token_that_cannot_be_is_refused(cast: Cast, days: float, name: str, scopes: frozenset[Scope]) -> None:
    wish = Wish(name, scopes, timedelta(days=days))
    with pytest.raises(InvalidInput):
        cast.database.write(lambda tx: tokens.issue(tx, SAKURA, HANAKO, Role.USER, wish, pro=False, now=cast.clock()))


def test_the_longest_name_and_time_are_taken(cast: Cast) -> None:
    cast.pro.clear()
    issue(cast, "hanako", days=LONGEST_DAYS, name="x" * 64)


def test_a_login_has_so_many_tokens_and_may_have_another_once_one_ended(cast: Cast) -> None:
    cast.pro.clear()
    first, *_ = [issue(cast, "hanako") for _ in range(MAX_TOKENS)]
    with pytest.raises(InvalidInput):
        issue(cast, "hanako")
    issue(cast, "taro")
    cast.database.write(lambda tx: tokens.revoke(tx, SAKURA, first.token_id))
    issue(cast, "hanako")


def test_a_new_password_and_a_disabled_login_end_its_tokens_and_no_others(cast: Cast) -> None:
    cast.pro.clear()
    for end in (
        lambda tx: logins.set_password(tx, SAKURA, HANAKO, "a hash"),
        lambda tx: logins.set_enabled(tx, "hanako", False),
    ):
        mine, other = issue(cast, "hanako"), issue(cast, "taro")
        cast.database.write(end)
        cast.database.write(lambda tx: logins.set_enabled(tx, "hanako", True))
        assert refused(cast, mine.token) == "token.revoked"
        cast.identifier().by_token(other.token, NOTHING)


def test_a_disabled_login_is_refused_by_what_it_is(cast: Cast) -> None:
    cast.pro.clear()
    issued = issue(cast, "hanako")
    cast.database.write(lambda tx: logins.set_enabled(tx, "hanako", False))
    assert refused(cast, issued.token) == "token.revoked"


def test_tokens_are_listed_with_their_last_use_written_down_once_a_minute(cast: Cast) -> None:
    cast.pro.clear()
    issued = issue(cast, "hanako")
    began = cast.clock()
    for seconds in (0, 59, 60):
        cast.clock.instant = began + timedelta(seconds=seconds)
        cast.identifier().by_token(issued.token, NOTHING)
        with cast.database.reading() as tx:
            (listed,) = tokens.list_tokens(tx, SAKURA, login=HANAKO)
        assert listed.last_used_at == (cast.clock() if seconds == 60 else began)
    with cast.database.reading() as tx:
        assert tokens.list_tokens(tx, SAKURA, login=TARO) == []
        assert tokens.list_tokens(tx, MOMIJI) == []
        assert [one.login_id for one in tokens.list_tokens(tx, SAKURA)] == ["hanako"]


def test_nobody_revokes_a_token_of_another_login_or_contract(cast: Cast) -> None:
    cast.pro.clear()
    issued = issue(cast, "hanako")
    for contract_id, login in ((SAKURA, TARO), (MOMIJI, None)):
        with pytest.raises(NotFound):
            cast.database.write(
                lambda tx, one=contract_id, who=login: tokens.revoke(tx, one, issued.token_id, login=who)  # type: ignore[misc]
            )
    cast.identifier().by_token(issued.token, NOTHING)


def test_r14_where_devices_are_bound_to_a_certificate_its_token_counts_only_with_it(cast: Cast) -> None:
    device = cast.device("hanako")
    certified = cast.database.write(
        lambda tx: certificates.certify(tx, device.device_id, now=cast.clock(), valid_for=timedelta(days=1))
    )
    assert certified is not None
    cast.database.write(lambda tx: settings.write(tx, SAKURA, Settings(Binding.CERTIFICATE)))
    issued = issue(cast, "hanako", device_id=device.device_id)
    with cast.database.reading() as tx:
        (kept,) = tx.execute(select(device_rows.c.certificate_sha256)).scalars()
    assert refused(cast, issued.token) == "device.certificate_missing"
    cast.identifier().by_token(issued.token, Presented(certificate_sha256=kept))


def test_tokens_that_ended_long_ago_are_forgotten(cast: Cast) -> None:
    cast.pro.clear()
    issued = issue(cast, "hanako", days=1)
    kept_until = issued.expires_at + tokens.KEPT
    just_before = kept_until - timedelta(microseconds=1)
    assert cast.database.write(lambda tx: tokens.forget(tx, now=just_before)) == 0
    assert cast.database.write(lambda tx: tokens.forget(tx, now=kept_until)) == 1


def test_an_unknown_scope_is_refused_and_a_retired_one_dropped() -> None:
    assert tokens.parse_scopes(["files:read", "files:read"]) == READ
    with pytest.raises(InvalidInput, match="files:all"):
        tokens.parse_scopes(["files:read", "files:all"])
    assert tokens.scopes_of("files:all files:read") == READ
