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
}
