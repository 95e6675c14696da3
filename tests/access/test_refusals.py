"""Each refusal has its own reason in the access log, and none of it in the answer (R13, R16, R17, R21)."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pyotp
import pytest

from auth import edge
from auth.presented import EDGE_HEADER, LINE_SESSION_HEADER
from tests.access.firm import Device, access_log, enter_key, issue_key, new_device
from tests.product import Product, ProductFailed

pytestmark = pytest.mark.slow

CARRIER, CARRIER_KEY = "carrier-1", "a long random text"
WITHIN_SECONDS = 15.0


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Yield a product where a carrier signs for lines; this is not a matter of the HTTP server."""
    folder = tmp_path_factory.mktemp("refusals")
    config = folder / "config.yaml"
    lines = {"verifiers": ["edge"], "edge_keys": {CARRIER: CARRIER_KEY}}
    config.write_text(json.dumps({"lines": lines, "lockout": {"login_attempts": 50, "address_attempts": 500}}))
    with Product(folder / "data", options=["--config", str(config)]) as running:
        yield running


class Line(NamedTuple):
    """A line of a contract, and what its tool shows just now and next, which is taken already."""

    line_id: str
    code: str
    next_code: str


@pytest.fixture
def line(product: Product) -> Line:
    """Return a new line of sakura's."""
    return new_line(product, "sakura")


def new_line(product: Product, contract: str) -> Line:
    """Register a line; a tool's code is good once, so whoever needs many takes many lines."""
    added = product.azukari("line", "add", contract, f"line {uuid.uuid4().hex[:8]}")
    tool, now = pyotp.TOTP(str(added["tool_secret"])), datetime.now(UTC)
    return Line(str(added["line_id"]), tool.at(now), tool.at(now + timedelta(seconds=30)))


@pytest.fixture(scope="module")
def device(product: Product) -> Device:
    """Return a device of hanako's."""
    return new_device(product, "hanako")


def expect(product: Product, contract: str, act: str, result: str, **more: str) -> dict[str, Any]:
    """Return the log's latest such entry; reads and refusals are written down about once a second."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while True:
        log = access_log(product, contract)
        wanted = {"act": act, "result": result, **more}
        found = [one for one in log if wanted.items() <= one.items()]
        if found:
            return found[-1]
        if time.monotonic() > deadline:
            raise ProductFailed(f"{wanted} is not in {[(one['act'], one['result']) for one in log[-8:]]}")


def refused(answer: httpx.Response, status: int, code: str) -> None:
    """Hold an API's answer to a refusal that tells this code."""
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def open_line(device: Device, line: Line, headers: dict[str, str] | None = None) -> httpx.Response:
    """Prove a line by a code of its tool."""
    body = {"line_id": line.line_id, "code": line.code}
    url = f"{device.product.base_url}/api/v1/line-sessions"
    return httpx.post(url, json=body, headers=headers, auth=device.auth, timeout=60)


def vouched(line: Line, *, address: str = "127.0.0.1", key: str = CARRIER_KEY, seconds: float = 0) -> dict[str, str]:
    """Return the header with which the carrier's edge vouches for a line."""
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    header = edge.sign(CARRIER, key, line_id=line.line_id, address=address, at=at, nonce=uuid.uuid4().hex)
    return {EDGE_HEADER: header}


def test_r13_a_key_of_another_login(product: Product) -> None:
    refused(enter_key(product, "taro", issue_key(product, "hanako")), 403, "device.key_refused")
    expect(product, "sakura", "device.register", "device.key_of_other_login", login="taro")


def test_r13_a_used_key_and_one_nobody_issued(product: Product) -> None:
    key = issue_key(product, "hanako")
    assert enter_key(product, "hanako", key).status_code == 201
    refused(enter_key(product, "hanako", key), 403, "device.key_refused")
    refused(enter_key(product, "hanako", "aaaaa-aaaaa"), 403, "device.key_refused")
    expect(product, "sakura", "device.register", "device.key_used", login="hanako")
    expect(product, "sakura", "device.register", "device.key_unknown", login="hanako")


@pytest.mark.parametrize(("verb", "state"), [("lock", "locked"), ("revoke", "revoked")])
def test_r16_a_closed_device_and_its_key_entered_again(product: Product, verb: str, state: str) -> None:
    key = issue_key(product, "hanako")
    made = enter_key(product, "hanako", key).json()
    lost = Device(product, "hanako", made["device_id"], made["dav_password"])
    product.azukari("device", verb, lost.device_id, "--by", "sakura-admin")
    assert lost.ask("GET", "my/").status_code == 401
    refused(enter_key(product, "hanako", key), 403, "device.key_refused")
    expect(product, "sakura", "sign-in", f"device.{state}", login="hanako", device=lost.device_id)
    expect(product, "sakura", "device.register", f"device.{state}", login="hanako")


def test_r17_a_code_used_before_and_a_code_of_nobody(device: Device, line: Line) -> None:
    assert open_line(device, line).status_code == 201
    refused(open_line(device, line), 403, "line.code_refused")
    expect(device.product, "sakura", "line.open", "line.code_replayed", login="hanako")
    wrong = line._replace(code=f"{(int(line.code) + 1) % 1_000_000:06}")
    refused(open_line(device, wrong), 403, "line.code_refused")
    expect(device.product, "sakura", "line.open", "line.code_refused", login="hanako")


def test_r17_another_contracts_line(device: Device) -> None:
    refused(open_line(device, new_line(device.product, "momiji")), 403, "line.code_refused")
    expect(device.product, "sakura", "line.open", "line.foreign", login="hanako")


@pytest.mark.parametrize(
    ("shown", "cause"),
    [
        ({"key": "guessed"}, "line.edge_forged"),
        ({"seconds": -3600}, "line.edge_late"),
        ({"address": "192.0.2.7"}, "line.edge_elsewhere"),
    ],
)
def test_r17_an_edge_header_that_is_not_right(device: Device, line: Line, shown: dict[str, Any], cause: str) -> None:
    refused(open_line(device, line, vouched(line, **shown)), 403, "line.edge_missing")
    expect(device.product, "sakura", "line.open", cause, login="hanako")


def test_r17_an_edge_header_opens_once_and_the_tool_alone_does_not(device: Device, line: Line) -> None:
    header = vouched(line)
    opened = open_line(device, line, header)
    assert opened.status_code == 201
    shown = {LINE_SESSION_HEADER: opened.json()["token"]}
    assert device.ask("PROPFIND", "security/", shown | {"Depth": "0"}).status_code == 207
    alone = {LINE_SESSION_HEADER: open_line(device, new_line(device.product, "sakura")).json()["token"]}
    assert device.ask("GET", "security/", alone).status_code == 403
    expect(device.product, "sakura", "read", "line.edge_missing", login="hanako", path="security")
    refused(open_line(device, line._replace(code=line.next_code), header), 403, "line.edge_missing")
    expect(device.product, "sakura", "line.open", "line.edge_replayed", login="hanako")


@pytest.mark.usefixtures("line")
def test_r17_a_spoofed_address_is_neither_believed_nor_logged(device: Device) -> None:
    spoofed = {"X-Forwarded-For": "192.0.2.7", "X-Real-IP": "192.0.2.7", "Forwarded": "for=192.0.2.7"}
    assert device.ask("GET", "security/spoofed", spoofed).status_code == 403
    entry = expect(device.product, "sakura", "read", "line.tool_missing", login="hanako", path="security/spoofed")
    assert entry["address"] == "127.0.0.1"
