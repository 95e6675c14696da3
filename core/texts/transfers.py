"""About files that go from one contract to another (R26)."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "transfer.code_unknown": (
        "この受け取りコードは使われていません。先方の管理者に、ご契約のページに表示されているコードをご確認ください。",
        "No contract receives files under this transfer code. Ask the other side's administrator for the code on "
        "their contract's page.",
    ),
    "transfer.to_yourself": (
        "これはご自分のご契約の受け取りコードです。ご契約の中では「コピー」をお使いください。",
        "This is your own contract's transfer code. Within your contract, use Copy.",
    ),
    "transfer.from_secret": (
        "シークレットフォルダからは直接お渡しできません。マイフォルダにコピーしてからお渡しください。",
        "Files cannot be transferred out of a Secret Folder. Copy them to My Folder first, and send them from there.",
    ),
    "transfer.into_secret": (
        "シークレットフォルダには直接受け取れません。ほかのフォルダに受け取ってからコピーしてください。",
        "Files cannot be received into a Secret Folder. Receive them elsewhere, and copy them there.",
    ),
    "transfer.too_many_files": (
        "一度にお渡しできるのは {most} ファイルまでです。何回かに分けてお渡しください。",
        "At most {most} files go in one transfer. Send them in several.",
    ),
    "transfer.too_many_open": (
        "相手の受け取りを待っているものが {most} 件あります。不要なものを取り消してからお渡しください。",
        "{most} transfers are waiting to be accepted already. Withdraw those no longer needed, then send.",
    ),
    "transfer.too_much_open": (
        "相手の受け取りを待っているものの合計が、ご契約の容量を超えます。受け取られるのを待つか、不要なものを取り消してください。",
        "Together with what is waiting to be accepted, this would be more than your contract's capacity. Wait until "
        "something is accepted, or withdraw what is no longer needed.",
    ),
    "transfer.closed.accepted": (
        "このファイルはすでに受け取られました。受け取り先のフォルダをご確認ください。",
        "These files were accepted already. Look in the folder they were put in.",
    ),
    "transfer.closed.declined": (
        "この受け渡しはすでに辞退されました。必要でしたら、もう一度送ってもらってください。",
        "This transfer was declined already. If the files are needed, they have to be sent again.",
    ),
    "transfer.closed.withdrawn": (
        "送り主がこの受け渡しを取り消しました。必要でしたら、もう一度送ってもらってください。",
        "The sender withdrew this transfer. If the files are needed, ask for them to be sent again.",
    ),
    "transfer.closed.expired": (
        "受け取り期限を過ぎました。必要でしたら、もう一度送ってもらってください。",
        "This transfer has run out. If the files are needed, ask for them to be sent again.",
    ),
    "transfer.mail.subject": (
        "【預かり】{sender} 様からファイルが届いています",
        "[Azukari] {sender} sends you files",
    ),
    "transfer.mail.body": (
        "{sender} 様（{login} さん）から、{files} 個のファイル（{size_bytes} バイト）が届いています。\n"
        "{until} までに、ログインして「受け渡し」のページで受け取るか辞退してください。期限を過ぎると受け取れません。\n"
        "{page}\n\n送り主からのメッセージ:\n{message}\n",
        "{sender} ({login}) sends you {files} {files:file|files} ({size_bytes} bytes).\n"
        "Sign in and accept or decline them on the Transfers page by {until} (Tokyo time); after that they are gone.\n"
        "{page}\n\nThe sender's message:\n{message}\n",
    ),
    "web.nav.transfers": ("受け渡し", "Transfers"),
    "web.transfers.title": ("ほかのご契約との受け渡し", "Transfers with other contracts"),
    "web.transfers.waiting": ("受け取り待ち", "Waiting"),
    "web.transfers.incoming": ("届いたもの", "Received"),
    "web.transfers.outgoing": ("送ったもの", "Sent"),
    "web.transfers.none_in": (
        "届いたものはありません。ほかのご契約から送ってもらうには、受け取りコードを先方に伝えてください。",
        "Nothing has come in. To be sent files, tell the other contract your transfer code.",
    ),
    "web.transfers.none_out": (
        "送ったものはありません。ファイルの一覧で選び、「ほかのご契約へ渡す」を押してください。",
        "Nothing was sent. Pick files in a folder and press “To another contract”.",
    ),
    "web.transfers.from": ("{sender}（{login}）から", "from {sender} ({login})"),
    "web.transfers.to": ("{receiver} へ", "to {receiver}"),
    "web.transfers.for": ("{login} さんあて", "for {login}"),
    "web.transfers.by": ("送信者 {login}", "sent by {login}"),
    "web.transfers.files": ("{count} ファイル", "{count} {count:file|files}"),
    "web.transfers.state.sent": ("受け取り待ち", "waiting"),
    "web.transfers.state.accepted": ("受け取り済み", "accepted"),
    "web.transfers.state.declined": ("辞退", "declined"),
    "web.transfers.state.withdrawn": ("取り消し", "withdrawn"),
    "web.transfers.state.expired": ("期限切れ", "expired"),
    "web.transfers.until": ("{at} まで", "until {at}"),
    "web.transfers.settled": ("{at} {by}", "{at} {by}"),
    "web.transfers.look": ("内容を見る", "Look"),
    "web.transfers.withdraw": ("取り消す", "Withdraw"),
    "web.transfers.withdrawn": (
        "取り消しました。相手はもう受け取れません。",
        "Withdrawn. It can no longer be accepted.",
    ),
    "web.transfers.send": ("ほかのご契約へ渡す", "To another contract"),
    "web.transfers.send_title": ("{count} 件をほかのご契約へ渡す", "Transfer {count} to another contract"),
    "web.transfers.send_lead": (
        "いまの内容をそのまま渡します。送った後に変更や削除をしても、相手が受け取る内容は変わりません。"
        "相手が受け取るまで、あなたの容量には数えません。",
        "What is sent is what is there now: changing or deleting it afterwards changes nothing of what the other side "
        "receives. What is on its way does not count against your capacity.",
    ),
    "web.transfers.code": ("先方の受け取りコード", "The receiver's transfer code"),
    "web.transfers.code_hint": (
        "先方の管理者が、ご契約のページで確かめられます。例：abcd-efgh-jkmn",
        "Their administrator finds it on their contract's page. For example abcd-efgh-jkmn",
    ),
    "web.transfers.addressee": ("先方の利用者ID（任意）", "A login there (optional)"),
    "web.transfers.addressee_hint": (
        "指定すると、先方の管理者のほか、この利用者も受け取れます。",
        "If named, this login may accept the files too, not only the administrator there.",
    ),
    "web.transfers.message": ("メッセージ（任意）", "Message (optional)"),
    "web.transfers.days": ("受け取り期限", "Can be accepted for"),
    "web.transfers.day_count": ("{days} 日間", "{days} days"),
    "web.transfers.send_now": ("渡す", "Send"),
    "web.transfers.sent": (
        "{receiver} 様に送りました。{at} までに受け取られなければ、自動で取り消されます。",
        "Sent to {receiver}. If it is not accepted by {at}, it is taken back by itself.",
    ),
    "web.transfers.one": ("{sender} 様からの受け渡し", "Transfer from {sender}"),
    "web.transfers.one_sent": ("{receiver} 様への受け渡し", "Transfer to {receiver}"),
    "web.transfers.what": ("内容", "What it is"),
    "web.transfers.accept_title": ("受け取る場所", "Where to put it"),
    "web.transfers.accept_lead": (
        "受け取ると、ご契約の容量に {size} 加わります。",
        "Once accepted, it counts {size} against your contract's capacity.",
    ),
    "web.transfers.new_folder": (
        "この中に新しいフォルダを作って入れる（任意）",
        "Put it in a new folder here (optional)",
    ),
    "web.transfers.accept": ("ここに受け取る", "Accept here"),
    "web.transfers.decline": ("辞退する", "Decline"),
    "web.transfers.accepted": ("{count} ファイルを受け取りました。", "{count} {count:file was|files were} accepted."),
    "web.transfers.declined": ("辞退しました。送り主にも表示されます。", "Declined. The sender sees that."),
    "web.transfers.code_title": ("受け取りコード", "Transfer code"),
    "web.transfers.code_lead": (
        "このコードを知っているご契約は、あなたのご契約にファイルを送れます。届いたものは、受け取るか辞退するかを選べます。",
        "A contract that knows this code can send you files. What comes in you may accept or decline.",
    ),
    "web.transfers.code_none": (
        "受け取りコードがないため、ほかのご契約からは何も届きません。",
        "There is no transfer code, so nothing comes in from other contracts.",
    ),
    "web.transfers.code_make": ("受け取りコードを作る", "Make a transfer code"),
    "web.transfers.code_renew": ("新しいコードに替える", "Replace by a new code"),
    "web.transfers.code_remove": ("コードをなくす", "Remove the code"),
    "web.transfers.code_renewed": (
        "受け取りコードは {code} です。前のコードはもう使えません。",
        "The transfer code is {code}. The one before is good no longer.",
    ),
    "web.transfers.code_removed": ("受け取りコードをなくしました。", "The transfer code was removed."),
    "web.act.transfer.send": ("ほかのご契約への受け渡し", "sent to another contract"),
    "web.act.transfer.arrive": ("ほかのご契約からの受け渡し", "came in from another contract"),
    "web.act.transfer.accept": ("受け渡しの受け取り", "transfer accepted"),
    "web.act.transfer.accepted": ("相手による受け取り", "transfer accepted there"),
    "web.act.transfer.decline": ("受け渡しの辞退", "transfer declined"),
    "web.act.transfer.declined": ("相手による辞退", "transfer declined there"),
    "web.act.transfer.withdraw": ("受け渡しの取り消し", "transfer withdrawn"),
    "web.act.transfer.withdrawn": ("送り主による取り消し", "transfer withdrawn by its sender"),
    "web.act.transfer.code": ("受け取りコードの発行", "transfer code made"),
    "web.act.transfer.code-remove": ("受け取りコードの廃止", "transfer code removed"),
}
