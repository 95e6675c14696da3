"""Identifiers and secrets."""

from __future__ import annotations

import hashlib

from core.ids import grouped, new_object_id, readable_token, secret_hash


def test_object_ids_are_unique_and_ordered_by_time() -> None:
    ids = [new_object_id() for _ in range(10_000)]
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids)


def test_an_object_id_is_a_uuid_of_version_7_in_32_digits() -> None:
    one = new_object_id()
    assert len(one) == 32
    assert one[12] == "7"
    assert one == one.lower()
    assert int(one, 16)


def test_a_readable_token_has_no_letters_that_look_alike() -> None:
    token = readable_token(5_000)
    assert len(token) == 5_000
    assert not set(token) & set("01ilo")
    assert len(set(token)) == 31


def test_two_tokens_differ() -> None:
    assert readable_token(26) != readable_token(26)


def test_a_token_is_grouped_for_reading() -> None:
    assert grouped("abcdefgh", 3) == "abc-def-gh"
    assert grouped("abcdef", 3) == "abc-def"
    assert grouped("") == ""


def test_a_secret_is_kept_as_its_sha256() -> None:
    assert secret_hash("鍵") == hashlib.sha256("鍵".encode()).hexdigest()
