"""Set-up through boto3."""

from __future__ import annotations

import pytest

from core.errors import StoreUnavailable
from core.s3settings import S3Settings
from storage.objects.boto3_s3 import Boto3S3, ensure_bucket


def test_a_missing_bucket_is_made_and_a_present_one_kept(moto_s3: S3Settings) -> None:
    fresh = S3Settings(moto_s3.endpoint, moto_s3.bucket + "-2", "test", "test")
    ensure_bucket(fresh)
    Boto3S3(fresh).put("p/a", b"x", metadata={})
    ensure_bucket(fresh)
    assert Boto3S3(fresh).read("p/a", size_bytes=1) == b"x"


def test_a_bucket_that_is_gone_is_no_missing_file(moto_s3: S3Settings) -> None:
    gone = Boto3S3(S3Settings(moto_s3.endpoint, moto_s3.bucket + "x", "test", "test"))
    with pytest.raises(StoreUnavailable):
        gone.put("p/a", b"x", metadata={})
    with pytest.raises(StoreUnavailable):
        gone.begin_upload("p/a", metadata={})
    with pytest.raises(StoreUnavailable):
        gone.check()


@pytest.mark.slow
def test_a_service_that_is_gone_is_said_so() -> None:
    settings = S3Settings("http://127.0.0.1:9", "bucket", "key", "secret")
    with pytest.raises(StoreUnavailable):
        ensure_bucket(settings)
    with pytest.raises(StoreUnavailable):
        Boto3S3(settings).read("p/a", size_bytes=1)
