"""How the API says no."""

from __future__ import annotations

import json

import pytest

from core.errors import AccessDenied, DatabaseUnavailable, GatewayError, LockedOut
from gateway.api import error_json


@pytest.mark.parametrize(
    ("error", "status", "retry_seconds"),
    [
        (LockedOut(retry_seconds=31), 429, "31"),
        (DatabaseUnavailable("gone"), 503, "10"),
        (AccessDenied("device.key_refused"), 403, None),
    ],
)
def test_r19_a_caller_who_may_come_back_is_told_when(
    error: GatewayError, status: int, retry_seconds: str | None
) -> None:
    response = error_json(error, {})
    assert response.status == status
    assert dict(response.headers).get("Retry-After") == retry_seconds


def test_a_refusal_has_a_code_for_programs_and_words_in_the_callers_language() -> None:
    response = error_json(AccessDenied("device.key_refused"), {"HTTP_ACCEPT_LANGUAGE": "ja"})
    assert isinstance(response.body, bytes)
    said = json.loads(response.body)["error"]
    assert said["code"] == "device.key_refused"
    assert "端末認証キー" in said["message"]
    assert ("Content-Language", "ja") in response.headers
