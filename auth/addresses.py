"""The client's real address, and addresses as SQL compares them."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Collection, Iterable

from core.errors import InvalidInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: ::ffff:0:0, under which IPv4 addresses stand among IPv6 ones (RFC 4291 §2.5.5.2).
_MAPPED = 0xFFFF << 32
#: A customer's IPv6 line is a /64 at least: one host may take any address of it (RFC 4291 §2.5.1).
_HOST_BITS = 64


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Address | None:
    """Return an address, an IPv4-mapped IPv6 one as IPv4, without zone and port; None for anything else."""
    bare = text.strip().partition("%")[0]
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def is_loopback(address: str) -> bool:
    """Return whether an address is this machine's own."""
    found = parse(address)
    return found is not None and found.is_loopback


@functools.lru_cache(maxsize=4096)
def client_address(peer: str, forwarded_for: str | None, trusted: tuple[Network, ...]) -> str:
    """Return the address of the client behind the proxies that are trusted.

    X-Forwarded-For is read from the right, where the nearest proxy wrote: each trusted hop vouches for the one
    before it, and the first that is not trusted is the client. A header from an untrusted peer says nothing.
    """
    current = parse(peer)
    if current is None:
        return ""
    for hop in reversed((forwarded_for or "").split(",")):
        if not _is_in(current, trusted) or (earlier := parse(hop)) is None:
            break
        current = earlier
    return str(current)


def is_trusted(peer: str, trusted: Collection[Network]) -> bool:
    """Return whether the peer of a connection is one of our own proxies."""
    address = parse(peer)
    return address is not None and _is_in(address, trusted)


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


@functools.lru_cache(maxsize=4096)
def sortable(address: str) -> str:
    """Return an address as 32 hexadecimal digits, by which ranges are compared as text; empty for no address."""
    parsed = parse(address)
    return "" if parsed is None else _digits(parsed)


def _digits(address: Address) -> str:
    return f"{int(address) | (_MAPPED if address.version == 4 else 0):032x}"


def network_range(prefix: str) -> tuple[str, str]:
    """Return the first and last address of a prefix such as 192.0.2.0/24, as `sortable` writes them.

    Raises InvalidInput for a text that is no prefix, or one with host bits set.
    """
    try:
        network = ipaddress.ip_network(prefix.strip())
    except ValueError as error:
        raise InvalidInput(f"{prefix!r} is not a network: {error}") from None
    return _digits(network.network_address), _digits(network.broadcast_address)


def origin(address: str) -> str:
    """Return what counts as one place guesses come from: an IPv4 address, or the /64 of an IPv6 one."""
    parsed = parse(address)
    if parsed is None or parsed.version == 4:
        return str(parsed or "")
    return str(ipaddress.ip_network((int(parsed) >> _HOST_BITS << _HOST_BITS, 128 - _HOST_BITS)))
