"""A second step by authenticator app, with recovery codes (R15, R19)."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pyotp
import pytest

from auth import one_time, totp
from auth.totp import Enrolment
from core.errors import AccessDenied, Conflict
from tests.unit.auth.cast import Cast


def _code(cast: Cast, enrolment: Enrolment, steps: int = 0) -> str:
    return pyotp.TOTP(enrolment.secret).at(cast.clock() + timedelta(seconds=30 * steps))


def _enrol(cast: Cast) -> tuple[Enrolment, list[str]]:
    admin = cast.caller("sakura-admin")
    enrolment = cast.database.write(lambda tx: totp.begin(tx, admin))
    codes = cast.database.write(lambda tx: totp.confirm(tx, admin, _code(cast, enrolment), now=cast.clock()))
    cast.clock.advance(minutes=5)
    return enrolment, codes


def _check(cast: Cast, code: str | None, login_id: str = "sakura-admin") -> str:
    """Return `ok`, or the message of the refusal."""
    try:
        cast.database.write(lambda tx: totp.check(tx, cast.caller(login_id), code, now=cast.clock()))
    except AccessDenied as refused:
        return refused.message_id
    return "ok"


def test_r15_a_login_without_app_needs_no_code(cast: Cast) -> None:
    assert _check(cast, None) == "ok"


def test_r15_an_enrolment_counts_only_once_it_was_confirmed(cast: Cast) -> None:
    admin = cast.caller("sakura-admin")
    enrolment = cast.database.write(lambda tx: totp.begin(tx, admin))
    assert _check(cast, None) == "ok"
    with pytest.raises(AccessDenied):
        cast.database.write(lambda tx: totp.confirm(tx, admin, "000000", now=cast.clock()))
    cast.database.write(lambda tx: totp.confirm(tx, admin, _code(cast, enrolment), now=cast.clock()))
    assert _check(cast, None) == "totp.required"


def test_r15_an_enrolled_login_needs_a_right_code_that_nobody_used(cast: Cast) -> None:
    enrolment, _ = _enrol(cast)
    code = _code(cast, enrolment)
    assert _check(cast, "") == "totp.required"
    assert _check(cast, _code(cast, enrolment, 2)) == "totp.refused"
    assert _check(cast, f" {code[:3]} {code[3:]} ") == "ok"
    assert _check(cast, code) == "totp.refused"
    assert _check(cast, _code(cast, enrolment, 1)) == "ok"
    assert _check(cast, None, "hanako") == "ok"


def test_r15_the_code_that_confirmed_the_app_is_used_up(cast: Cast) -> None:
    admin = cast.caller("sakura-admin")
    enrolment = cast.database.write(lambda tx: totp.begin(tx, admin))
    code = _code(cast, enrolment)
    cast.database.write(lambda tx: totp.confirm(tx, admin, code, now=cast.clock()))
    assert _check(cast, code) == "totp.refused"


def test_r19_each_recovery_code_is_good_once(cast: Cast) -> None:
    _, codes = _enrol(cast)
    assert len(set(codes)) == 10
    assert _check(cast, codes[0].upper()) == "ok"
    assert _check(cast, codes[0]) == "totp.refused"
    assert _check(cast, codes[9].replace("-", " ")) == "ok"


def test_an_enrolled_app_is_replaced_only_after_it_was_removed(cast: Cast) -> None:
    admin = cast.caller("sakura-admin")
    _, codes = _enrol(cast)
    with pytest.raises(Conflict):
        cast.database.write(lambda tx: totp.begin(tx, admin))
    cast.database.write(lambda tx: totp.remove(tx, admin.contract_id, admin.login))
    assert _check(cast, None) == "ok"
    _enrol(cast)
    assert _check(cast, codes[0]) == "totp.refused"


def test_nothing_is_confirmed_that_was_not_begun(cast: Cast) -> None:
    with pytest.raises(Conflict):
        cast.database.write(lambda tx: totp.confirm(tx, cast.caller("hanako"), "123456", now=cast.clock()))


def test_the_qr_code_is_an_svg_of_the_apps_address(cast: Cast) -> None:
    enrolment = cast.database.write(lambda tx: totp.begin(tx, cast.caller("sakura-admin")))
    assert enrolment.uri.startswith("otpauth://totp/Azukari:sakura-admin?secret=")
    assert ElementTree.fromstring(totp.qr_svg(enrolment.uri)).tag == "{http://www.w3.org/2000/svg}svg"


def test_used_codes_are_forgotten_once_they_could_not_be_good(cast: Cast) -> None:
    enrolment, _ = _enrol(cast)
    assert _check(cast, _code(cast, enrolment)) == "ok"
    assert cast.database.write(lambda tx: one_time.forget(tx, now=cast.clock())) == 0
    later = cast.clock.advance(minutes=10)
    assert cast.database.write(lambda tx: one_time.forget(tx, now=later)) == 2
