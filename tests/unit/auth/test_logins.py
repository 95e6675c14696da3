"""Logins: their IDs are unique in the whole service."""

from __future__ import annotations

import pytest

from auth import logins
from auth.callers import Role
from core.errors import AlreadyExists, InvalidInput, NotFound
from tests.unit.auth.cast import MOMIJI, SAKURA, Cast


def _add(cast: Cast, contract_id: int, number: int, login_id: str) -> None:
    cast.database.write(
        lambda tx: logins.add_login(tx, contract_id, number, login_id, Role.USER, "hash", now=cast.clock())
    )


@pytest.mark.parametrize("login_id", ["a", "0", "h.a_n-a@ko", "x" * 64])
def test_a_login_id_can_be_typed_on_every_keyboard(cast: Cast, login_id: str) -> None:
    _add(cast, SAKURA, 90, login_id)
    with cast.database.reading() as tx:
        assert login_id in [one.login_id for one in logins.list_logins(tx, SAKURA)]


@pytest.mark.parametrize("login_id", ["", "x" * 65, "Hanako", "花子", "a b", "a:b", "a/b", ".a", "a\0", "a\n"])
def test_any_other_login_id_is_refused(cast: Cast, login_id: str) -> None:
    with pytest.raises(InvalidInput):
        _add(cast, SAKURA, 90, login_id)


def test_a_login_id_belongs_to_one_contract(cast: Cast) -> None:
    with pytest.raises(AlreadyExists):
        _add(cast, MOMIJI, 90, "hanako")


def test_an_unknown_login_can_be_neither_disabled_nor_enabled(cast: Cast) -> None:
    for enabled in (False, True):
        with pytest.raises(NotFound):
            cast.database.write(lambda tx, enabled=enabled: logins.set_enabled(tx, "nobody", enabled))  # type: ignore[misc]
