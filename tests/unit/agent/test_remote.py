"""Folders and files at the gateway, as a backup needs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agent.remote import Remote
from agent.upstream import Gateway
from core.errors import ToolFailed
from tests.unit.agent.conftest import registration_of
from tests.unit.agent.upstream_server import Arrived, Behaviour, Reply, UpstreamServer, upstream

LISTING = b"""<?xml version="1.0" encoding="utf-8"?><D:multistatus xmlns:D="DAV:">
<D:response><D:href>/dav/my/b/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype>
<D:getlastmodified>Wed, 01 Apr 2026 00:00:00 GMT</D:getlastmodified></D:prop></D:propstat></D:response>
<D:response><D:href>/dav/my/b/%E5%A0%B1%E5%91%8A%20%231.txt</D:href><D:propstat><D:prop><D:resourcetype/>
<D:getcontentlength>12</D:getcontentlength><D:getlastmodified>Wed, 01 Apr 2026 00:00:05 GMT</D:getlastmodified>
</D:prop></D:propstat></D:response>
<D:response><D:href>/dav/my/b/sub/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype>
</D:prop></D:propstat></D:response></D:multistatus>"""


@contextmanager
def remote_of(behaviour: Behaviour) -> Iterator[tuple[UpstreamServer, Remote, list[float]]]:
    """Lend a gateway's folders, and how long was waited for it."""
    waited: list[float] = []
    with upstream(behaviour) as server:
        gateway = Gateway(server.url, registration_of(server.url))
        yield server, Remote(gateway, "ja", sleep=waited.append), waited
        gateway.close()


def methods(server: UpstreamServer) -> list[str]:
    """Return what was asked."""
    return [f"{one.method} {one.target}" for one in server.arrived]


def test_a_listing_has_files_with_size_and_time_and_leaves_folders_out() -> None:
    with remote_of(lambda _: Reply(207, {}, LISTING)) as (server, remote, _):
        assert remote.open_folder(("my", "b")) == {"報告 #1.txt": (12, 1_775_001_605)}
    assert server.arrived[0].headers["depth"] == "1"
    assert server.arrived[0].headers["accept-language"] == "ja"


def test_a_folder_that_is_missing_is_made() -> None:
    with remote_of(lambda one: Reply(201 if one.method == "MKCOL" else 404)) as (server, remote, _):
        assert remote.open_folder(("my", "新")) == {}
    assert methods(server) == ["PROPFIND /dav/my/%E6%96%B0", "MKCOL /dav/my/%E6%96%B0"]


def test_a_file_in_a_folders_place_is_a_refusal() -> None:
    statuses = {"PROPFIND": 404, "MKCOL": 405, "HEAD": 404}
    refusing = remote_of(lambda one: Reply(statuses[one.method]))
    with refusing as (_, remote, _waited), pytest.raises(ToolFailed) as failed:
        remote.open_folder(("my", "x"))
    assert failed.value.facts()["status"] == 405
    assert not remote.is_fatal(failed.value)


def test_r17_a_closed_folder_type_is_told_in_the_gateways_words() -> None:
    refused = b'<D:error xmlns:D="DAV:" xmlns:A="urn:azukari"><A:message>Start the line tool.</A:message></D:error>'
    with remote_of(lambda _: Reply(403, {}, refused)) as (_, remote, _waited), pytest.raises(ToolFailed) as failed:
        remote.make_parents(("security", "PC", "書類"))
    assert failed.value.message_id == "agent.target_closed"
    assert failed.value.facts()["message"] == "Start the line tool."


def test_folders_that_lead_to_a_target_are_made_from_the_top() -> None:
    with remote_of(lambda one: Reply(201 if one.method == "MKCOL" else 207)) as (server, remote, _):
        remote.make_parents(("my", "a", "b"))
    assert methods(server) == ["PROPFIND /dav/my", "MKCOL /dav/my/a", "MKCOL /dav/my/a/b"]


def test_a8_a_file_goes_with_its_length_and_time() -> None:
    with remote_of(lambda _: Reply(201)) as (server, remote, _):
        remote.put(("my", "a"), lambda: iter([b"ab", b"c"]), 3, 1_775_000_000)
        remote.put(("my", "empty"), lambda: iter(()), 0, -1)
    full, empty = server.arrived
    assert (full.body, full.headers["content-length"], full.headers["x-oc-mtime"]) == (b"abc", "3", "1775000000")
    assert (empty.body, empty.headers["content-length"], empty.headers["x-oc-mtime"]) == (b"", "0", "-1")


def test_a_gateway_that_says_later_is_asked_later_with_the_body_anew() -> None:
    replies = iter([Reply(503, {"Retry-After": "7"}), Reply(503), Reply(201)])
    with remote_of(lambda _: next(replies)) as (server, remote, waited):
        remote.put(("my", "a"), lambda: iter([b"abc"]), 3, 0)
    assert waited == [7.0, 1.0]
    assert [one.body for one in server.arrived] == [b"abc"] * 3


def test_a_gateway_that_hangs_up_is_tried_three_times() -> None:
    with remote_of(lambda _: Reply(drop=True)) as (server, remote, waited), pytest.raises(ToolFailed) as failed:
        remote.put(("my", "a"), lambda: iter([b"abc"]), 3, 0)
    assert len(server.arrived) == 3
    assert waited == [1.0, 2.0]
    assert remote.is_fatal(failed.value)


@pytest.mark.parametrize(
    ("status", "fatal"), [(401, True), (403, True), (429, True), (507, True), (400, False), (405, False), (423, False)]
)
def test_what_every_other_file_would_meet_too_ends_a_run(status: int, fatal: bool) -> None:
    def behaviour(_: Arrived) -> Reply:
        return Reply(status)

    with remote_of(behaviour) as (server, remote, _), pytest.raises(ToolFailed) as failed:
        remote.put(("my", "a"), lambda: iter([b"abc"]), 3, 0)
    assert remote.is_fatal(failed.value) is fatal
    assert len(server.arrived) == 1
