"""R18: what is sealed can be read from any offset with the key, and says nothing without it."""

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import StoreUnavailable
from storage.sealing import (
    SEGMENT_BYTES,
    TAG_BYTES,
    NameCipher,
    ObjectCipher,
    Sealer,
    opened,
    sealed_size,
    span_of,
)

KEY = secrets.token_bytes(32)
CIPHER = ObjectCipher(KEY, "0123")
EDGES = [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 2 * SEGMENT_BYTES, 3 * SEGMENT_BYTES + 7]


def sealed(data: bytes, *, block_bytes: int = 50_000) -> bytes:
    """Return a file sealed from blocks of some size."""
    sealer = Sealer(CIPHER)
    parts = [sealer.feed(data[at : at + block_bytes]) for at in range(0, len(data), block_bytes)]
    return b"".join([*parts, sealer.finish()])


def read(stored: bytes, start: int, length: int, *, size_bytes: int, block_bytes: int = 70_001) -> bytes:
    """Return a range as `storage.files` reads it: the span's sealed bytes, opened."""
    span = span_of(start, length, size_bytes=size_bytes)
    piece = stored[span.start : span.start + span.length]
    assert len(piece) == span.length
    blocks = [piece[at : at + block_bytes] for at in range(0, len(piece), block_bytes)]
    return b"".join(opened(CIPHER, blocks, span, length))


@pytest.mark.parametrize("size_bytes", EDGES)
def test_r18_a_file_of_any_size_comes_back_and_takes_the_size_foretold(size_bytes: int) -> None:
    data = secrets.token_bytes(size_bytes)
    stored = sealed(data)
    assert len(stored) == sealed_size(size_bytes)
    if size_bytes:
        assert read(stored, 0, size_bytes, size_bytes=size_bytes) == data


def test_r18_ranges_are_right_at_every_segment_edge() -> None:
    size_bytes = 3 * SEGMENT_BYTES + 7
    data = secrets.token_bytes(size_bytes)
    stored = sealed(data)
    points = sorted({edge + by for edge in (*EDGES, size_bytes) for by in (-1, 0, 1) if 0 <= edge + by <= size_bytes})
    for start in points:
        for end in points:
            if start < end:
                assert read(stored, start, end - start, size_bytes=size_bytes) == data[start:end], (start, end)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=3 * SEGMENT_BYTES), st.integers(1, 2 * SEGMENT_BYTES), st.integers(1, 2 * SEGMENT_BYTES))
def test_block_sizes_on_the_way_play_no_part(data: bytes, sent_bytes: int, received_bytes: int) -> None:
    stored = sealed(data, block_bytes=sent_bytes)
    assert stored == sealed(data)
    if data:
        assert read(stored, 0, len(data), size_bytes=len(data), block_bytes=received_bytes) == data


def test_r18_nothing_of_the_content_shows_in_what_is_stored() -> None:
    assert b"plaintext" not in sealed(b"plaintext" * 20_000)


@pytest.mark.parametrize("at", [0, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + TAG_BYTES, -1])
def test_a_changed_byte_is_noticed(at: int) -> None:
    stored = bytearray(sealed(b"x" * (SEGMENT_BYTES + 100)))
    stored[at] ^= 1
    with pytest.raises(StoreUnavailable):
        read(bytes(stored), 0, SEGMENT_BYTES + 100, size_bytes=SEGMENT_BYTES + 100)


def test_segments_cannot_change_places() -> None:
    stored = sealed(b"a" * SEGMENT_BYTES + b"b" * SEGMENT_BYTES)
    half = len(stored) // 2
    with pytest.raises(StoreUnavailable):
        read(stored[half:] + stored[:half], 0, 2 * SEGMENT_BYTES, size_bytes=2 * SEGMENT_BYTES)


def test_another_objects_key_opens_nothing() -> None:
    stored = sealed(b"secret")
    with pytest.raises(StoreUnavailable):
        ObjectCipher(KEY, "0124").open(0, stored)


@pytest.mark.parametrize("name", ["plan", "見積書.txt", "長" * 85])
def test_r18_a_name_has_one_sealed_form_that_a_row_can_hold(name: str) -> None:
    names = NameCipher(KEY)
    kept = names.seal(name)
    assert kept == names.seal(name)
    assert names.open(kept) == name
    assert name not in kept
    assert len(kept) <= 400
    assert NameCipher(secrets.token_bytes(32)).seal(name) != kept


@pytest.mark.parametrize("kept", ["", "AAAA", "not base64 é", "A" * 30])
def test_a_name_from_elsewhere_is_refused(kept: str) -> None:
    with pytest.raises(StoreUnavailable):
        NameCipher(KEY).open(kept)
