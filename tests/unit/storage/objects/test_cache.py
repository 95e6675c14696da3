"""The cache: small objects, the ones used last, never more bytes than it may hold."""

from __future__ import annotations

import pytest

from core.errors import NotFound, StoreUnavailable
from storage.objects.cache import CachedStore
from storage.objects.memory import MemoryStore
from tests.unit.world import CountingStore


@pytest.fixture
def inner() -> CountingStore:
    """Return the store behind the cache."""
    return CountingStore(MemoryStore())


def _cache(inner: CountingStore, *, capacity_bytes: int = 10, max_object_bytes: int = 5) -> CachedStore:
    return CachedStore(inner, capacity_bytes=capacity_bytes, max_object_bytes=max_object_bytes)


def test_what_was_just_written_is_read_without_a_request(inner: CountingStore) -> None:
    cache = _cache(inner)
    cache.put("a", b"12345", metadata={})
    assert cache.read("a", size_bytes=5) == b"12345"
    assert inner.requests == {"put": 1}


def test_an_object_is_read_from_the_store_once(inner: CountingStore) -> None:
    inner.put("a", b"123", metadata={})
    cache = _cache(inner)
    assert [cache.read("a", size_bytes=3) for _ in range(3)] == [b"123"] * 3
    assert inner.requests["read"] == 1


def test_an_object_one_byte_too_large_is_not_kept(inner: CountingStore) -> None:
    cache = _cache(inner)
    cache.put("a", b"123456", metadata={})
    for _ in range(2):
        cache.read("a", size_bytes=6)
    assert inner.requests["read"] == 2


def test_the_object_used_longest_ago_makes_room(inner: CountingStore) -> None:
    cache = _cache(inner)
    cache.put("a", b"12345", metadata={})
    cache.put("b", b"12345", metadata={})
    cache.read("a", size_bytes=5)
    cache.put("c", b"1", metadata={})
    cache.read("a", size_bytes=5)
    assert inner.requests["read"] == 0
    cache.read("b", size_bytes=5)
    assert inner.requests["read"] == 1


def test_a_deleted_object_is_gone_here_too(inner: CountingStore) -> None:
    cache = _cache(inner)
    cache.put("a", b"1", metadata={})
    cache.delete(["a", "absent"])
    with pytest.raises(NotFound):
        cache.read("a", size_bytes=1)


def test_an_object_whose_put_failed_is_not_kept(inner: CountingStore) -> None:
    def down(_: str) -> None:
        raise StoreUnavailable("down")

    cache = _cache(inner)
    inner.before = down
    with pytest.raises(StoreUnavailable):
        cache.put("a", b"1", metadata={})
    inner.before = lambda _: None
    with pytest.raises(NotFound):
        cache.read("a", size_bytes=1)


def test_what_is_kept_does_not_change_with_the_callers_buffer(inner: CountingStore) -> None:
    cache = _cache(inner)
    buffer = bytearray(b"123")
    cache.put("a", buffer, metadata={})
    buffer[:] = b"xyz"
    assert cache.read("a", size_bytes=3) == b"123"


def test_a_cache_of_no_bytes_keeps_nothing(inner: CountingStore) -> None:
    cache = _cache(inner, capacity_bytes=0)
    cache.put("a", b"1", metadata={})
    cache.read("a", size_bytes=1)
    assert inner.requests["read"] == 1
