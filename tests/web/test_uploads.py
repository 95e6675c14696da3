"""Uploads in the browser: paused, interrupted, gone on with after a reload; and tus-js-client against our server."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import CDPSession, Page, Request, expect

from tests.failures.asking import eventually
from tests.product import Product
from tests.web.conftest import Person
from tests.web.test_files import open_new_folder

pytestmark = pytest.mark.slow

_MIB = 1024 * 1024
#: A line slow enough to be interrupted, and one on which nothing moves while the test looks.
_SLOW, _HELD = 4 * _MIB, 4096


@pytest.fixture
def line(hanako: Person) -> CDPSession:
    """Return the browser's line, to slow down and to cut."""
    session = hanako.context.new_cdp_session(hanako.page)
    session.send("Network.enable")
    return session


def _set(line: CDPSession, *, bytes_per_second: int = -1) -> None:
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second},
    )


def _choose(page: Page, file: Path) -> None:
    if not page.locator("#files").is_visible():
        page.click("summary:has-text('アップロード')")
    page.set_input_files("#files", file)
    page.click("button:has-text('送信する')")


def _send_to(page: Page, line: CDPSession, tens: int) -> None:
    """Let an upload come to so many tens of percent, and hold it there."""
    _set(line, bytes_per_second=_SLOW)
    expect(page.locator("#uploads-list")).to_contain_text(re.compile(f"送信中 [{tens}-9][0-9]%"), timeout=60_000)
    _set(line, bytes_per_second=_HELD)


def _answers(product: Product) -> bool:
    try:
        return httpx.get(f"{product.base_url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_a_large_file_pauses_survives_a_killed_gateway_and_a_reload_and_arrives_whole(
    hanako: Person, product: Product, line: CDPSession, tmp_path: Path
) -> None:
    page, video = hanako.page, tmp_path / "動画.bin"
    data = os.urandom(40 * _MIB)
    video.write_bytes(data)
    offsets: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    page.on("dialog", lambda dialog: dialog.accept())  # the page asks whether to leave
    hanako.open("/files/my")
    open_new_folder(page, "大きなもの")
    _set(line, bytes_per_second=_SLOW)
    _choose(page, video)
    _send_to(page, line, 2)
    page.click("#uploads-list button:has-text('一時停止')")
    expect(page.locator("#uploads-list")).to_contain_text(re.compile("一時停止中 [2-9]"))
    hanako.require_no_barriers()
    hanako.picture("upload")
    page.click("#uploads-list button:has-text('再開')")
    _send_to(page, line, 4)
    worker = product.serving()[0]
    worker.kill()  # with it goes all that it held in memory
    worker.wait()
    eventually(lambda: _answers(product))
    _send_to(page, line, 6)
    page.reload()
    expect(page.locator("#uploads-list")).to_contain_text(re.compile(r"「動画.bin」の送信が途中です（\d+%）"))
    hanako.require_no_barriers()
    assert page.locator("td.col-name").count() == 0
    _set(line)
    _choose(page, video)
    expect(page.locator("td.col-name")).to_have_count(1, timeout=60_000)
    got = page.request.get(f"{hanako.product.base_url}/files/content/my/大きなもの/動画.bin")
    assert hashlib.sha256(got.body()).digest() == hashlib.sha256(data).digest()
    # Begun once; gone on with after the pause, the kill and the reload, never from further back than before.
    assert len(offsets) >= 4
    assert offsets.count(0) == 1
    assert offsets == sorted(offsets)
    hanako.troubles[:] = [one for one in hanako.troubles if "net::ERR_" not in one]


def test_an_upload_is_given_up_by_a_button(hanako: Person, line: CDPSession, tmp_path: Path) -> None:
    page, video = hanako.page, tmp_path / "やめる.bin"
    video.write_bytes(bytes(30 * _MIB))
    page.on("dialog", lambda dialog: dialog.accept())
    hanako.open("/files/my")
    open_new_folder(page, "やめる")
    _set(line, bytes_per_second=_SLOW)
    _choose(page, video)
    _send_to(page, line, 2)
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as ended:
        page.click("#uploads-list button:has-text('中止')")
    assert ended.value.status == 204
    expect(page.locator(".empty")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('tus::'))") == []


_CLIENT = """async ([folder]) => {
  const token = JSON.parse(document.getElementById("upload-settings").textContent).token;
  const bytes = new Uint8Array(700000).map((_, at) => (at * 7 + (at >> 8)) % 251);
  const results = {};
  const send = (filename, size, options) => new Promise((resolve) => {
    const seen = [];
    const upload = new tus.Upload(new Blob([bytes.slice(0, size)]), {
      endpoint: "/api/v1/uploads", headers: { "X-CSRFToken": token }, metadata: { folder, filename },
      retryDelays: null, storeFingerprintForResuming: false, ...options,
      onAfterResponse: (request, response) => { seen.push(`${request.getMethod()} ${response.getStatus()}`); },
      onSuccess: () => { results[filename] = seen; resolve(upload); },
      onError: (error) => { results[filename] = [...seen, String(error)]; resolve(upload); },
    });
    upload.start();
  });
  await send("whole", 700000, {});
  await send("empty", 0, {});
  await send("pieces", 700000, { chunkSize: 300000 });
  await send("created", 700000, { chunkSize: 300000, uploadDataDuringCreation: true });
  await send("at once", 700000, { uploadDataDuringCreation: true });
  await send("posts", 700000, { chunkSize: 400000, overridePatchMethod: true });
  const half = await new Promise((resolve) => {
    const upload = new tus.Upload(new Blob([bytes]), {
      endpoint: "/api/v1/uploads", headers: { "X-CSRFToken": token }, metadata: { folder, filename: "half" },
      chunkSize: 300000, storeFingerprintForResuming: false,
      onChunkComplete: () => { upload.abort(); resolve(upload); },
    });
    upload.start();
  });
  await send("half", 700000, { uploadUrl: half.url });
  const other = await send("whole", 700000, {});
  results.url = other.url;
  await tus.Upload.terminate(half.url, { headers: { "X-CSRFToken": token } });
  return results;
}"""


def test_the_protocols_own_client_is_served_in_every_way_it_knows(hanako: Person) -> None:
    hanako.open("/files/my")
    open_new_folder(hanako.page, "規約")
    results = hanako.page.evaluate(_CLIENT, ["my/規約"])
    assert results == {
        "whole": ["POST 409", results["whole"][1]],
        "empty": ["POST 201"],
        "pieces": ["POST 201", "PATCH 204", "PATCH 204", "PATCH 204"],
        "created": ["POST 201", "PATCH 204", "PATCH 204"],
        "at once": ["POST 201"],
        "posts": ["POST 201", "POST 204", "POST 204"],
        "half": ["HEAD 200", "PATCH 204"],
        "url": None,
    }
    expected = bytes((at * 7 + (at >> 8)) % 251 for at in range(700_000))
    for name in ("whole", "pieces", "created", "at once", "posts", "half"):
        got = hanako.page.request.get(f"{hanako.product.base_url}/files/content/my/規約/{name}")
        assert got.body() == expected, name
