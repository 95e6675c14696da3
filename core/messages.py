"""The words people read, Japanese and English, by message id.

A text may mention the facts of its error in braces. Every error's text says what happened and what to do.
"""

from __future__ import annotations

from core.errors import GatewayError

_TEXTS: dict[str, tuple[str, str]] = {
    "error": (
        "処理できませんでした。もう一度お試しください。",
        "This could not be done. Please try again.",
    ),
    "input.invalid": (
        "要求を解釈できません（{reason}）。何も変更していません。",
        "The request cannot be understood ({reason}). Nothing was changed.",
    ),
    "name.invalid": (
        "この名前では保存できません（{reason}）。名前を変えてもう一度お試しください。",
        "This name cannot be kept ({reason}). Choose another name and try again.",
    ),
    "upload.incomplete": (
        "送信が途中で終わりました（{received_bytes} バイト受信、予定 {expected_bytes}）。"
        "元のファイルはそのままです。もう一度送信してください。",
        "The upload ended early ({received_bytes} bytes arrived of {expected_bytes}). "
        "The old file is untouched; please send it again.",
    ),
    "upload.checksum": (
        "届いた内容が送信元と一致しません（{algorithm}）。元のファイルはそのままです。もう一度送信してください。",
        "What arrived differs from what was sent ({algorithm}). The old file is untouched; please send it again.",
    ),
    "not.found": (
        "見つかりません。名前や場所が変わっていないか、一覧を更新してご確認ください。",
        "There is nothing here by this name. Refresh the list: it may have been moved or deleted.",
    ),
    "parent.missing": (
        "保存先のフォルダがありません。先にフォルダを作成してください。",
        "The folder that should hold this does not exist. Create the folder first.",
    ),
    "conflict": (
        "現在の状態では行えません（{reason}）。一覧を更新してご確認ください。",
        "This is not possible at present ({reason}). Refresh the list and look again.",
    ),
    "already.exists": (
        "同じ名前のものがあります。別の名前を付けてください。",
        "This name is taken. Choose another one.",
    ),
    "not.allowed.here": (
        "ここではこの操作はできません（{reason}）。",
        "This cannot be done here ({reason}).",
    ),
    "precondition.failed": (
        "ほかの人が先に変更したようです。最新の内容を読み込んでからやり直してください。",
        "Someone changed this first. Load the latest version and try again.",
    ),
    "locked": (
        "{owner_login} さんが編集中です。編集が終わるまでお待ちください。",
        "{owner_login} is editing this. Wait until they are done, or ask them to close it.",
    ),
    "quota.exceeded": (
        "容量が足りません。{needed_bytes} バイト必要ですが、空きは {free_bytes} バイトです。"
        "不要なファイルを削除するか、管理者にプランの変更を依頼してください。元のファイルはそのままです。",
        "There is not enough room: {needed_bytes} bytes are needed, {free_bytes} are free. Delete files you no "
        "longer need, or ask your administrator for a larger plan. The old file is untouched.",
    ),
    "not.authenticated": (
        "ユーザー名かパスワードが違います。ネットワークドライブには端末登録時に表示されたパスワードを使います。",
        "The user name or password is wrong. A network drive uses the password shown when the device was registered.",
    ),
    "access.denied": (
        "この操作は許可されていません。必要な場合は管理者にご連絡ください。",
        "You may not do this. If you need to, please ask your administrator.",
    ),
    "access.plain_http": (
        "暗号化されていない接続ではパスワードを受け付けません。https:// で始まるアドレスをお使いください。",
        "Passwords are not accepted over an unencrypted connection. Use the address that begins with https://.",
    ),
    "access.read_only": (
        "このフォルダは読み取り専用です。書き込みが必要な場合は管理者にご連絡ください。",
        "You may read this folder but not change it. If you need to, please ask your administrator.",
    ),
    "access.fixed_folder": (
        "このフォルダ自体は変更できません。中のファイルやフォルダを操作してください。",
        "This folder itself cannot be changed. Work with the files and folders inside it.",
    ),
    "access.same_place": (
        "移動先・コピー先が元と同じです。別の場所か名前を指定してください。",
        "Source and destination are the same. Choose another place or name.",
    ),
    "access.foreign_lock": (
        "ほかの人のロックは解除できません。ご本人か管理者にご連絡ください。",
        "This lock belongs to someone else. Ask them, or your administrator, to release it.",
    ),
    "lock.unknown_token": (
        "このファイルにそのロックはありません。一覧を更新してご確認ください。",
        "There is no such lock on this file. Refresh and look again.",
    ),
    "destination.elsewhere": (
        "別のサーバー（{reason}）へは移動・コピーできません。一度ダウンロードしてからアップロードしてください。",
        "Files cannot be moved or copied to another server ({reason}). Download them and upload them there.",
    ),
    "xml.too_large": (
        "要求が大きすぎます（{reason} バイトまで）。",
        "The request is too large (at most {reason} bytes).",
    ),
    "mkcol.body": (
        "フォルダ作成の要求に本文は付けられません。",
        "A request to create a folder carries no body.",
    ),
    "propfind.finite_depth": (
        "一度に一覧できる件数を超えています。フォルダごとに開いてください。",
        "There are too many entries to list at once. Open the folders one by one.",
    ),
    "device.key_refused": (
        "端末認証キー、ログインID、パスワードのいずれかが正しくないか、キーは使用済みです。"
        "管理者に新しいキーの発行を依頼してください。",
        "The device key, login ID or password is not right, or the key was used already. "
        "Ask your administrator for a new key.",
    ),
    "method.unknown": (
        "この操作には対応していません（{reason}）。",
        "This method is not supported ({reason}).",
    ),
    "length.required": (
        "長さの分からない送信は、このサーバーでは受け付けられません。Content-Length を付けて送信してください。",
        "This server needs to know the length of an upload beforehand. Send it with Content-Length.",
    ),
    "unavailable": (
        "ただいま利用できません（{reason}）。何も変更していません。しばらくしてからもう一度お試しください。",
        "This is not available at the moment ({reason}). Nothing was changed. Try again in a little while.",
    ),
    "store.unavailable": (
        "保管先が応答しません。ファイルは失われていません。しばらくしてからもう一度お試しください。",
        "The object store does not answer. No file is lost. Try again in a little while.",
    ),
    "database.unavailable": (
        "データベースが応答しません。ファイルは失われていません。しばらくしてからもう一度お試しください。",
        "The database does not answer. No file is lost. Try again in a little while.",
    ),
    "storage.full": (
        "サーバーのディスクに空きがありません。元のファイルはそのままです。運営者にご連絡ください。",
        "The server's disk is full. The old file is untouched. Please tell the operator.",
    ),
    "internal": (
        "思いがけない不具合が起きました。何も変更していません。続くようでしたら運営者にご連絡ください。",
        "Something unexpected went wrong. Nothing was changed. If it happens again, please tell the operator.",
    ),
}

LANGUAGES = ("ja", "en")


def preferred_language(accept_language: str | None) -> str:
    """Return "ja" or "en": the first of them an Accept-Language header names, English without one."""
    for item in (accept_language or "").lower().split(","):
        tag = item.split(";")[0].strip()
        if tag[:2] in LANGUAGES:
            return tag[:2]
    return "en"


def text(message_id: str, language: str, **facts: object) -> str:
    """Return the text of a message id in one language, with the facts filled in."""
    japanese, english = _TEXTS[message_id]
    return (japanese if language == "ja" else english).format_map(facts)


def explain(error: GatewayError, language: str) -> str:
    """Return what an error says to a person."""
    return text(error.message_id, language, **error.facts())
