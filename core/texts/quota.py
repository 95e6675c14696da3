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
    "quota.login_limit": (
        "このログインIDの上限は {limit_bytes} バイトです。{needed_bytes} バイト必要ですが、"
        "残りは {free_bytes} バイトです。"
        "不要なファイルを削除するか、管理者に上限の変更を依頼してください。元のファイルはそのままです。",
        "This login may hold {limit_bytes} bytes: {needed_bytes} more are needed, {free_bytes} are left. Delete files "
        "you no longer need, or ask your administrator for a higher limit. The old file is untouched.",
    ),
    "quota.group_limit": (
        "このグループフォルダの上限は {limit_bytes} バイトです。{needed_bytes} バイト必要ですが、"
        "残りは {free_bytes} バイトです。"
        "不要なファイルを削除するか、管理者に上限の変更を依頼してください。元のファイルはそのままです。",
        "This Group Folder may hold {limit_bytes} bytes: {needed_bytes} more are needed, {free_bytes} are left. "
        "Delete files you no longer need, or ask your administrator for a higher limit. The old file is untouched.",
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
    "statement.title": ("ご利用明細", "Statement"),
    "statement.contract": ("ご契約", "Contract"),
    "statement.month": ("ご利用月", "Month"),
    "statement.plan": ("料金の対象プラン", "Plan charged"),
    "statement.capacity": ("月末の容量", "Capacity at the end of the month"),
    "statement.services": ("増量特典の対象サービス", "Services that give a bonus"),
    "statement.fee": ("料金 {fee_yen}円", "Fee: {fee_yen} yen"),
    "statement.happened": ("この月のお手続き", "What happened in this month"),
    "statement.nothing": ("お手続きはありません。", "Nothing changed in this month."),
    "statement.sign-up": ("{code} でお申し込み", "Signed up with {code}"),
    "statement.plan-change": ("{code} へプラン変更", "Changed the plan to {code}"),
    "statement.bonus-add": ("増量特典 {code} の追加", "Bonus added: {code}"),
    "statement.bonus-remove": ("増量特典 {code} の終了", "Bonus removed: {code}"),
    "statement.end": ("ご解約", "Ended the contract"),
    "reminder.subject": (
        "【Azukari】{name} のファイルは {days} 日後に削除されます",
        "Azukari: files of {name} will be deleted in {days} days",
    ),
    "reminder.body": (
        "{name} のご契約は容量を {excess_bytes} バイト超えています。\n\n"
        "{at} に、預けた日時の古いファイルから順に、{files} 個（{size_bytes} バイト）が削除されます。\n"
        "残すには、それまでに不要なファイルを削除するか、より大きいプランへ変更してください。\n\n"
        "最初に削除されるファイル:\n{paths}\n",
        "The contract {name} is {excess_bytes} bytes over its capacity.\n\n"
        "At {at} the {files} {files:file|files} stored longest ago ({size_bytes} bytes) will be deleted.\n"
        "To keep them, delete files you no longer need, or change to a larger plan before then.\n\n"
        "The first to go:\n{paths}\n",
    ),
    "reminder.body_ended": (
        "{name} のご契約は終了しました。\n\n"
        "{at} に、お預かりしているすべてのファイル（{size_bytes} バイト）が削除されます。\n"
        "必要なファイルは、それまでに管理者のログインIDでダウンロードしてください。\n",
        "The contract {name} has ended.\n\n"
        "At {at} everything it keeps ({size_bytes} bytes) will be deleted.\n"
        "Until then its administrator can sign in and download what is still needed.\n",
    ),
    "preview.nothing": (
        "この変更で削除されるファイルはありません。",
        "This change would delete nothing.",
    ),
    "preview.deletes": (
        "この変更により、{at} に {files} 個のファイル（{size_bytes} バイト）が古い順に削除されます。"
        "それまでに不要なファイルを削除するか、容量を増やすと避けられます。",
        "This would delete {files} {files:file|files}, {size_bytes} bytes, the oldest first, at {at}, unless files are "
        "deleted or the capacity grows before then.",
    ),
    "clock.jumped": (
        "時計が大きくずれているため、削除を行いませんでした（{reason}）。"
        "時刻を確認し、正しければ --at で時刻を指定して実行してください。",
        "Nothing was deleted, because the clock has jumped ({reason}). Check the time; if it is right, run the job "
        "once with --at.",
    ),
    "mail.unavailable": (
        "メールサーバーが応答しません（{reason}）。メールは後でもう一度送信します。",
        "The mail server does not answer ({reason}). The mail will be tried again later.",
    ),
    "mail.refused": (
        "メールが受け付けられませんでした（{reason}）。宛先と config.yaml の mail: をご確認ください。",
        "The mail was refused ({reason}). Check the address, and mail: in config.yaml.",
    ),
}
