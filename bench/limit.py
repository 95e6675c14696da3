"""The object store without anything in front of it: what no gateway can exceed."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import obstore
from botocore.config import Config
from obstore.store import S3Store

from bench import large, small
from bench.small import Load
from bench.targets import Target
from bench.workloads import GET, GET_LARGE, PUT, PUT_LARGE, SMALL_BYTES, Sizes, Values
from core.s3settings import S3Settings

NAME = "raw S3"
_KEYS = 500
_PART_BYTES = 8 * 1024 * 1024
_PARTS_IN_FLIGHT = 4


class RawS3:
    """Signed addresses of the store for the same load generators, and obstore for uploads in parts."""

    def __init__(self, s3: S3Settings) -> None:
        url = urlsplit(s3.endpoint)
        assert url.hostname is not None
        assert url.port is not None
        self.target = Target(NAME, (url.hostname, url.port), "", (), 0)
        client = boto3.client(
            "s3",
            endpoint_url=s3.endpoint,
            aws_access_key_id=s3.access_key,
            aws_secret_access_key=s3.secret_key,
            region_name=s3.region,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )

        def signed(operation: str, key: str) -> str:
            address = urlsplit(client.generate_presigned_url(operation, {"Bucket": s3.bucket, "Key": key}, 6 * 3600))
            return f"{address.path}?{address.query}"

        keys = [f"raw/{i}" for i in range(_KEYS)]
        self._puts = [signed("put_object", key) for key in keys]
        self._gets = [signed("get_object", key) for key in keys]
        self._get_large = signed("get_object", "raw/large")
        self._store = S3Store(
            s3.bucket, endpoint=s3.endpoint, access_key_id=s3.access_key, secret_access_key=s3.secret_key,
            region=s3.region, virtual_hosted_style_request=False, unsigned_payload=True,
            client_options={"allow_http": True},
        )  # fmt: skip
        for key in keys:
            obstore.put(self._store, key, bytes(SMALL_BYTES), use_multipart=False)

    def put(self, sizes: Sizes) -> Values:
        """Small PUTs by signed addresses."""
        load = Load("PUT", self._puts, bytes(SMALL_BYTES))
        for connections, measure in PUT.items():
            yield measure, small.send(self.target, load, connections=connections, seconds=sizes.seconds).per_second

    def get(self, sizes: Sizes) -> Values:
        """Small GETs by signed addresses."""
        for connections, measure in GET.items():
            load = Load("GET", self._gets)
            yield measure, small.send(self.target, load, connections=connections, seconds=sizes.seconds).per_second

    def large_files(self, source: Path) -> Values:
        """One multipart upload with parts like Azukari's, four on their way at once; one plain GET."""
        size_bytes = source.stat().st_size
        began = time.perf_counter()
        obstore.put(
            self._store, "raw/large", source, use_multipart=True, chunk_size=_PART_BYTES,
            max_concurrency=_PARTS_IN_FLIGHT,
        )  # fmt: skip
        yield PUT_LARGE, size_bytes / (time.perf_counter() - began) / 1e6
        yield GET_LARGE, size_bytes / large.get(self.target, self._get_large, size_bytes) / 1e6
        obstore.delete(self._store, "raw/large")
