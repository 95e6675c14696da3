"""The pages ask PostgreSQL the same as SQLite."""

from __future__ import annotations

from io import BytesIO

from sharing import transfer_codes
from tests.unit.admin_web.api.callers import Programs
from tests.unit.admin_web.cast import Site, found, site_on
from tests.unit.admin_web.test_publications import page_of, publish
from tests.unit.world import FrozenClock, ProbedDatabase, only_postgresql


def _made(site: Site) -> str:
    """Return momiji's transfer code."""
    caller = site.caller("momiji-admin")
    return site.parts.database.write(lambda tx: transfer_codes.renew(tx, caller, now=site.clock()))


@only_postgresql
def test_every_kind_of_page_works_on_postgresql(database: ProbedDatabase, clock: FrozenClock) -> None:
    found(database, clock)
    clock.advance(minutes=1)
    site = site_on(database, clock)
    hanako, admin = site.browser(), site.at_work("sakura-admin")
    hanako.sign_in("hanako")
    assert hanako.register(site.key_for("hanako")).status_code == 200
    assert hanako.post("/files/upload/my", {"files": [(BytesIO(b"x"), "見積.txt")]}).status_code == 303
    assert hanako.post("/files/new-folder/my", {"name": "箱"}).status_code == 303
    for page in ("/files/my?sort=size", "/files/search/my?q=見積", "/files/my/見積.txt", "/files/zip/my",
                 "/files/group/eigyo", "/account/", "/account/secret/"):  # fmt: skip
        assert hanako.get(page).status_code == 200, page
    for page in ("/admin/", "/admin/users/", "/admin/groups/", "/admin/devices/", "/admin/lines/", "/admin/plan/",
                 "/admin/plan/pro-10", "/admin/log/", "/admin/log/azukari-log.csv", "/admin/log/?path=a&result=refused",
                 "/admin/limits/", "/admin/lockouts/", "/admin/settings/", "/admin/statements/"):  # fmt: skip
        assert admin.get(page).status_code == 200, page
    code, details = _made(site), publish(hanako, "見積.txt")
    assert hanako.post("/transfers/send/my", {"pick": "箱", "code": code, "days": "7"}).status_code == 303
    assert "x</pre>" in site.browser().get(page_of(hanako, details)).text
    for page in ("/transfers/", "/publications/", details, "/files/my"):
        assert hanako.get(page).status_code == 200, page
    assert admin.post("/admin/settings/publishing").status_code == 303
    operator, support = site.at_work("operator"), site.at_work("support")
    for page in ("/operator/?q=saku", "/operator/contracts/sakura", "/operator/jobs", "/operator/health",
                 "/operator/statements", "/operator/lockouts/"):  # fmt: skip
        assert operator.get(page).status_code == 200, page
    assert "PC" in support.get("/support/?name=sakura").text
    assert hanako.post("/logout").status_code == 303


@only_postgresql
def test_every_read_of_the_api_works_on_postgresql(database: ProbedDatabase, clock: FrozenClock) -> None:
    found(database, clock)
    clock.advance(minutes=1)
    programs = Programs(site_on(database, clock))
    programs.of("hanako").post("/files/folders", path="my/箱")
    for login, paths in {
        "hanako": ("/me", "/me/tokens", "/folders", "/files?path=my", "/files/search?path=my&text=箱"),
        "sakura-admin": ("/tokens", "/users", "/groups", "/devices", "/device-keys", "/lockouts", "/lines", "/limits",
                         "/settings", "/plans", "/plan", "/plans/pro-10/preview", "/statements", "/statements/2026-04",
                         "/log?login=hanako", "/log.csv"),
        "operator": ("/operator/contracts", "/operator/contracts/sakura", "/operator/jobs"),
        "support": ("/support/contracts/sakura/devices",),
    }.items():  # fmt: skip
        for path in paths:
            assert programs.of(login).get(path).status_code == 200, path
