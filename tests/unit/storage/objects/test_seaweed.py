"""A full SeaweedFS is told from one that is still starting and from one that is gone."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from storage.objects.seaweed import has_volumes, is_disk_low, is_full

Says = Callable[[Any], str]


@pytest.fixture
def says() -> Iterator[Says]:
    """Yield what sets the server's answer and returns its address."""
    answer = b""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def set_answer(topology: Any) -> str:
        nonlocal answer
        answer = json.dumps({"Topology": topology}).encode()
        return f"http://127.0.0.1:{server.server_port}/dir/status"

    yield set_answer
    server.shutdown()
    thread.join()
    server.server_close()


def topology(free: int, writable: list[int] | None, *, most: int = 7) -> dict[str, Any]:
    """Return a status as SeaweedFS 4.48 writes it, with another collection that takes writes."""
    other = {"collection": "", "writables": [1]}
    return {"Max": most, "Free": free, "Layouts": [other, {"collection": "azukari", "writables": writable}]}


def test_no_free_volume_and_none_that_takes_writes_is_full(says: Says) -> None:
    assert is_full(says(topology(0, [])), "azukari")
    assert is_full(says(topology(0, None)), "azukari")


def test_a_free_volume_or_one_that_takes_writes_is_room(says: Says) -> None:
    assert not is_full(says(topology(1, [])), "azukari")
    assert not is_full(says(topology(0, [3])), "azukari")


def test_a_server_whose_volumes_have_not_joined_yet_is_not_full(says: Says) -> None:
    address = says({"Max": 0, "Free": 0, "Layouts": None})
    assert not is_full(address, "azukari")
    assert not has_volumes(address)
    assert has_volumes(says(topology(0, [])))


@pytest.mark.parametrize("answer", [None, [], {}, {"Max": "a", "Free": 0}, {"Max": 1, "Free": 0, "Layouts": [{}]}])
def test_an_answer_nobody_understands_is_not_full(says: Says, answer: Any) -> None:
    assert not is_full(says(answer), "azukari")


def test_a_server_that_is_gone_is_not_full_and_has_no_volumes() -> None:
    assert not is_full("http://127.0.0.1:9/dir/status", "azukari")
    assert not has_volumes("http://127.0.0.1:9/dir/status")


def test_a_folder_that_is_gone_says_nothing_of_its_disk(tmp_path: Path) -> None:
    assert not is_disk_low(str(tmp_path / "gone"))
