"""Posts: their bounds, the HTML of their Markdown, whom they call."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PostRefused
from groupware.board_rules import (
    MOST_ATTACHMENTS,
    MOST_BODY_CHARACTERS,
    MOST_MENTIONS,
    MOST_TITLE_CHARACTERS,
    mentioned,
    require_body,
    require_title,
    to_html,
)


def test_a_post_at_every_bound_is_taken() -> None:
    require_title("題" * MOST_TITLE_CHARACTERS)
    require_body("x" * MOST_BODY_CHARACTERS, attachments=MOST_ATTACHMENTS)


@pytest.mark.parametrize("title", ["", "題" * (MOST_TITLE_CHARACTERS + 1), "a\nb", "a\x00b"])
def test_a_title_no_topic_can_have_is_refused(title: str) -> None:
    with pytest.raises(PostRefused, match=r"^board\.title$"):
        require_title(title)


@pytest.mark.parametrize(
    ("body", "attachments", "reason"),
    [
        ("", 0, "board.empty"),
        (" \n\t", 0, "board.empty"),
        ("x" * (MOST_BODY_CHARACTERS + 1), 0, "board.long"),
        ("a\x00b", 0, "board.characters"),
        ("a\ud800b", 0, "board.characters"),
        ("x", MOST_ATTACHMENTS + 1, "board.attachments"),
    ],
)
def test_a_post_beyond_a_bound_is_refused(body: str, attachments: int, reason: str) -> None:
    with pytest.raises(PostRefused) as refused:
        require_body(body, attachments=attachments)
    assert refused.value.message_id == reason


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("**b** *e* ~~s~~ `c`", "<p><strong>b</strong> <em>e</em> <s>s</s> <code>c</code></p>\n"),
        ("一行目\n二行目", "<p>一行目<br>\n二行目</p>\n"),
        ("# 見出し", "<h3>見出し</h3>\n"),
        ("見出し\n===", "<h3>見出し</h3>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("> q", "<blockquote>\n<p>q</p>\n</blockquote>\n"),
        ("```html\n<b>\n```", "<pre><code>&lt;b&gt;\n</code></pre>\n"),
        ("<https://a.example/?x=1&y>", '<p><a href="https://a.example/?x=1&amp;y" rel="noopener nofollow">https://a.example/?x=1&amp;y</a></p>\n'),
        ('[x](https://a.example "T")', '<p><a href="https://a.example" title="T" rel="noopener nofollow">x</a></p>\n'),
    ],
)  # fmt: skip
def test_markdown_becomes_html(body: str, html: str) -> None:
    assert to_html(body) == html


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![i](https://elsewhere.example/pixel.png)",
        "![i](data:image/png;base64,AAAA)",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "<javascript:alert(1)>",
        "[x](data:text/html,<script>1</script>)",
        "[x](vbscript:x)",
        "[x](https://a.example 'onclick=alert(1)')",
        "<div style='position:fixed'>x</div>",
        "<iframe src='https://a.example'></iframe>",
        "<svg onload=alert(1)>",
        "```\n</code></pre><script>alert(1)</script>\n```",
        "<form action='https://a.example'><input name=q></form>",
    ],
)
def test_nothing_a_post_says_runs_or_loads(body: str) -> None:
    _require_safe(to_html(body))


_ELEMENT = re.compile(r"</?([a-z0-9]+)([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_ALLOWED = {"a", "blockquote", "br", "code", "em", "h3", "hr", "li", "ol", "p", "pre", "s", "strong", "ul"}


def _require_safe(html: str) -> None:
    """Fail where HTML has an element, an attribute or an address that is not on the list."""
    assert html.count("<") == len(_ELEMENT.findall(html))
    for name, rest in _ELEMENT.findall(html):
        assert name in _ALLOWED
        attributes = dict(_ATTRIBUTE.findall(rest))
        assert set(attributes) <= {"href", "title", "rel", "start"}
        if "href" in attributes:
            assert attributes["rel"] == "noopener nofollow"
            scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", attributes["href"], re.IGNORECASE)
            assert scheme is None or scheme[1].lower() in ("http", "https", "mailto")


@given(st.text(alphabet="<>\"'&;:/\\ []()!`*_~#-=\n\tajvscriptonhefl@.", max_size=80))
def test_nothing_anybody_can_type_gets_through(body: str) -> None:
    _require_safe(to_html(body))


_EVERYONE = ("hanako", "taro", "jiro", "a.b", "t")


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("@hanako", ["hanako"]),
        ("@hanakoさん、お願いします", ["hanako"]),
        ("はい@taro。", ["taro"]),
        ("ask @jiro. Or @a.b.", ["jiro", "a.b"]),
        ("@hanako @taro @hanako", ["hanako", "taro"]),
        ("mail hanako@taro or x@jiro", []),
        ("@nobody @hanakoo", []),
        ("@@taro", []),
        ("(@taro)", ["taro"]),
        ("@t", ["t"]),
        ("@", []),
    ],
)
def test_logins_are_called_by_name(body: str, names: list[str]) -> None:
    assert mentioned(body, _EVERYONE) == names


def test_a_post_calls_so_many_and_no_more() -> None:
    everyone = [f"u{number}" for number in range(MOST_MENTIONS + 1)]
    assert mentioned(" ".join(f"@{one}" for one in everyone), everyone) == everyone[:MOST_MENTIONS]
