"""What a post may be, whom it mentions, and how its Markdown becomes HTML that is safe (R28)."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.errors import PostRefused

MOST_TITLE_CHARACTERS = 100
MOST_BODY_CHARACTERS = 10_000
MOST_ATTACHMENTS = 10
#: A post calls so many people at most: more is what a topic is for.
MOST_MENTIONS = 50

# What a login ID can be (auth.logins), after an @ that belongs to no mail address. Japanese follows without a space.
_MENTION = re.compile(r"(?<![A-Za-z0-9._@-])@([a-z0-9][a-z0-9._@-]{0,63})")
#: A sentence may end right behind a name.
_SENTENCE_END = ".-_@"

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
# No tables: a few thousand bars become a megabyte of empty cells. No pictures: they would tell another host who reads
# when; a picture's words and address stay as a link.
_markdown.disable("image")
_TAGS = {"a", "blockquote", "br", "code", "em", "h3", "hr", "li", "ol", "p", "pre", "s", "strong", "ul"}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}


def require_title(title: str) -> None:
    """Return for a title a topic can have. Raises PostRefused."""
    if not 1 <= len(title) <= MOST_TITLE_CHARACTERS or not title.isprintable():
        raise PostRefused("board.title", most=MOST_TITLE_CHARACTERS)


def require_body(body: str, *, attachments: int = 0) -> None:
    """Return for a post's words and number of attachments. Raises PostRefused."""
    if not body.strip():
        raise PostRefused("board.empty")
    if len(body) > MOST_BODY_CHARACTERS:
        raise PostRefused("board.long", most=MOST_BODY_CHARACTERS)
    if "\x00" in body or any("\ud800" <= one <= "\udfff" for one in body):
        raise PostRefused("board.characters")
    if attachments > MOST_ATTACHMENTS:
        raise PostRefused("board.attachments", most=MOST_ATTACHMENTS)


@functools.lru_cache(maxsize=512)
def to_html(body: str) -> str:
    """Return a post's Markdown as HTML: no script, no picture, no style; links lead away without a trace.

    Headings of any level come out as the third, which fits below a page's and a post's own. Two walls: markdown-it
    writes no HTML that it did not make itself, and nh3 lets through what is listed alone.
    """
    tokens = _markdown.parse(body)
    for token in tokens:
        _lower(token)
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener nofollow")


def _lower(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = "h3"


def mentioned(body: str, known: Iterable[str]) -> list[str]:
    """Return which of some login IDs a text calls by `@`, each once, in their order; at most `MOST_MENTIONS`."""
    everyone, found = set(known), dict[str, None]()
    for match in _MENTION.finditer(body):
        name = match[1]
        while name not in everyone and name[-1:] in _SENTENCE_END and name:
            name = name[:-1]
        if name in everyone:
            found[name] = None
    return list(found)[:MOST_MENTIONS]
