"""Dead properties: kept as they are, all or nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import NotFound
from storage import files, reclaim
from tests.unit.world import Firm, at


def _of(firm: Firm, path: str) -> dict[str, str]:
    return files.properties_of(firm.fs, firm.grant, files.stat(firm.fs, firm.grant, at(path)))


def _set(firm: Firm, path: str, **values: str | None) -> None:
    named = {f"{{urn:x}}{name}": value for name, value in values.items()}
    files.set_properties(firm.fs, firm.grant, at(path), named)


def test_properties_are_set_replaced_and_removed(firm: Firm) -> None:
    firm.put("f")
    _set(firm, "f", a="<a>1</a>", b="<b/>")
    _set(firm, "f", a="<a>2</a>", b=None, c="<c/>", absent=None)
    assert _of(firm, "f") == {"{urn:x}a": "<a>2</a>", "{urn:x}c": "<c/>"}


def test_properties_of_members_come_in_one_statement_by_node(firm: Firm) -> None:
    firm.mkcol("c")
    first, second = firm.put("c/1").node, firm.put("c/2").node
    firm.put("c/3")
    _set(firm, "c/1", a="<a/>", b="<b/>")
    _set(firm, "c/2", a="<x/>")
    _set(firm, "c", a="<own/>")
    page = files.members(firm.fs, firm.grant, files.stat(firm.fs, firm.grant, at("c")))
    found = files.properties_of_members(firm.fs, firm.grant, page)
    assert found == {first.id: {"{urn:x}a": "<a/>", "{urn:x}b": "<b/>"}, second.id: {"{urn:x}a": "<x/>"}}
    assert list(files.properties_of_members(firm.fs, firm.grant, page[:1])) == [first.id]
    assert files.properties_of_members(firm.fs, firm.grant, page[2:]) == {}
    assert files.properties_of_members(firm.fs, firm.grant, []) == {}


def test_any_name_and_value_comes_back_exactly(firm: Firm) -> None:
    firm.mkcol("c")
    name, value = "{http://例え.jp/ns#}" + "x" * 490, '<見積 a="1">\n\t&lt;😀' + "長" * 10_000 + "</見積>"
    files.set_properties(firm.fs, firm.grant, at("c"), {name: value, name.upper(): "<other/>"})
    assert _of(firm, "c") == {name: value, name.upper(): "<other/>"}


def test_a_missing_name_has_no_properties_to_set(firm: Firm) -> None:
    with pytest.raises(NotFound):
        _set(firm, "missing", a="<a/>")


def test_many_who_set_one_property_at_once_all_succeed(firm: Firm) -> None:
    firm.put("f")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: _set(firm, "f", a=f"<a>{number}</a>"), range(16)))
    assert list(_of(firm, "f")) == ["{urn:x}a"]


def test_properties_go_with_their_file_and_do_not_come_back_with_its_name(firm: Firm) -> None:
    firm.mkcol("c")
    firm.put("c/f")
    firm.put("g")
    for path in ("c", "c/f", "g"):
        _set(firm, path, a="<a/>")
    for path in ("c", "g"):
        files.delete(firm.fs, firm.grant, at(path))
    reclaim.reclaim(firm.fs, freed_before_us=firm.clock.us)
    firm.mkcol("c")
    firm.put("c/f")
    firm.put("g")
    assert [_of(firm, path) for path in ("c", "c/f", "g")] == [{}, {}, {}]
