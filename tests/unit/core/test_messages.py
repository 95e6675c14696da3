"""The words people read: both languages, every error, and no brace left open."""

from __future__ import annotations

import inspect
import re
import string
from collections.abc import Iterator

import pytest

from core import errors, messages
from core.errors import GatewayError, QuotaExceeded

_FIELDS = string.Formatter()


def _errors(base: type[GatewayError] = GatewayError) -> Iterator[type[GatewayError]]:
    yield base
    for child in base.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _errors(child)


_ERRORS = list(dict.fromkeys(_errors()))


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in _FIELDS.parse(text) if name}


@pytest.mark.parametrize("message_id", sorted(messages._TEXTS))
def test_every_text_is_in_both_languages_with_the_same_facts(message_id: str) -> None:
    japanese, english = messages._TEXTS[message_id]
    assert japanese
    assert english
    assert _fields(japanese) == _fields(english)


@pytest.mark.parametrize("error", _ERRORS)
def test_every_error_speaks_japanese_and_english(error: type[GatewayError]) -> None:
    japanese, english = messages._TEXTS[error.message_id]
    assert re.search("[\u3040-\u30ff\u4e00-\u9fff]", japanese)
    assert not re.search("[\u3040-\u30ff\u4e00-\u9fff]", english)


@pytest.mark.parametrize("error", _ERRORS)
def test_every_error_has_a_text_that_mentions_only_its_facts(error: type[GatewayError]) -> None:
    given = set(inspect.signature(error).parameters) if "__init__" in vars(error) else None
    for text in messages._TEXTS[error.message_id]:
        if given is not None:
            assert _fields(text) <= given | {"reason"}


def test_an_error_explains_itself_with_its_facts() -> None:
    error = QuotaExceeded(needed_bytes=1_234, free_bytes=56)
    for language in messages.LANGUAGES:
        assert "{" not in messages.explain(error, language)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("ja", "ja"),
        ("ja-JP,en;q=0.5", "ja"),
        ("en-US,ja;q=0.5", "en"),
        ("fr, ja;q=0.5", "ja"),
        ("*", "en"),
        ("de", "en"),
    ],
)
def test_the_first_language_we_speak_is_chosen(header: str | None, language: str) -> None:
    assert messages.preferred_language(header) == language


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries"), ("1,001", "1,001 entries")]
)
def test_one_is_told_in_the_singular(count: object, told: str) -> None:
    assert messages.text("web.files.count", "en", count=count) == told
    assert messages.text("web.files.count", "ja", count=count) == f"{count} 件"
