"""What single logins and groups may hold (R22)."""

from __future__ import annotations

import io

import pytest

from quota import limits
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def admin(site: Site) -> Browser:
    """Return the browser of sakura's administrator."""
    return site.at_work("sakura-admin")


def _limits(site: Site, login: str = "sakura-admin") -> list[tuple[str, str, int]]:
    with site.parts.database.reading() as tx:
        return [(one.kind, one.name, one.limit_bytes) for one in limits.list_limits(tx, site.caller(login).contract_id)]


@pytest.mark.parametrize(
    ("size", "limit_bytes"), [("5 GB", 5 << 30), ("５００ＭＢ", 500 << 20), ("0", 0), ("1000", 1000), (" 1kb ", 1024)]
)
def test_a_limit_is_set_as_it_is_typed_and_taken_away_by_nothing(
    site: Site, admin: Browser, size: str, limit_bytes: int
) -> None:
    form = {"kind": "login", "name": "hanako"}
    assert admin.post("/admin/limits/", {**form, "size": size}).status_code == 303
    assert _limits(site) == [("login", "hanako", limit_bytes)]
    assert admin.post("/admin/limits/", {**form, "size": ""}).status_code == 303
    assert _limits(site) == []


def test_r22_a_login_at_its_limit_stores_nothing_more_and_others_do(site: Site, admin: Browser) -> None:
    admin.post("/admin/limits/", {"kind": "login", "name": "hanako", "size": "10"})
    for login, data, status in (("hanako", b"x" * 11, 507), ("hanako", b"x" * 10, 303), ("taro", b"x" * 11, 303)):
        files = {"files": [(io.BytesIO(data), "a.txt")]}
        assert site.at_work(login).post("/files/upload/my", files).status_code == status
    assert "10 B / 10" in admin.get("/admin/limits/").text


def test_a_group_has_a_limit_of_its_own(site: Site, admin: Browser) -> None:
    admin.post("/admin/limits/", {"kind": "group", "name": "eigyo", "size": "1 GB"})
    assert _limits(site) == [("group", "eigyo", 1 << 30)]
    assert "1 GB" in admin.get("/admin/limits/").text
    assert "limit set" in admin.get("/admin/log/").text


@pytest.mark.parametrize("size", ["much", "-1", "5 PB", "1.5 GB"])
def test_what_is_no_size_is_told(site: Site, admin: Browser, size: str) -> None:
    answer = admin.post("/admin/limits/", {"kind": "login", "name": "hanako", "size": size})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert _limits(site) == []


@pytest.mark.parametrize(
    ("kind", "name"), [("login", "hanako"), ("group", "eigyo"), ("login", "operator"), ("burn", "jiro")]
)
def test_no_form_limits_another_contracts(site: Site, kind: str, name: str) -> None:
    stranger = site.at_work("momiji-admin")
    assert stranger.post("/admin/limits/", {"kind": kind, "name": name, "size": "0"}).status_code == 404
    assert _limits(site) == _limits(site, "momiji-admin") == []
    assert "hanako" not in stranger.get("/admin/limits/").text
