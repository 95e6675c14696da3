"""Calendars: what programs and people are told, and what is on the pages (R28)."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "calendar.refused": (
        "カレンダーに保存できません（{reason}）。何も変更していません。内容をご確認ください。",
        "The calendar cannot keep this ({reason}). Nothing was changed. Check the entry.",
    ),
    "calendar.refused.valid-calendar-data": (
        "予定の内容を読み取れません（{reason}）。何も変更していません。日時や繰り返しをご確認ください。",
        "The entry cannot be read ({reason}). Nothing was changed. Check its times and its repetition.",
    ),
    "calendar.refused.valid-calendar-object-resource": (
        "一度に保存できる予定は一つです（{reason}）。予定を分けて保存してください。",
        "One entry is stored at a time ({reason}). Store them one by one.",
    ),
    "calendar.refused.supported-calendar-component": (
        "このカレンダーには保存できない種類です（{reason}）。別のカレンダーをお選びください。",
        "This calendar does not keep entries of this kind ({reason}). Choose another calendar.",
    ),
    "calendar.refused.no-uid-conflict": (
        "同じ予定がこのカレンダーにあります（{reason}）。一覧を更新し、そちらを変更してください。",
        "The same entry is in this calendar already ({reason}). Refresh the list and change that one.",
    ),
    "calendar.refused.max-resource-size": (
        "予定が大きすぎます（上限 {reason}）。添付や説明を減らしてください。",
        "The entry is too large (at most {reason}). Leave out attachments or shorten the text.",
    ),
    "calendar.refused.max-instances": (
        "繰り返しが多すぎます（上限 {reason}）。終わりの日を決めるか、間隔を広げてください。",
        "It repeats too often (at most {reason}). Give it an end, or a longer interval.",
    ),
    "calendar.refused.min-date-time": (
        "{reason} 年より前の日時は保存できません。日時をご確認ください。",
        "Times before {reason} cannot be kept. Check the date.",
    ),
    "calendar.refused.max-date-time": (
        "{reason} 年以降の日時は保存できません。日時をご確認ください。",
        "Times from {reason} on cannot be kept. Check the date.",
    ),
    "calendar.refused.supported-filter": (
        "この条件では検索できません（{reason}）。ご利用のソフトを更新してください。",
        "It is not possible to search so ({reason}). Update the program you use.",
    ),
    "calendar.refused.supported-collation": (
        "この文字の比べ方には対応していません（{reason}）。ご利用のソフトを更新してください。",
        "Texts are not compared so here ({reason}). Update the program you use.",
    ),
    "calendar.refused.number-of-matches-within-limits": (
        "該当する予定が多すぎます（上限 {reason}）。期間を短くしてください。",
        "Too many entries match (at most {reason}). Ask for a shorter time.",
    ),
    "calendar.refused.valid-sync-token": (
        "前回の同期から時間が経っています。すべて読み込み直してください。",
        "The last synchronisation is too long ago. Load everything anew.",
    ),
    "calendar.refused.room": (
        "カレンダーがいっぱいです（上限 {reason} 件）。古い予定を削除してください。",
        "There is no room ({reason} at most). Delete what you no longer need.",
    ),
    "calendar.read_only": (
        "このカレンダーは見るだけです。変更は管理者にご依頼ください。",
        "You may only read this calendar. Ask your administrator to change it.",
    ),
    "calendar.shared_stays": (
        "ご契約のカレンダーは削除できません。不要な予定だけを削除してください。",
        "The contract's calendar cannot be deleted. Delete the entries you no longer need.",
    ),
    "calendar.shared": ("ご契約のカレンダー", "Everybody's calendar"),
    "calendar.own": ("自分のカレンダー", "My calendar"),
    "calendar.invited.subject": ("招待: {summary}（{when}）", "Invitation: {summary} ({when})"),
    "calendar.invited.body": (
        "{by} さんから予定に招待されました。\n\n  {summary}\n  {when}\n\n"
        "スケジュールのページで、出席・未定・欠席を答えてください。\n",
        "{by} invites you.\n\n  {summary}\n  {when}\n\nAnswer on the calendar page: accept, tentative or decline.\n",
    ),
    "calendar.reminder.subject": ("リマインダー: {summary}（{when}）", "Reminder: {summary} ({when})"),
    "calendar.reminder.body": (
        "予定の時刻が近づいています。\n\n  {summary}\n  {when}\n  {location}\n\n"
        "このメールの設定は、スケジュールのページで変更できます。\n",
        "It is nearly time.\n\n  {summary}\n  {when}\n  {location}\n\n"
        "Where this mail goes is set on the calendar page.\n",
    ),
}
