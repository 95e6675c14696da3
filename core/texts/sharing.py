"""Shares by mail: what is refused, what mails and recipients' pages say, and the sender's own pages."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "share.refused": (
        "この内容では共有できません。入力をご確認ください。",
        "This cannot be shared as it is. Please check what you entered.",
    ),
    "share.recipients_none": (
        "宛先がありません。メールアドレスを 1 件から {most} 件まで入力してください。",
        "There is no recipient. Enter 1 to {most} mail addresses.",
    ),
    "share.recipients_many": (
        "宛先が多すぎます（{count} 件）。一度に {most} 件までです。まだ誰にも送っていません。",
        "These are too many recipients ({count}); {most} fit at a time. Nothing was sent to anyone.",
    ),
    "share.recipients_wrong": (
        "メールアドレスとして読めないものがあります: {entries}。まだ誰にも送っていません。"
        "直してもう一度お試しください。",
        "Some entries are no mail addresses: {entries}. Nothing was sent to anyone; correct them and try again.",
    ),
    "share.days": (
        "期限は 1 日から {longest} 日までにしてください。",
        "Choose an expiry of 1 to {longest} days.",
    ),
    "share.download_limit": (
        "ダウンロードの回数は 1 から {most} までにしてください。",
        "Choose 1 to {most} downloads, or leave it empty for no limit.",
    ),
    "share.password_length": (
        "共有のパスワードは {least} 文字から {longest} 文字までにしてください。",
        "A share's password has {least} to {longest} characters.",
    ),
    "share.message_long": (
        "メッセージが長すぎます。{longest} 文字までにしてください。",
        "The message is too long; {longest} characters fit.",
    ),
    "share.tray_limit": (
        "返信トレイの大きさを、500MB のように入力してください。",
        "Enter how much the return tray takes, such as 500MB.",
    ),
    "share.items": (
        "共有するものを 1 件から {most} 件まで選んでください。",
        "Select 1 to {most} files or folders to share.",
    ),
    "share.whole_folder": (
        "マイフォルダやグループフォルダの全体は共有できません。中のフォルダかファイルを選んでください。",
        "A whole My Folder or Group Folder cannot be shared. Select a folder or file in it.",
    ),
    "link.folder": (
        "このフォルダのものは、メールや公開ページでは共有できません。許可されている場合は、マイフォルダへコピーしてください。",
        "Nothing in this folder can be shared by a link. Where your contract allows it, copy it to My Folder first.",
    ),
    "link.closed": (
        "このリンクは使えなくなりました。送信者にお問い合わせください。",
        "This link is no longer good. Please ask whoever sent it.",
    ),
    "link.revoked": (
        "この共有は取り消されました。必要な場合は送信者にお問い合わせください。",
        "This share was taken back. Ask its sender if you still need it.",
    ),
    "link.expired": (
        "この共有の期限は過ぎました。必要な場合は送信者に再度の共有をご依頼ください。",
        "This share has expired. Ask its sender to share it again.",
    ),
    "link.maker_closed": (
        "送信者の都合により、この共有はご利用いただけません。送信者にお問い合わせください。",
        "This is not available any more on its sender's side. Please ask the sender.",
    ),
    "link.deleted": (
        "共有されたファイルは削除されています。必要な場合は送信者にお問い合わせください。",
        "What was shared has been deleted. Ask its sender if you still need it.",
    ),
    "share.limit_reached": (
        "ダウンロードの回数の上限に達しました。必要な場合は送信者にお問い合わせください。",
        "This was downloaded as often as its sender allows. Ask the sender if you need it once more.",
    ),
    "share.unknown": (
        "この共有はありません。メールにあるアドレスを最後まで正しく開いたかご確認ください。",
        "There is no such share. Check that you opened the whole address from your mail.",
    ),
    "share.tray_closed": (
        "返信トレイは閉じられています。送信者にお問い合わせください。",
        "The return tray is closed. Please ask whoever shared this with you.",
    ),
    "share.tray_full": (
        "返信トレイに入りきりません。何も保存していません。小さくするか、送信者にお問い合わせください。",
        "This does not fit into the return tray. Nothing was stored: make it smaller, or ask the sender.",
    ),
    "share.infected": (
        "ウイルスの疑いがあるため受け取れません。何も保存していません。ファイルを検査してください。",
        "The virus scanner does not let this file in. Nothing was stored; please have the file examined.",
    ),
    "scanner.unavailable": (
        "ウイルス検査が行えないため受け取れません。何も保存していません。しばらくしてからもう一度お試しください。",
        "The virus scanner gives no answer, so no file is taken in. Nothing was stored; try again later.",
    ),
    "share.password_wrong": (
        "パスワードが違います。二通目のメールをご確認ください。",
        "The password is wrong. It is in the second mail you were sent.",
    ),
    "share.tray_folder": ("返信トレイ", "Return tray"),
    "share.mail.subject": (
        "【Azukari】{sender} さんからファイルの共有: {title}",
        "[Azukari] {sender} shares {title} with you",
    ),
    "share.mail.lead": (
        "{sender} さん（{contract}）が、次のファイルをあなたと共有しました。",
        "{sender} ({contract}) shares these files with you:",
    ),
    "share.mail.url": ("こちらから開けます。\n{url}", "Open them here:\n{url}"),
    "share.mail.until": ("期限: {at}（日本時間）", "Available until {at} (Japan time)."),
    "share.mail.tray": (
        "同じページから、{sender} さんへファイルを送ることもできます。",
        "On the same page you can also send files back to {sender}.",
    ),
    "share.mail.password_follows": (
        "開くためのパスワードは、別のメールでお送りします。",
        "The password for it comes in another mail.",
    ),
    "share.mail.own": (
        "このアドレスはあなた専用です。ほかの方に転送しないでください。お心当たりのない場合は、このメールを破棄してください。",
        "This address is yours alone; please do not pass it on. If you do not know the sender, delete this mail.",
    ),
    "share.mail.password_subject": ("【Azukari】共有のパスワード: {title}", "[Azukari] Password for {title}"),
    "share.mail.password_body": (
        "{sender} さん（{contract}）が共有したファイルのパスワードです。\n\n  {password}\n\n"
        "ファイルのアドレスは、別のメールでお送りしています。",
        "This is the password for what {sender} ({contract}) shares with you:\n\n  {password}\n\n"
        "The address of the files is in another mail.",
    ),
    "web.guest.title": ("共有されたファイル", "Files shared with you"),
    "web.guest.from": ("{sender} さんからの共有", "Shared by {sender}"),
    "web.guest.until": ("期限: {at}（日本時間）", "Until {at} (Japan time)"),
    "web.guest.limit": ("ダウンロードは各ファイル {limit} 回までです。", "Each file can be downloaded {limit} times."),
    "web.guest.password": ("パスワード", "Password"),
    "web.guest.password_lead": (
        "別のメールでお送りしたパスワードを入力してください。",
        "Enter the password from the second mail you were sent.",
    ),
    "web.guest.open": ("開く", "Open"),
    "web.guest.all": ("すべてダウンロード（ZIP）", "Download everything (ZIP)"),
    "web.guest.gone": ("削除されています", "deleted"),
    "web.guest.nothing": ("このフォルダには、まだ何もありません。", "There is nothing in this folder yet."),
    "web.guest.files": ("共有されているもの", "What is shared"),
    "web.guest.back": ("共有の一覧へ", "Back to everything shared"),
    "web.guest.more": (
        "先頭の {most} 件を表示しています。残りは ZIP でダウンロードできます。",
        "The first {most} are shown. The rest comes with the ZIP archive.",
    ),
    "web.guest.tray": ("ファイルを送り返す", "Send files back"),
    "web.guest.tray_lead": (
        "送ったファイルは {sender} さんだけが見られます。あと {free} まで入ります。",
        "Only {sender} sees what you send. {free} more fit.",
    ),
    "web.guest.tray_choose": ("ファイルを選ぶ", "Choose files"),
    "web.guest.tray_send": ("送信する", "Send"),
    "web.guest.tray_done": ("受け取りました: {names}", "Received: {names}"),
    "web.guest.tray_none": ("ファイルが選ばれていません。", "No file was chosen."),
    "web.nav.shares": ("共有", "Shares"),
    "web.admin.part.shares": ("共有", "Shares"),
    "web.act.share": ("メールでの共有", "shared by mail"),
    "web.act.share.open": ("共有の閲覧（受信者）", "share opened by a recipient"),
    "web.act.share.read": ("共有ファイルの表示（受信者）", "shared file looked at by a recipient"),
    "web.act.share.download": ("共有のダウンロード（受信者）", "shared file downloaded by a recipient"),
    "web.act.share.put": ("返信トレイへの送信（受信者）", "file sent back by a recipient"),
    "web.act.share.revoke": ("共有の取り消し", "share revoked"),
    "web.act.share.end": ("共有の終了", "share ended"),
    "web.share.do": ("共有", "Share"),
    "web.share.mark": ("メールで共有中", "Shared by mail"),
    "web.share.title": ("メールで共有する", "Share by mail"),
    "web.share.what": ("共有するもの", "What you share"),
    "web.share.recipients": ("宛先のメールアドレス", "Mail addresses of the recipients"),
    "web.share.recipients_hint": (
        "1 件から {most} 件まで。改行やコンマで区切り、一覧を貼り付けることもできます。宛先どうしは互いに見えません。",
        "1 to {most}, one a line or with commas between; a list can be pasted. No recipient sees another.",
    ),
    "web.share.suggestions": ("以前の宛先", "Past recipients"),
    "web.share.message": ("メッセージ（任意）", "Message (optional)"),
    "web.share.days": ("期限（日数）", "Expiry (days)"),
    "web.share.password": ("パスワード（任意）", "Password (optional)"),
    "web.share.password_hint": (
        "{least} 文字以上。二通目のメールで宛先に届きます。",
        "At least {least} characters. Recipients get it in a second mail.",
    ),
    "web.share.limit": ("ダウンロードの回数（任意）", "Number of downloads (optional)"),
    "web.share.limit_hint": (
        "宛先ごと、ファイルごとの回数です。1 時間以内の繰り返しは 1 回と数えます。",
        "For each recipient and file. Repeats within an hour count once.",
    ),
    "web.share.tray": ("返信トレイを付ける", "Add a return tray"),
    "web.share.tray_hint": (
        "宛先の方がファイルを送り返せます。あなたのマイフォルダに入り、あなただけが見られます。",
        "Recipients can send files back. They go to your My Folder, where you alone see them.",
    ),
    "web.share.tray_size": ("返信トレイの大きさ", "Size of the return tray"),
    "web.share.send": ("共有する", "Share"),
    "web.share.done": (
        "{count} 件の宛先にメールを送ります。開かれたかどうかは「共有」で確認できます。",
        "Mails to {count} {count:recipient|recipients} are on their way. See under “Shares” who opened them.",
    ),
    "web.shares.title": ("共有の一覧", "My shares"),
    "web.shares.contract_title": ("ご契約の共有", "Shares of the contract"),
    "web.shares.empty": ("まだ何も共有していません。", "Nothing is shared yet."),
    "web.shares.empty_hint": (
        "ファイルの一覧で選んで「共有」を押すと、メールで送れます。",
        "Select files in a folder and press “Share” to send them by mail.",
    ),
    "web.shares.open": ("共有中", "open"),
    "web.shares.ended": ("終了", "ended"),
    "web.shares.expired": ("期限切れ", "expired"),
    "web.shares.summary": (
        "宛先 {recipients} 件、開封 {opened} 件、ダウンロード {fetched} 件",
        "{recipients} recipients, {opened} opened it, {fetched} downloaded",
    ),
    "web.shares.until": ("期限 {at}", "until {at}"),
    "web.shares.made": ("{at} に共有", "shared {at}"),
    "web.shares.by": ("{login} さんが共有", "by {login}"),
    "web.shares.failed": ("届かなかったメール {count} 件", "{count} {count:mail|mails} did not arrive"),
    "web.shares.recipients": ("宛先と受け取り状況", "Recipients and receipts"),
    "web.shares.col.mail": ("メール", "Mail"),
    "web.shares.col.opened": ("開封", "Opened"),
    "web.shares.col.fetched": ("ダウンロード", "Downloads"),
    "web.shares.mail.queued": ("送信待ち", "waiting"),
    "web.shares.mail.sent": ("送信済み", "sent"),
    "web.shares.mail.failed": ("届きません: {reason}", "not delivered: {reason}"),
    "web.shares.never": ("まだ", "not yet"),
    "web.shares.times": ("{count} 回（最終 {at}）", "{count}, last {at}"),
    "web.shares.revoke": ("取り消す", "Revoke"),
    "web.shares.revoked": ("取り消し済み", "revoked"),
    "web.shares.revoke_done": ("{address} への共有を取り消しました。", "The share is revoked for {address}."),
    "web.shares.end": ("共有を終了する", "End this share"),
    "web.shares.end_hint": (
        "すべての宛先が、次の操作から開けなくなります。",
        "All recipients lose access from their next click on.",
    ),
    "web.shares.end_done": ("共有を終了しました。", "The share has ended."),
    "web.shares.tray": ("返信トレイを開く", "Open the return tray"),
    "web.shares.tray_gone": (
        "返信トレイのフォルダは移動または削除されたため、閉じています。",
        "The return tray is closed: its folder was moved or deleted.",
    ),
    "web.shares.password": ("パスワードあり", "with a password"),
    "web.shares.limit": ("ダウンロード {limit} 回まで", "{limit} downloads"),
}
