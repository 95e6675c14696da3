"""The contract's lines, and what its administrator decides."""

from __future__ import annotations

import pytest

from auth import lines
from tests.unit.admin_web.cast import Browser, Site


@pytest.fixture
def admin(site: Site) -> Browser:
    """Return the browser of sakura's administrator."""
    return site.at_work("sakura-admin")


def _lines(site: Site, login: str = "sakura-admin") -> list[tuple[str, tuple[str, ...]]]:
    with site.parts.database.reading() as tx:
        return [(one.name, one.networks) for one in lines.list_lines(tx, site.caller(login).contract_id)]


def test_r17_a_line_is_registered_and_its_tools_secret_shown_once(site: Site, admin: Browser) -> None:
    page = admin.post("/admin/lines/", {"name": "本社", "networks": "192.0.2.0/28, 2001:db8::/48"}).text
    secret = page.partition('id="tool-secret">')[2].partition("<")[0]
    assert len(secret) == 32
    assert _lines(site) == [("本社", ("192.0.2.0/28", "2001:db8::/48"))]
    shown = admin.get("/admin/lines/").text
    assert "本社" in shown
    assert secret not in shown
    assert _lines(site, "momiji-admin") == []


@pytest.mark.parametrize(
    ("name", "networks"), [("", ""), ("x" * 65, ""), ("a", "192.0.2.1/24"), ("a", "nothing"), ("a", "192.0.2.0/28 x")]
)
def test_a_line_that_cannot_be_is_told_and_nothing_is_kept(
    site: Site, admin: Browser, name: str, networks: str
) -> None:
    answer = admin.post("/admin/lines/", {"name": name, "networks": networks})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert _lines(site) == []
