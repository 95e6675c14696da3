"""Who is calling the API."""

from __future__ import annotations

from tests.unit.admin_web.api.callers import Programs


def test_everybody_is_told_who_they_are(programs: Programs) -> None:
    found = programs.of("hanako").read("/me")
    assert found["login_id"] == "hanako"
    assert found["contract"] == "sakura"
    assert found["device_id"].startswith("dev-")
    assert found["room"] == {"capacity_bytes": 50 * 2**30, "used_bytes": 0, "available_bytes": 50 * 2**30}


def test_staff_has_no_contract_and_no_room(programs: Programs) -> None:
    found = programs.of("operator").read("/me")
    assert (found["contract"], found["room"], found["scopes"]) == (None, None, ["service"])
