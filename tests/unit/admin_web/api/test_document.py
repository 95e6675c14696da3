"""The document says what is there, and docs/http-api.md says the same."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import schemathesis
from flask_openapi3.openapi import OpenAPI

from admin_web.api import document as told
from admin_web.api import subjects
from admin_web.api.shapes import Shape
from admin_web.api.subject import Subject
from auth.tokens import Scope
from tests.unit.admin_web.api.callers import PREFIX, Programs
from tests.unit.admin_web.api.calls import document
from tests.unit.admin_web.cast import Site

DOCS = (Path(__file__).resolve().parents[4] / "docs" / "http-api.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `([A-Z]+) (/\S*)` \| (?:`(\S+)`|–) \| (.+) \|$", re.MULTILINE)


def test_the_document_is_openapi_and_anybody_may_read_it(programs: Programs) -> None:
    whole = document(programs)
    schemathesis.openapi.from_dict(whole).validate()
    assert whole["openapi"].startswith("3.1")


def test_every_address_under_api_is_in_the_document_and_every_operation_has_its_address(programs: Programs) -> None:
    known = {(one.method, one.path) for one in told.operations(document(programs))}
    answered = set()
    for rule in programs.site.app.url_map.iter_rules():
        if rule.rule.startswith(PREFIX) and rule.endpoint.partition(".")[0] not in ("api_document", "uploads"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).removeprefix(PREFIX)
            answered |= {(method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    elsewhere = {("POST", "/devices"), ("POST", "/line-sessions")}
    assert known - {one for one in known if one[1].startswith("/uploads")} == answered | elsewhere


def test_docs_tell_every_operation_with_its_scope_and_words_and_no_other(programs: Programs) -> None:
    listed = [(method, path, scope or None, words) for method, path, scope, words in _ROW.findall(DOCS)]
    operations = [(one.method, one.path, one.scope, one.summary) for one in told.operations(document(programs))]
    assert Counter(listed) == Counter(operations)


def test_docs_tell_every_scope() -> None:
    assert [scope for scope in Scope if f"`{scope}`" not in DOCS] == []


def test_every_operation_has_a_name_of_its_own_and_one_sentence(programs: Programs) -> None:
    whole = document(programs)
    found = [item[method] for item in whole["paths"].values() for method in item if method != "parameters"]
    names = [one["operationId"] for one in found]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert [one["operationId"] for one in found if not one["summary"]] == []


def test_two_shapes_of_one_name_do_not_stand_for_each_other() -> None:
    app, first, second = OpenAPI("one", doc_ui=False), Subject("one", "One"), Subject("two", "Two")
    for subject, kind in ((first, int), (second, str)):
        shape = type("Same", (Shape,), {"__annotations__": {"value": kind}})
        subject.components_schemas["Same"] = shape
    app.register_api(first)
    with pytest.raises(ValueError, match="Same"):
        subjects.require_own_names(app, second)


def test_the_page_shows_every_operation_in_both_languages_to_anybody(site: Site, programs: Programs) -> None:
    operations = list(told.operations(document(programs)))
    for language in ("ja", "en"):
        page = site.browser(**{"Accept-Language": language}).get(f"{PREFIX}/docs")
        assert page.status_code == 200
        assert [one for one in operations if f"{one.method} {PREFIX}{one.path}" not in page.text] == []
        assert "<script" not in page.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/none", 404), ("POST", "/me", 405), ("PUT", "/", 404)])
def test_what_is_not_there_is_told_as_json(programs: Programs, method: str, path: str, status: int) -> None:
    answer = programs.of("hanako").ask(method, path)
    assert (answer.status_code, answer.content_type) == (status, "application/json")
