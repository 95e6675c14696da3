"""The collections above the folders."""

from __future__ import annotations

import pytest

from tests.unit.providers.conftest import DAV, LOCK_INFO, Client, Office, asking, setting

PROPNAME = b'<propfind xmlns="DAV:"><propname/></propfind>'


def test_w7_propfind_on_every_ancestor_up_to_the_root_works(hanako: Client) -> None:
    assert hanako("PROPFIND", "/", depth="1").hrefs() == ["/", "/dav/"]
    assert hanako("PROPFIND", "/dav", depth="1").hrefs()[:2] == ["/dav/", "/dav/my/"]
    assert hanako("PROPFIND", "/dav/", depth="0").hrefs() == ["/dav/"]
    assert hanako("PROPFIND", "/dav/my", depth="0").hrefs() == ["/dav/my/"]


@pytest.mark.parametrize("path", ["/", "/dav/"])
def test_the_root_answers_what_was_asked_and_404_for_what_it_has_not(hanako: Client, path: str) -> None:
    answer = hanako("PROPFIND", path, asking("resourcetype", "displayname", "getetag", "quota-used-bytes"), depth="0")
    assert set(answer.values()) == {"resourcetype", "displayname", "quota-used-bytes"}
    assert answer.properties()[DAV + "resourcetype"].find(DAV + "collection") is not None
    assert set(answer.properties("404 Not Found")) == {DAV + "getetag"}
    assert answer.values()["displayname"] == path.strip("/")


@pytest.mark.parametrize("path", ["/", "/dav/"])
def test_allprop_and_propname_of_the_root_agree(hanako: Client, path: str) -> None:
    everything = set(hanako("PROPFIND", path, depth="0").values())
    assert everything == {"resourcetype", "displayname", "lockdiscovery", "supportedlock"}
    names = set(hanako("PROPFIND", path, PROPNAME, depth="1").values(response=1))
    assert names == everything | {"quota-available-bytes", "quota-used-bytes"}


@pytest.mark.parametrize("headers", [{"Depth": "infinity"}, {}])
def test_a3_infinite_depth_of_the_root_is_403(hanako: Client, headers: dict[str, str]) -> None:
    answer = hanako("PROPFIND", "/", b"", headers)
    assert answer.status == 403
    assert answer.xml.find(DAV + "propfind-finite-depth") is not None


def test_bad_requests_to_the_root_are_400(hanako: Client) -> None:
    assert hanako("PROPFIND", "/", depth="2").status == 400
    assert hanako("PROPFIND", "/dav/", b"<", depth="0").status == 400


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_root_can_be_read(hanako: Client, method: str) -> None:
    answer = hanako(method, "/dav/")
    assert answer.status == 200
    assert answer.text.startswith("/dav/my/\n" if method == "GET" else "")


@pytest.mark.parametrize(
    ("method", "body"),
    [("PUT", b"x"), ("DELETE", b""), ("MOVE", b""), ("COPY", b""), ("LOCK", LOCK_INFO), ("PROPPATCH", setting(a="1"))],
)
def test_the_root_is_never_changed(hanako: Client, method: str, body: bytes) -> None:
    for path in ("/", "/dav", "/dav/"):
        answer = hanako(method, path, body, destination="/dav/my/x")
        assert answer.status == 403
        assert "Work with the files" in answer.text


@pytest.mark.parametrize("path", ["/nowhere", "/nowhere/at/all", "/dav/none", "/dav/none/a", "/DAV/my/"])
def test_g1_what_is_not_there_is_404(hanako: Client, path: str) -> None:
    assert hanako("PROPFIND", path, depth="0").status == 404
    assert hanako("GET", path).status == 404


def test_a_login_that_may_open_no_folder_sees_none_and_no_quota(office: Office, hanako: Client) -> None:
    office.become("hanako", "operator")
    assert hanako("PROPFIND", "/dav/", depth="1").hrefs() == ["/dav/"]
    answer = hanako("PROPFIND", "/dav/", asking("quota-used-bytes"), depth="0")
    assert set(answer.properties("404 Not Found")) == {DAV + "quota-used-bytes"}
    assert hanako("PROPFIND", "/dav/my/", depth="0").status == 403
