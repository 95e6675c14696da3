"""What a SeaweedFS server says of itself beside S3, under /dir/status of its master."""

from __future__ import annotations

import http.client
import json
import shutil
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 2
#: Twice the size of a volume.
_LOW_BYTES = 2 * 1024**3


def is_full(status_url: str, bucket: str) -> bool:
    """Return whether no volume of the bucket takes writes and none can be made; False where nobody answers.

    To S3 clients SeaweedFS calls this an internal error.
    """
    try:
        topology = _topology(status_url)
        layouts = [one for one in topology["Layouts"] or () if one["collection"] == bucket]
        full = topology["Max"] > 0 and topology["Free"] <= 0
        return bool(full and not any(one["writables"] for one in layouts))
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return False


def is_disk_low(directory: str) -> bool:
    """Return whether the disk has little room left; SeaweedFS calls itself full for a moment after each start."""
    try:
        usage = shutil.disk_usage(directory)
    except OSError:
        return False
    return usage.free < _LOW_BYTES + usage.total // 50


def has_volumes(status_url: str) -> bool:
    """Return whether the part that holds the data has joined; S3 answers before that, and then fails."""
    try:
        return bool(_topology(status_url)["Max"] > 0)
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return False


def _topology(status_url: str) -> dict[str, Any]:
    address = urlsplit(status_url)
    connection = http.client.HTTPConnection(address.netloc, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", address.path)
        topology: dict[str, Any] = json.loads(connection.getresponse().read())["Topology"]
        return topology
    finally:
        connection.close()
