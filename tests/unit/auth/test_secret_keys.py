"""R18: the folder's key comes back by the user's secret or the recovery code, and by nothing else."""

import pytest

from auth import secret_keys
from auth.secret_keys import Wrapped
from core.errors import AccessDenied, InvalidInput
from core.ids import grouped

SECRET = "ひらけごま、ひらけごま"
NEW = secret_keys.create(SECRET)


def test_r18_the_secret_gives_the_key_back() -> None:
    assert secret_keys.by_secret(NEW.wrapped, SECRET) == NEW.key
    assert len(NEW.key) == secret_keys.KEY_BYTES


def test_r18_the_recovery_code_gives_the_key_back_however_it_is_typed() -> None:
    assert secret_keys.by_recovery_code(NEW.wrapped, NEW.recovery_code) == NEW.key
    assert secret_keys.by_recovery_code(NEW.wrapped, f" {grouped(NEW.recovery_code).upper()} ") == NEW.key


@pytest.mark.parametrize(
    "wrong", ["", "ひらけごま", SECRET + " ", NEW.recovery_code], ids=["empty", "half", "space", "code"]
)
def test_r18_another_word_opens_nothing(wrong: str) -> None:
    with pytest.raises(AccessDenied) as refused:
        secret_keys.by_secret(NEW.wrapped, wrong)
    assert refused.value.message_id == "secret.wrong"


@pytest.mark.parametrize("wrong", ["", SECRET, NEW.recovery_code[:-1]], ids=["empty", "secret", "cut"])
def test_r18_another_code_opens_nothing(wrong: str) -> None:
    with pytest.raises(AccessDenied) as refused:
        secret_keys.by_recovery_code(NEW.wrapped, wrong)
    assert refused.value.message_id == "secret.wrong_recovery"


def test_a_changed_secret_keeps_the_key_and_the_recovery_code() -> None:
    changed = secret_keys.rewrap(NEW.wrapped, NEW.key, "another secret")
    assert secret_keys.by_secret(changed, "another secret") == NEW.key
    assert secret_keys.by_recovery_code(changed, NEW.recovery_code) == NEW.key
    with pytest.raises(AccessDenied):
        secret_keys.by_secret(changed, SECRET)


def test_r18_nothing_stored_shows_key_secret_or_code() -> None:
    stored = b"".join((NEW.wrapped.salt, NEW.wrapped.by_secret, NEW.wrapped.by_recovery))
    assert not any(word in stored for word in (NEW.key, SECRET.encode(), NEW.recovery_code.encode()))


def test_two_folders_with_one_secret_have_nothing_in_common() -> None:
    other = secret_keys.create(SECRET)
    assert other.key != NEW.key
    with pytest.raises(AccessDenied):
        secret_keys.by_secret(Wrapped(NEW.wrapped.salt, other.wrapped.by_secret, b""), SECRET)


@pytest.mark.parametrize(("characters", "accepted"), [(7, False), (8, True), (256, True), (257, False)])
def test_a_secret_has_8_to_256_characters(characters: int, accepted: bool) -> None:
    if accepted:
        assert secret_keys.checked("あ" * characters)
    else:
        with pytest.raises(InvalidInput):
            secret_keys.checked("あ" * characters)
