"""The sample firm as these tests use it: fresh devices, the access log, and what lies in the bucket."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import boto3
import httpx

from tests.product import AZUKARI, COMMAND_SECONDS, Drive, Product

CONTRACT_OF = {"hanako": "sakura", "taro": "sakura", "sakura-admin": "sakura", "jiro": "momiji"}


@dataclass(frozen=True)
class Device:
    """A registered device of a login."""

    product: Product
    login: str
    device_id: str
    password: str

    @property
    def auth(self) -> tuple[str, str]:
        """Return its credentials."""
        return self.login, self.password

    def drive(self, folder: str = "my/") -> Drive:
        """Return a folder of the drive, as this device opens it."""
        return Drive(f"{self.product.dav_url}{folder}", self.login, self.password)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> httpx.Response:
        """Send one request below `/dav/`."""
        url = self.product.dav_url + path
        return httpx.request(method, url, headers=headers, content=body, auth=self.auth, timeout=60)


def enter_key(product: Product, login: str, key: str, password: str = "", name: str = "PC") -> httpx.Response:
    """Enter a device key as a login; without a password its own."""
    given = {"login_id": login, "password": password or product.logins[login].password}
    return httpx.post(
        f"{product.base_url}/api/v1/devices", json={**given, "device_key": key, "device_name": name}, timeout=60
    )


def issue_key(product: Product, login: str) -> str:
    """Issue a device key to a login."""
    return str(product.azukari("device", "issue", login)["device_key"])


def new_device(product: Product, login: str) -> Device:
    """Issue a key to a login and register a device with it."""
    answer = enter_key(product, login, issue_key(product, login))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return Device(product, login, made["device_id"], made["dav_password"])


def access_log(product: Product, contract: str = "sakura", *options: str) -> list[dict[str, Any]]:
    """Return the access log as an administrator reads it, oldest first."""
    command = [AZUKARI, "log", contract, *options, "--json", "--data", str(product.data)]
    done = subprocess.run(command, capture_output=True, timeout=COMMAND_SECONDS, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Bucket:
    """What lies in the product's bucket."""

    def __init__(self, product: Product) -> None:
        s3 = product.s3
        self._name = s3.bucket
        self._client = boto3.client(
            "s3",
            endpoint_url=s3.endpoint,
            aws_access_key_id=s3.access_key,
            aws_secret_access_key=s3.secret_key,
            region_name="us-east-1",
        )

    def keys(self) -> set[str]:
        """Return the keys of all objects."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name)
        return {one["Key"] for page in pages for one in page.get("Contents", ())}

    def uploads(self) -> set[str]:
        """Return the ids of all multipart uploads that are neither completed nor aborted."""
        return {one["UploadId"] for one in self._client.list_multipart_uploads(Bucket=self._name).get("Uploads", ())}

    def everything(self, keys: Sequence[str]) -> list[tuple[str, bytes]]:
        """Return objects with all that is told of them: each a name for people, and bytes to search."""
        found = []
        for key in keys:
            answer = self._client.get_object(Bucket=self._name, Key=key)
            told = repr({**answer, "Body": None}).encode()
            found += [(key, answer["Body"].read()), (f"{key} (headers)", told), (f"{key} (key)", key.encode())]
        return found
