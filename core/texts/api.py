"""About the HTTP API and its tokens."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "token.scope_missing": (
        "このトークンではこの操作はできません。スコープ {scope} が必要です。"
        "アカウントのページで新しいトークンを作成してください。",
        "This token is not for this: the scope {scope} is missing. Make a new token on the page Account.",
    ),
    "token.role": (
        "このログインには認められていないスコープがあります。選び直してください。",
        "One of these scopes is beyond what this login may do. Choose others.",
    ),
    "web.api.title": ("HTTP API", "HTTP API"),
}
