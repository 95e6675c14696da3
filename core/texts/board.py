"""About the bulletin board (R28)."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "board.title": (
        "題名は 1～{most} 文字の 1 行で入力してください。",
        "Give the topic a title of 1 to {most} characters, on one line.",
    ),
    "board.empty": ("本文を入力してください。", "Write something first."),
    "board.long": (
        "本文は {most} 文字以内にしてください。長い文章はファイルにして添付できます。",
        "Keep a post within {most} characters. Longer words can go into a file that you attach.",
    ),
    "board.characters": (
        "本文に保存できない文字があります。取り除いてください。",
        "The post has characters that cannot be kept. Please remove them.",
    ),
    "board.attachments": (
        "添付は 1 件の投稿に {most} 個までです。フォルダごと添付することもできます。",
        "At most {most} attachments go with a post. You can attach a whole folder instead.",
    ),
    "board.edited_often": (
        "この投稿は {most} 回編集されています。続きは新しい投稿に書いてください。",
        "This post was edited {most} times. Please go on in a new one.",
    ),
    "board.not_yours": (
        "編集できるのは、ご自分の投稿だけです。返信として書いてください。",
        "You can edit your own posts only. Write a reply instead.",
    ),
    "board.may_not_delete": (
        "削除できるのは、書いた本人と管理者だけです。管理者に依頼してください。",
        "Only who wrote a post, or the administrator, deletes it. Ask the administrator.",
    ),
    "board.may_not_pin": (
        "話題を固定できるのは管理者だけです。管理者に依頼してください。",
        "Only the administrator pins topics. Ask the administrator.",
    ),
    "board.read_only": (
        "このグループでは閲覧のみできます。書き込みが必要な場合は管理者にご連絡ください。",
        "In this group you read only. If you need to write, ask your administrator.",
    ),
    "board.deleted_post": (
        "この投稿は削除されているため、編集できません。新しい投稿を書いてください。",
        "This post was deleted and cannot be edited. Write a new one.",
    ),
    "board.attachment_gone": (
        "添付されたファイルは削除されました。必要な場合は、投稿した人にお尋ねください。",
        "The attached file was deleted. If you need it, ask who posted it.",
    ),
    "board.attachment_closed": (
        "この添付ファイルを開く権限がありません。投稿した人に、グループフォルダに置いてもらってください。",
        "You may not open this attachment. Ask who posted it to put it into a Group Folder of yours.",
    ),
    "board.mail.subject": (
        "【預かり】掲示板であなた宛ての投稿が {count} 件あります",
        "[Azukari] {count} {count:post|posts} on the bulletin board {count:mentions|mention} you",
    ),
    "board.mail.body": (
        "掲示板に、あなた（@{login}）宛ての投稿があります。\n\n{posts}\n\n"
        "本文は、ログインして「掲示板」でお読みください。このお知らせは、掲示板の「お知らせの設定」で止められます。\n",
        "Posts on the bulletin board mention you (@{login}).\n\n{posts}\n\n"
        "Sign in and open Board to read them. You can switch this mail off under “Notifications” on the board.\n",
    ),
    "board.mail.post": ("・「{title}」 {author} {at}", "- “{title}”, {author}, {at}"),
    "board.mail.more": ("・ほか {count} 件", "- and {count} more"),
    "web.nav.board": ("掲示板", "Board"),
    "web.board.title": ("掲示板", "Bulletin board"),
    "web.board.none": ("話題はまだありません。", "There are no topics yet."),
    "web.board.none_hint": (
        "「新しい話題」から、最初のひとことを書いてみましょう。",
        "Start the first one under “New topic”.",
    ),
    "web.board.new": ("新しい話題", "New topic"),
    "web.board.search": ("投稿を検索", "Search posts"),
    "web.board.search_of": ("「{text}」を含む投稿", "Posts with “{text}”"),
    "web.board.search_none": (
        "見つかりませんでした。短い言葉や別の言い方でお試しください。",
        "Nothing was found. Try a shorter word, or another one.",
    ),
    "web.board.settings": ("お知らせの設定", "Notifications"),
    "web.board.read_all": ("すべて既読にする", "Mark all as read"),
    "web.board.all_read": ("すべて既読にしました。", "Everything is marked as read."),
    "web.board.unread": ("未読", "unread"),
    "web.board.pinned": ("固定", "pinned"),
    "web.board.everyone": ("全員", "everyone"),
    "web.board.of_group": ("グループ {name}", "group {name}"),
    "web.board.post_count": ("投稿 {count} 件", "{count} {count:post|posts}"),
    "web.board.last": ("最終 {at}", "last {at}"),
    "web.board.pages": ("ページ", "Pages"),
    "web.board.range": ("{first}～{last} 件目（全 {count} 件）", "{first}–{last} of {count}"),
    "web.board.first": ("最初", "First"),
    "web.board.last_page": ("最後", "Last"),
    "web.board.topic": ("題名", "Title"),
    "web.board.for": ("見せる相手", "For"),
    "web.board.body": ("本文", "Post"),
    "web.board.body_hint": (
        "Markdown が使えます（**強調**、- 箇条書き、> 引用、<https://…> リンク）。"
        "@ログインID で呼びかけると、相手にお知らせが届きます。",
        "Markdown works: **bold**, - lists, > quotes, <https://…> links. @login calls someone; they are told by mail.",
    ),
    "web.board.attach": ("ファイルを添付", "Attach files"),
    "web.board.attach_hint": (
        "ファイルはコピーされません。開けるのは、そのファイルを見られる人だけです。みんなに見せるならグループフォルダに置いてください。",
        "Files are not copied. Only who may see a file can open it; for others to see it, put it into a Group Folder.",
    ),
    "web.board.attach_none": ("この場所には何もありません。", "There is nothing in this place."),
    "web.board.attached": ("添付", "Attachments"),
    "web.board.write": ("投稿する", "Post"),
    "web.board.reply": ("返信を書く", "Write a reply"),
    "web.board.written": ("投稿しました。", "Posted."),
    "web.board.posted_by": ("{author} の投稿", "Post by {author}"),
    "web.board.edit": ("編集", "Edit"),
    "web.board.edit_title": ("投稿の編集", "Edit the post"),
    "web.board.save": ("保存する", "Save"),
    "web.board.saved": ("保存しました。前の内容は履歴に残ります。", "Saved. What it said before stays in its history."),
    "web.board.edited": ("編集済み {at}", "edited {at}"),
    "web.board.history": ("編集の履歴", "History"),
    "web.board.history_now": ("現在の内容", "As it is now"),
    "web.board.delete": ("削除", "Delete"),
    "web.board.delete_lead": (
        "本文・添付・履歴が消え、元に戻せません。「削除されました」という印だけが残ります。",
        "Its words, attachments and history go for good; a mark that it was deleted stays.",
    ),
    "web.board.delete_confirm": ("この投稿を削除する", "Delete this post"),
    "web.board.deleted": ("投稿を削除しました。", "The post was deleted."),
    "web.board.deleted_mark": (
        "この投稿は {by} が {at} に削除しました。",
        "This post was deleted by {by}, {at}.",
    ),
    "web.board.pin": ("上に固定する", "Pin to the top"),
    "web.board.unpin": ("固定をやめる", "Unpin"),
    "web.board.pin_done": ("上に固定しました。", "The topic is pinned to the top."),
    "web.board.unpin_done": ("固定をやめました。", "The topic is pinned no longer."),
    "web.board.mail_lead": (
        "投稿で @{login} と呼びかけられたとき、まとめてメールでお知らせします。本文はメールに載せません。",
        "When posts call you by @{login}, one mail tells you of all of them. It does not carry their words.",
    ),
    "web.board.mail_on": ("メールで知らせてもらう", "Tell me by mail"),
    "web.board.mail_address": ("メールアドレス", "Mail address"),
    "web.board.mail_hint": (
        "予定表のお知らせと同じ宛先です。空欄にすると、どちらも届きません。",
        "Reminders of the calendar go here too. Left empty, neither is sent.",
    ),
    "web.board.mail_language": ("メールの言語", "Language of the mail"),
    "web.board.mail_kept": ("設定を保存しました。", "Your choice is kept."),
}
