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
    "token.device_needed": (
        "このご契約でファイルを扱うトークンは、登録済みの端末で作成します。先に端末を登録してください。",
        "Under this contract a token for files is made on a registered device. Register this device first.",
    ),
    "web.act.token.add": ("APIトークンの作成", "API token made"),
    "web.act.token.revoke": ("APIトークンの取り消し", "API token revoked"),
    "web.api.title": ("HTTP API", "HTTP API"),
    "web.api.lead": (
        "プログラムから使うための操作の一覧です。画面と同じ規則が適用されます。各操作の最後はトークンに必要なスコープです。",
        "What programs may call, by the same rules as the pages. Each operation ends with the scope its token needs.",
    ),
    "web.tokens.title": ("APIトークン", "API tokens"),
    "web.tokens.lead": (
        "プログラムがあなたの代わりにHTTP APIを使うための鍵です。必要なスコープだけを選んでください。"
        "端末をロックするか、パスワードを変えると使えなくなります。",
        "A token lets a program use the HTTP API in your name. Choose only the scopes it needs. It ends when this "
        "device is locked or your password is changed.",
    ),
    "web.tokens.go": ("APIトークンへ", "To the API tokens"),
    "web.tokens.reference": ("操作の一覧", "What can be called"),
    "web.tokens.none": (
        "トークンはまだありません。下で作成できます。",
        "There are no tokens yet. Make one below.",
    ),
    "web.tokens.new": ("トークンを作成", "Make a token"),
    "web.tokens.name": ("名前（どのプログラムのものか）", "Name (which program it is for)"),
    "web.tokens.scopes": ("スコープ", "Scopes"),
    "web.tokens.days": ("有効日数（1〜{most}日）", "Days it is good for (1 to {most})"),
    "web.tokens.made": ("トークンを作成しました", "The token is made"),
    "web.tokens.once": (
        "トークンが表示されるのは今だけです。プログラムの設定に控えてください。",
        "The token is shown only now. Copy it into the program's settings.",
    ),
    "web.tokens.token": ("トークン", "Token"),
    "web.tokens.until": ("{at} まで有効", "good until {at}"),
    "web.tokens.used": ("最終使用 {at}", "last used {at}"),
    "web.tokens.unused": ("未使用", "not used yet"),
    "web.tokens.device": ("端末", "Device"),
    "web.tokens.revoked": ("無効", "revoked"),
    "web.tokens.expired": ("期限切れ", "expired"),
    "web.tokens.revoke": ("無効にする", "Revoke"),
    "web.tokens.revoke_of": ("{name} を無効にする", "Revoke {name}"),
    "web.tokens.revoked_done": ("トークンを無効にしました。", "The token is revoked."),
    "web.tokens.back": ("トークンの一覧へ", "To the tokens"),
    "web.tokens.scope.files:read": ("ファイルを読む", "Read files"),
    "web.tokens.scope.files:write": ("ファイルを保存・変更・削除する", "Store, change and delete files"),
    "web.tokens.scope.sharing:read": ("共有・公開・受け渡しを見る", "See shares, publications and transfers"),
    "web.tokens.scope.sharing:write": ("共有・公開・受け渡しを行う", "Share, publish and transfer"),
    "web.tokens.scope.groupware:read": (
        "予定・掲示板・コンテストを見る",
        "See the calendar, the board and contests",
    ),
    "web.tokens.scope.groupware:write": (
        "予定・掲示板・コンテストに書き込む",
        "Write to the calendar, the board and contests",
    ),
    "web.tokens.scope.contract:read": ("ご契約の情報を見る", "See the contract: users, devices, plan, log"),
    "web.tokens.scope.contract:write": ("ご契約を管理する", "Manage the contract"),
    "web.tokens.scope.service": ("サービスを運営する", "Operate the service"),
    "web.tokens.scope.support": ("依頼を受けて端末をロックする", "Lock devices on request"),
}
