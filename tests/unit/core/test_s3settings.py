"""How to reach an S3 service."""

from __future__ import annotations

from core.s3settings import S3Settings


def test_the_secret_is_never_shown() -> None:
    settings = S3Settings("http://127.0.0.1:1", "bucket", "key", "very-secret")
    assert "very-secret" not in repr(settings)
