"""Names: what is kept, what is refused, and that two spellings of one name are one (CLIENTS A6, A11; R20)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from core.errors import InvalidName
from core.names import MAX_DEPTH, MAX_NAME_BYTES, normalise, split_path


@pytest.mark.parametrize(
    "name", ["a", "a.exe", "見積書.xlsx", ".DS_Store", "._a", "a:b", "a\\b", 'a"*?<>|', "..a", " a "]
)
def test_r20_no_kind_of_name_is_refused_that_clients_can_hold(name: str) -> None:
    assert normalise(name) == name


@pytest.mark.parametrize(("nfd", "nfc"), [("か\u3099", "が"), ("は\u309a", "ぱ"), ("e\u0301", "é"), ("한", "한")])
def test_a6_a_decomposed_name_is_the_composed_one(nfd: str, nfc: str) -> None:
    assert normalise(unicodedata.normalize("NFD", nfc)) == normalise(nfd) == nfc


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_names_that_mean_something_else_are_refused(name: str) -> None:
    with pytest.raises(InvalidName):
        normalise(name)


@pytest.mark.parametrize("character", ["\0", "\1", "\t", "\n", "\r", "\x1f", "\x7f", "/", "\ud800", "\ufffe", "\uffff"])
def test_a11_characters_no_listing_can_carry_are_refused_and_named(character: str) -> None:
    with pytest.raises(InvalidName, match=f"{ord(character):04X}"):
        normalise(f"a{character}b")


@pytest.mark.parametrize("character", [" ", "\x7e", "\x80", "\ufffd", "\ue000", "\U0001f600", "\U0010ffff"])
def test_the_neighbours_of_what_is_refused_are_kept(character: str) -> None:
    assert normalise(f"a{character}b") == f"a{character}b"


@pytest.mark.parametrize("unit", ["a", "é", "字", "😀"])
def test_255_bytes_fit_and_256_do_not(unit: str) -> None:
    size = len(unit.encode())
    longest = unit * (MAX_NAME_BYTES // size) + "a" * (MAX_NAME_BYTES % size)
    assert normalise(longest) == longest
    with pytest.raises(InvalidName, match="256 bytes"):
        normalise(longest + "a")


def test_length_is_counted_after_composing() -> None:
    assert normalise("か\u3099" * 85) == "が" * 85  # 255 bytes composed, 510 decomposed


@given(st.text(max_size=50))
def test_a_name_that_is_kept_stays_the_same_and_fits_into_xml(text: str) -> None:
    try:
        kept = normalise(text)
    except InvalidName:
        return
    assert normalise(kept) == kept
    element = etree.Element("name")
    element.text = kept
    assert etree.fromstring(etree.tostring(element)).text == kept


def test_a_path_is_its_names() -> None:
    assert split_path("/a//か\u3099/") == ("a", "が")
    assert split_path("") == split_path("/") == ()


def test_64_levels_are_kept_and_65_are_not() -> None:
    assert len(split_path("/".join(["d"] * MAX_DEPTH))) == 64
    with pytest.raises(InvalidName, match="65 levels"):
        split_path("/".join(["d"] * (MAX_DEPTH + 1)))


@pytest.mark.parametrize("path", ["a/../b", "./a", "a/\0"])
def test_a_path_cannot_lead_out_of_its_folder(path: str) -> None:
    with pytest.raises(InvalidName):
        split_path(path)
