"""What every page says: its frame, signing in, this browser as a device."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "web.brand": ("預かり Azukari", "Azukari"),
    "web.skip": ("本文へ移動", "Skip to content"),
    "web.menu": ("メニュー", "Menu"),
    "web.nav.files": ("ファイル", "Files"),
    "web.nav.help": ("ヘルプ", "Help"),
    "web.nav.logout": ("ログアウト", "Sign out"),
    "web.nav.other_language": ("English", "日本語"),
    "web.cancel": ("やめる", "Cancel"),
    "web.error.title": ("ご案内", "Please note"),
    "web.error.home": ("最初のページへ", "Go to the first page"),
    "web.form_stale": (
        "このページは開いてから時間が経っています。前のページを読み込み直して、もう一度お試しください。"
        "何も変更していません。",
        "This page was open for too long. Load the page before it again and repeat. Nothing was changed.",
    ),
    "web.gauge.label": ("使用量", "Used"),
    "web.gauge.of": ("{used} / {capacity}", "{used} of {capacity}"),
    "web.gauge.free": ("空き {free}", "{free} free"),
    "web.gauge.over": (
        "容量を {over} 超えています。新しいファイルは保存できません。不要なファイルを削除するか、"
        "管理者にプランの変更を依頼してください。",
        "You are {over} over your capacity. New files cannot be stored. Delete files you no longer need, or ask your "
        "administrator for a larger plan.",
    ),
    "web.login.title": ("ログイン", "Sign in"),
    "web.login.lead": (
        "ファイルの保管と、ご契約の管理はこちらから。",
        "Your files and your contract, in one place.",
    ),
    "web.login.id": ("ログインID", "Login ID"),
    "web.login.password": ("パスワード", "Password"),
    "web.login.code": ("確認コード（6 桁）", "Confirmation code (6 digits)"),
    "web.login.code_hint": (
        "認証アプリの数字か、控えておいた回復コードを入力します。登録していない場合は空欄のままにしてください。",
        "The digits of your authenticator app, or one of your recovery codes. Leave it empty if you have neither.",
    ),
    "web.login.submit": ("ログイン", "Sign in"),
    "web.login.wrong": (
        "ログインIDかパスワードが違います。大文字と小文字の違いもご確認ください。",
        "The login ID or the password is wrong. Check capitals and small letters too.",
    ),
    "web.login.device_closed": (
        "この端末は利用を止められています。ご契約の管理者にご連絡ください。",
        "This device is locked. Ask the administrator of your contract.",
    ),
    "web.login.help": (
        "パスワードを忘れた場合は、ご契約の管理者にお問い合わせください。",
        "If you have forgotten your password, ask the administrator of your contract.",
    ),
    "web.login.point.safe": (
        "登録した端末だけがファイルを開けます",
        "Only registered devices open your files",
    ),
    "web.login.point.lock": (
        "紛失した端末は、その場で利用を止められます",
        "A lost device is locked at once",
    ),
    "web.login.point.drive": (
        "エクスプローラーや Finder からそのまま使えます",
        "Works from Explorer and Finder as a network drive",
    ),
    "web.device.title": ("この端末の登録", "Register this device"),
    "web.device.lead": (
        "ファイルを開けるのは登録した端末だけです。管理者から受け取った端末認証キーを、この端末で一度だけ入力してください。",
        "Only registered devices open files. Enter the device key from your administrator, once, on this device.",
    ),
    "web.device.key": ("端末認証キー", "Device key"),
    "web.device.key_hint": (
        "大文字と小文字、ハイフンの有無は問いません。",
        "Capitals and hyphens do not matter.",
    ),
    "web.device.name": ("端末の名前", "Name of this device"),
    "web.device.name_hint": (
        "管理者が見分けられる名前を付けてください（例: 営業部 花子のノートPC）。",
        "A name by which your administrator knows it, such as “Hanako's laptop, sales”.",
    ),
    "web.device.drive": (
        "この端末にネットワークドライブも接続する",
        "Connect the network drive on this device too",
    ),
    "web.device.submit": ("登録する", "Register"),
    "web.device.no_key": (
        "キーをお持ちでない場合は、ご契約の管理者に発行を依頼してください。",
        "If you have no key, ask the administrator of your contract for one.",
    ),
    "web.device.admin": (
        "管理者の方は、「契約の管理」でご自身の端末認証キーを発行できます。",
        "As an administrator you can issue a key to yourself under “Contract”.",
    ),
    "web.device.done": ("「{name}」を登録しました", "“{name}” is registered"),
    "web.device.done_lead": (
        "このブラウザからファイルを開けるようになりました。",
        "This browser can open your files now.",
    ),
    "web.device.go": ("ファイルを開く", "Open files"),
    "web.drive.title": ("ネットワークドライブの接続", "Connect the network drive"),
    "web.drive.once": (
        "このパスワードが表示されるのは今回だけです。接続が済むまで、このページを閉じないでください。",
        "This password is shown only now. Keep this page open until the drive is connected.",
    ),
    "web.drive.address": ("アドレス", "Address"),
    "web.drive.user": ("ユーザー名", "User name"),
    "web.drive.password": ("パスワード", "Password"),
    "web.drive.steps": ("接続の手順", "Steps"),
    "web.drive.other": ("ほかの端末の手順", "Steps for other devices"),
    "web.account.title": ("ログインの設定", "Your login"),
    "web.account.password": ("パスワードの変更", "Change your password"),
    "web.account.current": ("現在のパスワード", "Present password"),
    "web.account.new": ("新しいパスワード", "New password"),
    "web.account.length": (
        "{least} 文字以上にしてください。短い文のような、長くて覚えやすいものが安全です。",
        "Take at least {least} characters: something long you can remember, such as a short sentence.",
    ),
    "web.account.change": ("変更する", "Change"),
    "web.account.changed": (
        "パスワードを変更しました。ほかの場所でのログインは終了しました。",
        "Your password is changed. You are signed out everywhere else.",
    ),
    "web.account.wrong": (
        "現在のパスワードが違います。何も変更していません。もう一度入力してください。",
        "The present password is wrong. Nothing was changed; enter it again.",
    ),
    "web.account.app": ("認証アプリ（二段階の確認）", "Authenticator app (second step)"),
    "web.account.app_on": (
        "登録済みです。ログインのたびに、パスワードに加えて確認コードを入力します。",
        "It is enrolled: signing in takes its code beside your password.",
    ),
    "web.account.app_off": (
        "登録すると、パスワードが漏れてもログインされません。管理者の方には登録をお勧めします。",
        "With it a stolen password alone lets nobody in. We recommend it to administrators.",
    ),
    "web.account.app_add": ("認証アプリを登録する", "Enrol an authenticator app"),
    "web.account.app_remove": ("認証アプリを外す", "Remove the authenticator app"),
    "web.account.removed": ("認証アプリを外しました。", "The authenticator app is removed."),
    "web.account.scan": (
        "認証アプリで次の QR コードを読み取り、表示された 6 桁の数字を入力してください。",
        "Scan this QR code with your authenticator app, and enter the six digits it shows.",
    ),
    "web.account.qr": ("認証アプリに登録するための QR コード", "QR code for the authenticator app"),
    "web.account.by_hand": ("読み取れない場合は、次の文字を入力します。", "If you cannot scan it, enter:"),
    "web.account.confirm": ("確認する", "Confirm"),
    "web.account.recovery": ("回復コード", "Recovery codes"),
    "web.account.recovery_lead": (
        "スマートフォンを失くしたときに、確認コードの代わりに一度ずつ使えます。表示されるのは今回だけです。"
        "印刷するか控えて、安全な場所に保管してください。",
        "Each works once in place of a code, should you lose your phone. They are shown only now: print them or write "
        "them down, and keep them safe.",
    ),
    "web.secret.lead": (
        "合言葉を入力している間だけ見える、暗号化されたフォルダです。ブラウザでもネットワークドライブでも使えます。",
        "An encrypted folder that is there only while its own secret was given, in the browser and on your network "
        "drive.",
    ),
    "web.secret.go": ("シークレットフォルダへ", "Secret Folder"),
    "web.secret.secret": ("シークレットフォルダの合言葉", "Secret of the folder"),
    "web.secret.again": ("確認のため、もう一度", "Once more"),
    "web.secret.hint": (
        "ログインのパスワードとは別の、{least} 文字以上のものにしてください。忘れると、次に表示される回復コードでしか"
        "開けません。",
        "At least {least} characters, and not your login password. If you forget it, only the recovery code shown next "
        "opens the folder.",
    ),
    "web.secret.least": ("{least} 文字以上にしてください。", "At least {least} characters."),
    "web.secret.differs": ("二つの入力が一致しません", "the two entries differ"),
    "web.secret.create": ("作成する", "Create"),
    "web.secret.unlock": ("開く", "Unlock"),
    "web.secret.lock": ("閉じる", "Lock"),
    "web.secret.files": ("ファイルを見る", "See its files"),
    "web.secret.is_open": (
        "この端末で開いています。しばらく使わないとき、ログアウトしたときには閉じます。",
        "It is open on this device. It closes when it is not used for a while, and when you sign out.",
    ),
    "web.secret.opened": ("シークレットフォルダを開きました。", "The Secret Folder is open."),
    "web.secret.closed": ("シークレットフォルダを閉じました。", "The Secret Folder is locked."),
    "web.secret.recovery": (
        "合言葉を忘れたときは、この回復コードで新しい合言葉を決められます。表示されるのは今回だけです。",
        "Should you forget the secret, this recovery code lets you choose another. It is shown only now.",
    ),
    "web.secret.forgotten": ("合言葉を忘れたとき", "Forgotten the secret?"),
    "web.secret.change": ("合言葉を変更する", "Choose another secret"),
    "web.secret.code_lead": (
        "作成したときに控えた回復コードで、新しい合言葉を決められます。回復コードはこの後も使えます。",
        "With the recovery code you kept when the folder was created, you choose a new secret. The code stays good.",
    ),
    "web.secret.change_lead": (
        "変更すると、どの端末でもいったん閉じます。ファイルと回復コードはそのままです。",
        "The folder is then locked on every device. Its files and its recovery code stay.",
    ),
    "web.secret.code": ("回復コード", "Recovery code"),
    "web.secret.present": ("現在の合言葉", "Present secret"),
    "web.secret.new": ("新しい合言葉", "New secret"),
    "web.secret.change_go": ("変更する", "Change"),
    "web.secret.changed": (
        "合言葉を変更しました。新しい合言葉で開いてください。",
        "The secret is changed. Unlock the folder with the new one.",
    ),
}
