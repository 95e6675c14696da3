"""About contests (R27): photos up for a vote."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "contest.may_not_host": (
        "コンテストを開催できるのは、有料プランまたは PRO のご契約の管理者だけです。投票はどのプランでもできます。",
        "Only administrators of contracts on a paid or PRO plan hold contests. Voting is open on every plan.",
    ),
    "contest.title": (
        "題名は 1～{most} 文字の 1 行で入力してください。",
        "Give the contest a title of 1 to {most} characters, on one line.",
    ),
    "contest.text": ("説明は {most} 文字以内にしてください。", "Keep the description within {most} characters."),
    "contest.photo_count": (
        "写真は {least}～{most} 枚選んでください。",
        "Choose {least} to {most} photos.",
    ),
    "contest.period": (
        "終了日時は、開始日時と現在より後にしてください。",
        "The end has to be later than the beginning, and than now.",
    ),
    "contest.too_long": (
        "期間は {days} 日以内にし、開始も {days} 日以内にしてください。",
        "A contest lasts at most {days} days, and begins within {days} days.",
    ),
    "contest.too_many": (
        "ご契約のコンテストは {most} 件までです。終わったものを取り下げると、新しく開催できます。",
        "A contract keeps at most {most} contests. Withdraw one that is over to hold another.",
    ),
    "contest.not_open": (
        "このコンテストは、いま投票を受け付けていません。期間をご確認ください。",
        "This contest takes no votes at present. Look at when it runs.",
    ),
    "contest.not_over": (
        "結果を公開できるのは、投票が終わってからです。終了日時をお待ちください。",
        "A result can be published once voting is over. Wait for the end.",
    ),
    "contest.photos": (
        "参加できない写真があります：{photos}。選び直してください。コンテストはまだ作成していません。",
        "Some photos cannot take part: {photos}. Choose others. The contest was not created.",
    ),
    "contest.photo.kind": (
        "写真として読めません。JPEG・PNG・WebP・GIF・TIFF の写真を選んでください。",
        "This is no photo that can be read. Choose a JPEG, PNG, WebP, GIF or TIFF.",
    ),
    "contest.photo.broken": (
        "ファイルが壊れているか、途中で切れています。もう一度保存し直してください。",
        "The file is damaged or ends early. Store it again.",
    ),
    "contest.photo.dimensions": (
        "縦横の画素数が多すぎます（6,400 万画素まで）。小さくしてください。",
        "It has too many pixels (at most 64 million). Make it smaller.",
    ),
    "contest.photo.size": (
        "ファイルが大きすぎます（64 MB まで）。小さくしてください。",
        "The file is too large (at most 64 MB). Make it smaller.",
    ),
    "contest.photo.animated": (
        "動く画像や複数ページの画像は参加できません。1 枚の静止画を選んでください。",
        "It moves, or has several pages. Choose a single still photo.",
    ),
    "contest.mail.subject": (
        "【預かり】コンテスト「{title}」の投票が終わりました",
        "[Azukari] Voting in “{title}” is over",
    ),
    "contest.mail.body": (
        "コンテスト「{title}」の投票が終わりました。投票は全部で {total} 件です。\n\n{places}\n\n"
        "結果を公開するかどうかは、ログインして「コンテスト」のページで選べます。\n",
        "Voting in the contest “{title}” is over. There were {total} votes.\n\n{places}\n\n"
        "Sign in and open Contests to publish the result, or to keep it to yourself.\n",
    ),
    "web.nav.contests": ("コンテスト", "Contests"),
    "web.contests.title": ("フォトコンテスト", "Photo contests"),
    "web.contests.lead": (
        "お気に入りの 1 枚に投票できます。終了までは、何度でも選び直せます。",
        "Vote for the photo you like best. Until the end you may change your mind as often as you like.",
    ),
    "web.contests.none": ("コンテストはまだありません。", "There are no contests yet."),
    "web.contests.none_host": (
        "預けた写真を選んで、最初のコンテストを開いてみましょう。",
        "Choose some of your stored photos and hold the first one.",
    ),
    "web.contests.none_guest": (
        "開催されると、ここに表示されます。",
        "As soon as one is held, you find it here.",
    ),
    "web.contests.new": ("コンテストを開く", "Hold a contest"),
    "web.contests.free_plan": (
        "無料プランでは投票に参加できます。開催するには、有料プランまたは PRO に変更してください。",
        "On the free plan you can vote. To hold contests, change to a paid or PRO plan.",
    ),
    "web.contests.by": ("主催 {contract}", "held by {contract}"),
    "web.contests.photo_count": ("写真 {count} 枚", "{count} {count:photo|photos}"),
    "web.contests.stage.coming": ("開始前", "coming"),
    "web.contests.stage.running": ("投票受付中", "voting"),
    "web.contests.stage.over": ("終了", "over"),
    "web.contests.stage.withdrawn": ("取り下げ", "withdrawn"),
    "web.contests.voted": ("投票済み", "you voted"),
    "web.contests.from_until": ("{starts} から {ends} まで", "{starts} until {ends}"),
    "web.contests.begins": (
        "投票は {at} に始まります。",
        "Voting begins at {at}.",
    ),
    "web.contests.for.contract": ("このご契約の利用者", "logins of this contract"),
    "web.contests.for.everyone": ("すべての利用者", "every login of the service"),
    "web.contests.open_to": ("投票できる人", "Who votes"),
    "web.contests.period": ("投票期間", "When"),
    "web.contests.gallery": ("写真", "Photos"),
    "web.contests.photo_alt": ("{number} 番の写真：{caption}", "Photo {number}: {caption}"),
    "web.contests.vote": ("投票する", "Vote"),
    "web.contests.mine": ("投票中", "Your vote"),
    "web.contests.votes": ("{count} 票", "{count} {count:vote|votes}"),
    "web.contests.thanks": (
        "「{caption}」に投票しました。終了までは選び直せます。",
        "You voted for “{caption}”. You may change it until the end.",
    ),
    "web.contests.hidden": (
        "途中経過は、終了まで誰にも表示されません。",
        "The tally is hidden from everybody until the end.",
    ),
    "web.contests.unpublished": (
        "投票は終わりました。主催者が結果を公開すると、ここに表示されます。",
        "Voting is over. You find the result here once its host publishes it.",
    ),
    "web.contests.withdrawn_words": (
        "このコンテストは取り下げられました。写真と投票は削除されています。",
        "This contest was withdrawn. Its photos and votes are deleted.",
    ),
    "web.contests.tally": ("途中経過", "Votes so far"),
    "web.contests.result": ("結果", "Result"),
    "web.contests.chart": (
        "写真ごとの票数の棒グラフ。下の表と同じ内容です。",
        "Bar chart of the votes; the table below says the same.",
    ),
    "web.contests.place": ("順位", "Place"),
    "web.contests.photo": ("写真", "Photo"),
    "web.contests.count": ("票数", "Votes"),
    "web.contests.total": ("合計 {count} 票", "{count} {count:vote|votes} in all"),
    "web.contests.publish": ("結果を公開する", "Publish the result"),
    "web.contests.unpublish": ("公開をやめる", "Publish no longer"),
    "web.contests.published": (
        "結果を公開しました。投票できる人すべてに表示されます。",
        "The result is published: everybody who could vote sees it.",
    ),
    "web.contests.not_published": ("結果の公開をやめました。", "The result is published no longer."),
    "web.contests.only_you": (
        "結果はまだ管理者だけに表示されています。",
        "For now only the administrator sees this result.",
    ),
    "web.contests.withdraw": ("取り下げる", "Withdraw"),
    "web.contests.withdraw_lead": (
        "コンテストの写真と投票はすべて削除され、元に戻せません。フォルダの写真はそのままです。",
        "The contest's photos and votes are deleted for good. The photos in your folders stay.",
    ),
    "web.contests.withdraw_confirm": ("取り下げて削除する", "Withdraw and delete"),
    "web.contests.withdrawn": ("コンテストを取り下げました。", "The contest was withdrawn."),
    "web.contests.new_lead": (
        "選んだ写真から小さな画像を作ります。撮影場所などの情報は取り除かれ、あとでフォルダの写真を消してもコンテストは続きます。"
        "容量には数えません。",
        "Small pictures are made of the photos you choose, without place or camera. You may delete the photos from "
        "their folder afterwards; the contest goes on. It does not count against your capacity.",
    ),
    "web.contests.choose": ("写真を選ぶ", "Choose photos"),
    "web.contests.choose_none": (
        "この場所に写真はありません。下から別の場所を選んでください。",
        "There are no photos in this place. Open another one below.",
    ),
    "web.contests.choose_cut": (
        "先頭の {most} 枚を表示しています。",
        "The first {most} are shown.",
    ),
    "web.picking.elsewhere": ("別の場所を開く", "Open another place"),
    "web.picking.add": ("選んだものを加える", "Add what is chosen"),
    "web.contests.form_title": ("題名", "Title"),
    "web.contests.form_text": ("説明（任意）", "Description (optional)"),
    "web.contests.starts": ("開始（任意）", "Begins (optional)"),
    "web.contests.starts_hint": (
        "空欄ならすぐに始まります。日時はすべて日本時間です。",
        "Left empty, it begins at once. All times are Tokyo's.",
    ),
    "web.contests.ends": ("終了", "Ends"),
    "web.contests.audience": ("投票できる人", "Who may vote"),
    "web.contests.tally_choice": ("途中経過", "Votes so far"),
    "web.contests.tally.live": ("投票中も表示する", "shown while voting"),
    "web.contests.tally.hidden": ("終了まで隠す", "hidden until the end"),
    "web.contests.create": ("コンテストを開く", "Hold the contest"),
    "web.contests.created": ("コンテスト「{title}」を開きました。", "The contest “{title}” is set up."),
    "web.contests.no_time": (
        "日時を読み取れません。年月日と時刻を選び直してください。",
        "The date and time cannot be read. Choose day and time again.",
    ),
    "web.contests.refused_photos": ("参加できない写真", "Photos that cannot take part"),
}
