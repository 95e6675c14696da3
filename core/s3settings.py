"""How to reach an S3 service."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class S3Settings:
    """One bucket of an S3 service, and the prefix all our keys begin with."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"
    prefix: str = "azukari"
    #: Where the embedded SeaweedFS says whether it has room; an S3 service says so itself.
    status_url: str | None = None
    #: The folder it keeps its data in.
    directory: str | None = None
