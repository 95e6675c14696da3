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
    "fee.before": (
        "この月はご契約前のため、料金はかかりません。",
        "The contract had not begun in this month: nothing is charged.",
    ),
    "fee.ended": (
        "この月はご解約後のため、料金はかかりません。",
        "The contract had ended before this month: nothing is charged.",
    ),
    "fee.sign_up": (
        "お申し込みの月は無料です。",
        "The month of sign-up is free.",
    ),
    "fee.first_and_last": (
        "お申し込みと同じ月に解約されたため、{plan} の1か月分の料金がかかります。",
        "The contract ended in the month of its sign-up: one month of {plan} is charged.",
    ),
    "fee.last": (
        "解約の月は日割りせず、{plan} の1か月分の料金がかかります。",
        "The month in which the contract ends is charged in full: {plan}.",
    ),
    "fee.unchanged": (
        "この月にプランの変更はなく、{plan} の料金がかかります。",
        "The plan did not change in this month: {plan} is charged.",
    ),
    "fee.one_change": (
        "この月のプラン変更は1回のため、変更前の {plan} の料金がかかります。",
        "The plan changed once in this month: the plan before the change, {plan}, is charged.",
    ),
    "fee.dearest": (
        "この月のプラン変更は2回以上のため、この月にご利用になった最も高い {plan} の料金がかかります。",
        "The plan changed more than once in this month: the dearest plan held, {plan}, is charged.",
    ),
}
