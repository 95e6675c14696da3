"""The client's real address behind proxies, and addresses as SQL compares them (R17)."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.addresses import client_address, is_trusted, network_range, origin, sortable
from core.errors import InvalidInput

PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128"))


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("192.0.2.7", None, "192.0.2.7"),
        ("192.0.2.7", "203.0.113.1", "192.0.2.7"),  # an untrusted peer claims to be someone else
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.1", "203.0.113.1"),  # the client wrote the first part itself
        ("10.0.0.1", "203.0.113.1, 10.0.0.2", "203.0.113.1"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.1, 10.0.0.3, 10.0.0.2", "203.0.113.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.1, rubbish", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.9", "10.0.0.9"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("::1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("::1", "203.0.113.1:4711", "203.0.113.1"),
        ("::ffff:10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("fe80::1%eth0", None, "fe80::1"),
        ("", "203.0.113.1", ""),
    ],
)
def test_r17_x_forwarded_for_is_believed_from_the_right_and_from_trusted_proxies_only(
    peer: str, forwarded_for: str | None, client: str
) -> None:
    assert client_address(peer, forwarded_for, PROXIES) == client


def test_without_trusted_proxies_the_peer_is_the_client() -> None:
    assert client_address("127.0.0.1", "203.0.113.1", ()) == "127.0.0.1"


def test_a_proxy_is_trusted_by_its_network() -> None:
    assert is_trusted("10.255.255.255", PROXIES)
    assert not is_trusted("11.0.0.0", PROXIES)
    assert not is_trusted("", PROXIES)


@given(st.ip_addresses(), st.ip_addresses())
def test_sortable_texts_compare_as_the_addresses_do(
    one: ipaddress.IPv4Address | ipaddress.IPv6Address, other: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    if one.version == other.version == 4 or (one.version == other.version == 6 and not _is_mapped(one, other)):
        assert (sortable(str(one)) < sortable(str(other))) == (int(one) < int(other))


def _is_mapped(*addresses: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(isinstance(one, ipaddress.IPv6Address) and one.ipv4_mapped for one in addresses)


@pytest.mark.parametrize(
    ("prefix", "inside", "outside"),
    [
        ("192.0.2.0/24", ["192.0.2.0", "192.0.2.255", "::ffff:192.0.2.9"], ["192.0.1.255", "192.0.3.0", "2001:db8::"]),
        ("192.0.2.7", ["192.0.2.7"], ["192.0.2.6", "192.0.2.8"]),
        ("2001:db8:1::/48", ["2001:db8:1::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff"], ["2001:db8:2::", "192.0.2.7"]),
        ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "2001:db8::"]),
    ],
)
def test_r17_a_network_holds_its_first_and_last_address_and_no_other(
    prefix: str, inside: list[str], outside: list[str]
) -> None:
    first, last = network_range(prefix)
    assert all(first <= sortable(address) <= last for address in inside)
    assert not any(first <= sortable(address) <= last for address in outside)


@pytest.mark.parametrize("prefix", ["192.0.2.1/24", "192.0.2.0/33", "office", "", "2001:db8::/129"])
def test_what_is_no_network_is_refused(prefix: str) -> None:
    with pytest.raises(InvalidInput):
        network_range(prefix)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_r19_guesses_from_one_ipv6_line_come_from_one_place(address: str, place: str) -> None:
    assert origin(address) == place
