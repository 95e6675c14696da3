"""R18: a Secret Folder opens for a while, on the device that gave the secret, and closes by itself."""

from datetime import timedelta

import pytest

from auth import secret_folders
from auth.callers import Caller
from core.errors import AccessDenied, AlreadyExists, NotFound
from tests.unit.auth.cast import Cast

SECRET = "open sesame"
RUN_KEY = bytes(32)
IDLE = timedelta(minutes=15)


@pytest.fixture
def hanako(cast: Cast) -> Caller:
    """Return hanako at her PC, with a Secret Folder that is locked."""
    caller = cast.caller("hanako", cast.device("hanako").device_id)
    secret_folders.create(cast.database, caller, SECRET, now=cast.clock())
    return caller


def key(cast: Cast, caller: Caller, run_key: bytes = RUN_KEY) -> bytes | None:
    """Return the key as a request would get it now."""
    return secret_folders.unlocked_key(cast.database, caller, run_key, idle=IDLE, now=cast.clock())


def unlock(cast: Cast, caller: Caller, secret: str = SECRET) -> None:
    """Unlock with the run key of this run."""
    secret_folders.unlock(cast.database, caller, secret, RUN_KEY, now=cast.clock())


def test_r18_a_new_folder_is_locked(cast: Cast, hanako: Caller) -> None:
    assert key(cast, hanako) is None


def test_r18_the_secret_unlocks_it_on_this_device_only(cast: Cast, hanako: Caller) -> None:
    unlock(cast, hanako)
    assert key(cast, hanako) is not None
    assert key(cast, cast.caller("hanako", cast.device("hanako").device_id)) is None
    assert key(cast, cast.caller("taro", hanako.device_id)) is None


def test_unlocking_again_gives_the_same_key(cast: Cast, hanako: Caller) -> None:
    unlock(cast, hanako)
    first = key(cast, hanako)
    unlock(cast, hanako)
    assert key(cast, hanako) == first


def test_r18_a_wrong_secret_leaves_it_locked(cast: Cast, hanako: Caller) -> None:
    with pytest.raises(AccessDenied):
        unlock(cast, hanako, "open barley")
    assert key(cast, hanako) is None


@pytest.mark.parametrize(("idle", "is_open"), [(IDLE, True), (IDLE + timedelta(microseconds=1), False)])
def test_r18_it_closes_after_idle_time(cast: Cast, hanako: Caller, idle: timedelta, is_open: bool) -> None:
    unlock(cast, hanako)
    cast.clock.advance(seconds=idle.total_seconds())
    assert (key(cast, hanako) is not None) is is_open


def test_r18_use_keeps_it_open(cast: Cast, hanako: Caller) -> None:
    unlock(cast, hanako)
    for _ in range(3):
        cast.clock.advance(seconds=IDLE.total_seconds())
        assert key(cast, hanako) is not None


def test_a_request_costs_one_statement(cast: Cast, hanako: Caller) -> None:
    unlock(cast, hanako)
    cast.database.probe.reset()
    key(cast, hanako)
    assert len(cast.database.probe.statements) == 1


def test_r18_logout_locks_it(cast: Cast, hanako: Caller) -> None:
    unlock(cast, hanako)
    secret_folders.lock(cast.database, hanako)
    assert key(cast, hanako) is None


def test_r16_locking_a_device_locks_what_it_had_open_and_no_other(cast: Cast, hanako: Caller) -> None:
    other = cast.caller("hanako", cast.device("hanako").device_id)
    unlock(cast, hanako)
    unlock(cast, other)
    device_id = hanako.device_id or ""
    assert cast.database.write(lambda tx: secret_folders.lock_device(tx, hanako.contract_id, device_id)) == 1
    assert key(cast, hanako) is None
    assert key(cast, other) is not None


def test_r18_after_a_restart_it_is_locked(cast: Cast, hanako: Caller) -> None:
    unlock(cast, hanako)
    assert key(cast, hanako, run_key=b"\1" * 32) is None
    cast.database.write(secret_folders.lock_everything)
    assert key(cast, hanako) is None


def test_a_changed_secret_locks_it_everywhere_and_opens_it_again(cast: Cast, hanako: Caller) -> None:
    unlock(cast, hanako)
    before = key(cast, hanako)
    secret_folders.change_secret(cast.database, hanako, SECRET, "new secret", now=cast.clock())
    assert key(cast, hanako) is None
    with pytest.raises(AccessDenied):
        unlock(cast, hanako)
    unlock(cast, hanako, "new secret")
    assert key(cast, hanako) == before


def test_r18_a_forgotten_secret_is_replaced_by_the_recovery_code_alone(cast: Cast) -> None:
    taro = cast.caller("taro", cast.device("taro").device_id)
    code = secret_folders.create(cast.database, taro, SECRET, now=cast.clock())
    with pytest.raises(AccessDenied):
        secret_folders.recover(cast.database, taro, SECRET, "new secret", now=cast.clock())
    secret_folders.recover(cast.database, taro, code, "new secret", now=cast.clock())
    unlock(cast, taro, "new secret")
    assert key(cast, taro) is not None


def test_a_login_has_one_secret_folder(cast: Cast, hanako: Caller) -> None:
    with pytest.raises(AlreadyExists):
        secret_folders.create(cast.database, hanako, SECRET, now=cast.clock())


def test_without_a_folder_there_is_nothing_to_unlock(cast: Cast) -> None:
    taro = cast.caller("taro")
    with cast.database.reading() as tx:
        assert not secret_folders.exists(tx, taro)
    with pytest.raises(NotFound):
        unlock(cast, taro)
