"""What the gateway says when it refuses reaches the person."""

from __future__ import annotations

import pytest

from agent.answers import refusal, words
from agent.upstream import Answer
from core import messages

XML = '<D:error xmlns:D="DAV:" xmlns:A="urn:azukari"><D:x/><A:message>空きがありません。</A:message></D:error>'
NO_WORDS = messages.text("agent.refused_without_words", "en")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": {"code": "x", "message": "Ask for a new key."}}', "Ask for a new key."),
        (XML, "空きがありません。"),
        ("", NO_WORDS),
        ("<html>", NO_WORDS),
        ("[1]", NO_WORDS),
        ('{"error": "x"}', NO_WORDS),
        ("<a/>", NO_WORDS),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', NO_WORDS),
    ],
)
def test_the_sentence_in_an_answer_is_found(body: str, said: str) -> None:
    assert words(body.encode(), "en") == said


def test_r16_a_device_that_is_not_let_in_is_told_what_may_lie_behind_it() -> None:
    assert refusal(Answer(401, [], []), b"", "en").message_id == "agent.refused_device"


def test_another_refusal_says_status_and_sentence() -> None:
    failed = refusal(Answer(507, [], []), XML.encode(), "ja")
    assert failed.facts() == {"status": 507, "message": "空きがありません。"}
    assert messages.explain(failed, "ja").endswith("空きがありません。")
