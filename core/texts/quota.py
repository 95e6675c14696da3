"""About room, plans and money."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "quota.exceeded": (
        "容量が足りません。{needed_bytes} バイト必要ですが、空きは {free_bytes} バイトです。"
        "不要なファイルを削除するか、管理者にプランの変更を依頼してください。元のファイルはそのままです。",
        "There is not enough room: {needed_bytes} bytes are needed, {free_bytes} are free. "
        "Delete files you no longer need, or ask your administrator for a larger plan. The old "
        "file is untouched.",
    ),
}
