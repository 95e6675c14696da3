"""If-Match and its kin, and WebDAV's If."""

from __future__ import annotations

import pytest

from tests.unit.providers.conftest import HOST, LOCK_INFO, Client

A, B = "/dav/my/a.txt", "/dav/my/b.txt"
OTHER = "urn:uuid:00000000-0000-0000-0000-000000000000"


@pytest.fixture
def etag(hanako: Client) -> str:
    """Return the entity tag of a file."""
    return hanako.put(A, b"old").headers["etag"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "MOVE", "COPY", "PROPFIND"])
def test_if_match_guards_every_method(hanako: Client, etag: str, method: str) -> None:
    for wrong in ('"x"', f"W/{etag}", '"x", "y"'):
        assert hanako(method, A, destination=B, if_match=wrong, depth="0").status == 412
    assert hanako("GET", A).body == b"old"
    assert hanako(method, A, destination=B, if_match=f'"x" , {etag}', depth="0").status < 300


def test_if_match_star_holds_for_whatever_is_there(hanako: Client, etag: str) -> None:
    assert hanako("PUT", A, b"new", if_match="*").status == 204
    assert hanako("PUT", B, b"new", if_match="*").status == 412


def test_if_none_match_of_this_version_refuses_a_change(hanako: Client, etag: str) -> None:
    assert hanako("PUT", A, b"new", if_none_match=etag).status == 412
    assert hanako("PUT", A, b"new", if_none_match='"x"').status == 204


def test_if_unmodified_since_guards_a_change(hanako: Client, etag: str) -> None:
    assert hanako("DELETE", A, if_unmodified_since="Wed, 01 Apr 2026 02:59:59 GMT").status == 412
    assert hanako("DELETE", A, if_unmodified_since="Wed, 01 Apr 2026 03:00:00 GMT").status == 204


@pytest.mark.parametrize("tags", ["x", '"x', "", '"x" "y"', 'w/"x"', "**", '"' * 5001])
def test_a12_an_entity_tag_that_is_none_is_400(hanako: Client, etag: str, tags: str) -> None:
    assert hanako("PUT", A, b"new", if_match=tags).status == 400
    assert hanako("PUT", A, b"new", if_none_match=tags).status == 400


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("(<{token}>)", 204),
        ("(<{token}> [{etag}])", 204),
        ('(<{token}> ["x"])', 412),
        ('(["x"]) (<{token}>)', 204),
        ("(<{other}>) (<{token}>)", 204),
        ("(Not <{other}>) (<{token}>)", 204),
        ("(<{token}> Not <DAV:no-lock>)", 204),
        ("(<{token}>)(Not <DAV:no-lock>)", 204),
        ("(Not <{token}>)", 412),
        ("(Not <DAV:no-lock>)", 423),
        ("(<{other}>)", 412),
        ("([{etag}])", 423),
        ("</dav/my/a.txt> (<{token}>)", 204),
        ("<https://{host}/dav/my/a.txt> (<{token}>)", 204),
        ("<http://{host}/dav/my/a.txt> (<{token}> [{etag}])", 204),
        ("</dav/my/b.txt> (<{token}>)", 412),
        ("</dav/my/b.txt> (<{other}>) </dav/my/a.txt> (<{token}>)", 204),
        ("<https://elsewhere/dav/my/a.txt> (<{token}>)", 412),
        ("</dav/none/x> (<{token}>)", 412),
        ("</dav/my/b.txt> (Not <{token}>) </dav/my/a.txt> (Not <DAV:no-lock> <{token}>)", 204),
    ],
)
def test_if_is_read_as_rfc4918_says(hanako: Client, etag: str, condition: str, status: int) -> None:
    token = hanako.lock(A)
    value = condition.format(token=token, etag=etag, other=OTHER, host=HOST)
    answer = hanako("PUT", A, b"new", {"If": value})
    assert answer.status == status
    assert hanako("GET", A).body == (b"new" if status == 204 else b"old")


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "x",
        "()",
        "(",
        "(<a>",
        "<x>",
        "<x> <y> (<t>)",
        "(<t>) </dav/my/a.txt> (<t>)",
        "(<t> x)",
        "[x]",
        "(((",
        "(Not)",
    ],
)
def test_a12_a_bad_if_is_400_and_changes_nothing(hanako: Client, etag: str, condition: str) -> None:
    assert hanako("PUT", A, b"new", {"If": condition}).status == 400
    assert hanako("GET", A).body == b"old"


def test_a12_an_endless_if_is_answered_at_once(hanako: Client, etag: str) -> None:
    for condition in ("(" * 30_000, "<x>" * 10_000, "(<t>)" * 6_000 + "x", "(" + "Not " * 8_000, " " * 30_000 + "x"):
        assert hanako("PUT", A, b"new", {"If": condition}).status == 400


def test_conditions_hold_for_a_new_lock(hanako: Client, etag: str) -> None:
    assert hanako("LOCK", A, LOCK_INFO, if_match='"x"').status == 412
    assert hanako("LOCK", A, LOCK_INFO, if_none_match="*").status == 412
    assert hanako("LOCK", A, LOCK_INFO, if_match=etag).status == 200
