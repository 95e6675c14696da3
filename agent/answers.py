"""What the gateway says when it refuses, in the words it chose for people."""

from __future__ import annotations

import json

from lxml import etree

from agent.upstream import Answer
from core import messages
from core.errors import ToolFailed

_MESSAGE = "{urn:azukari}message"


def refusal(answer: Answer, body: bytes, language: str) -> ToolFailed:
    """Return a refusal as an error; of a 401 it is said what usually lies behind it (R16)."""
    if answer.status == 401:
        return ToolFailed("agent.refused_device")
    return ToolFailed("agent.refused", status=answer.status, message=words(body, language))


def words(body: bytes, language: str) -> str:
    """Return the sentence in an answer of the API (JSON) or of the drive (XML); without one, what to do."""
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        found = _in_xml(body)
    return found or messages.text("agent.refused_without_words", language)


def _in_xml(body: bytes) -> str | None:
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root.findtext(f".//{_MESSAGE}")
