"""The words people read, Japanese and English, by message id; they are written in core/texts.

A text may mention the facts of its error in braces. Every error's text says what happened and what to do.
"""

from __future__ import annotations

from collections import defaultdict

from core.errors import GatewayError
from core.texts import (
    access,
    agent,
    api,
    board,
    calendar,
    common,
    contests,
    files,
    publishing,
    quota,
    sharing,
    transfers,
    web,
    web_admin,
    web_calendar,
    web_contract,
    web_files,
    web_help,
    web_service,
)

#: Message id → Japanese, English.
_TEXTS: dict[str, tuple[str, str]] = {
    **board.TEXTS,
    **common.TEXTS,
    **contests.TEXTS,
    **files.TEXTS,
    **access.TEXTS,
    **agent.TEXTS,
    **api.TEXTS,
    **calendar.TEXTS,
    **publishing.TEXTS,
    **quota.TEXTS,
    **sharing.TEXTS,
    **transfers.TEXTS,
    **web.TEXTS,
    **web_admin.TEXTS,
    **web_calendar.TEXTS,
    **web_contract.TEXTS,
    **web_files.TEXTS,
    **web_help.TEXTS,
    **web_service.TEXTS,
}

LANGUAGES = ("ja", "en")


def preferred_language(accept_language: str | None) -> str:
    """Return "ja" or "en": the first of them an Accept-Language header names, English without one."""
    for item in (accept_language or "").lower().split(","):
        tag = item.split(";")[0].strip()
        if tag[:2] in LANGUAGES:
            return tag[:2]
    return "en"


def knows(message_id: str) -> bool:
    """Return whether there are words for a message id."""
    return message_id in _TEXTS


class _Fact(str):
    """What fills a mark: `{count:file|files}` stands for the first word where the count is 1, else for the second."""

    def __format__(self, words: str) -> str:
        one, _, many = words.partition("|")
        return (one if self == "1" else many) if many else super().__format__(words)


def text(message_id: str, language: str, **facts: object) -> str:
    """Return the text of a message id in one language, with the facts filled in."""
    japanese, english = _TEXTS[message_id]
    words = japanese if language == "ja" else english
    if "|" in words:
        facts = {name: _Fact(value) for name, value in facts.items()}
    return words.format_map(facts)


def outline(message_id: str, language: str) -> str:
    """Return a text without facts, an ellipsis in the place of each."""
    japanese, english = _TEXTS[message_id]
    return (japanese if language == "ja" else english).format_map(defaultdict(lambda: _Fact("…")))


def explain(error: GatewayError, language: str) -> str:
    """Return what an error says to a person."""
    return text(error.message_id, language, **error.facts())
