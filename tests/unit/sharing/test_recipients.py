"""Whom a share goes to: pasted lists, old carrier addresses, 1 to 99."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import NotShareable
from sharing.recipients import MOST_RECIPIENTS, Read, read_list, require_recipients


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("a@x.jp", ["a@x.jp"]),
        ("a@x.jp,b@x.jp;c@x.jp\nd@x.jp\te@x.jp", ["a@x.jp", "b@x.jp", "c@x.jp", "d@x.jp", "e@x.jp"]),
        ("a@x.jp、b@x.jp；c@x.jp，d@x.jp\r\ne@x.jp f@x.jp", [f"{one}@x.jp" for one in "abcdef"]),
        ("山田 太郎 <taro@x.jp>, Hanako <hanako@x.jp>", ["taro@x.jp", "hanako@x.jp"]),
        ('"Yamada, Taro" <taro@x.jp>; "a; b@c.jp" <hanako@x.jp>', ["taro@x.jp", "hanako@x.jp"]),
        ("<a@x.jp>,, ,\n\n", ["a@x.jp"]),
        ("A@X.jp a@x.JP a@x.jp", ["A@X.jp"]),
        ("sales@日本.jp", ["sales@xn--wgv71a.jp"]),
    ],
)
def test_a_pasted_list_is_read_whatever_stands_between_addresses(text: str, addresses: list[str]) -> None:
    assert read_list(text) == Read(tuple(addresses), ())


@pytest.mark.parametrize("address", ["a..b@docomo.ne.jp", "a.@ezweb.ne.jp", ".a@softbank.ne.jp", "a...@docomo.ne.jp"])
def test_r24_old_carrier_addresses_pass(address: str) -> None:
    assert require_recipients(f"花子 <{address}>") == (address,)


def test_r24_the_standard_form_of_an_old_carrier_address_is_the_same_address() -> None:
    assert require_recipients('"a..b"@docomo.ne.jp, a..b@docomo.ne.jp') == ("a..b@docomo.ne.jp",)


@pytest.mark.parametrize(
    "entry",
    [
        "hanako",
        "a@",
        "@x.jp",
        "a@localhost",
        "a@x..jp",
        "a@-x.jp",
        "a b@x.jp",
        "a@x.jp\x00",
        "a@x.jp\u2028Bcc: b@x.jp",
        "ａ@x.jp",
        "Taro <a@x.jp> Hanako <b@x.jp>",
        f"{'a' * 65}@x.jp",
        f"a@{'x' * 64}.jp",
        f"a@{'.'.join(['x' * 60] * 5)}.jp",
    ],
)
def test_what_is_no_address_refuses_the_whole_list(entry: str) -> None:
    with pytest.raises(NotShareable) as refused:
        require_recipients(f"good@x.jp\n{entry}")
    assert refused.value.message_id == "share.recipients_wrong"


def test_the_longest_address_passes() -> None:
    local, domain = "a" * 64, ".".join(["x" * 60] * 3) + ".jp"
    assert require_recipients(f"{local}@{domain}") == (f"{local}@{domain}",)


def many(count: int) -> str:
    return "\n".join(f"u{number}@x.jp" for number in range(count))


def test_r24_99_recipients_are_named_at_most() -> None:
    assert len(require_recipients(many(99))) == MOST_RECIPIENTS


def test_r24_99_remain_after_duplicates_are_dropped() -> None:
    assert len(require_recipients(many(99) + "\nU0@X.JP\nu1@x.jp")) == 99


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "share.recipients_none"), (" \n,;", "share.recipients_none"), (many(100), "share.recipients_many")],
)
def test_r24_none_and_100_are_refused_whole(text: str, reason: str) -> None:
    with pytest.raises(NotShareable) as refused:
        require_recipients(text)
    assert refused.value.message_id == reason


_LOCAL = st.text(string.ascii_letters + string.digits + ".!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=64)
_LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True).filter(lambda one: "--" not in one)
_ADDRESS = st.builds(
    lambda local, labels: f"{local}@{'.'.join(labels)}", _LOCAL, st.lists(_LABEL, min_size=2, max_size=4)
)
_NAME = st.sampled_from(["", "Taro ", "山田 太郎 ", '"Yamada, Taro" '])


@settings(max_examples=50)
@given(st.lists(st.tuples(_NAME, _ADDRESS), min_size=1, max_size=6), st.sampled_from([",", "; ", "\n", "、", "\t"]))
def test_every_address_of_a_list_is_found_once_in_order(people: list[tuple[str, str]], between: str) -> None:
    text = between.join(f"{name}<{address}>" if name else address for name, address in people)
    expected = {address.casefold(): address for _, address in reversed(people)}
    assert read_list(text).wrong == ()
    assert sorted(read_list(text).addresses) == sorted(expected.values())


@given(st.text(max_size=300))
def test_whatever_is_pasted_an_address_holds_nothing_that_ends_a_header(text: str) -> None:
    for address in read_list(text).addresses:
        assert address.isascii()
        assert address.isprintable()
        assert address.count("@") == 1
        assert not set(address) & set(' ,;<>"()[]\\')
