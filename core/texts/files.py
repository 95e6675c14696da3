"""About files, folders and locks."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "name.invalid": (
        "この名前では保存できません（{reason}）。名前を変えてもう一度お試しください。",
        "This name cannot be kept ({reason}). Choose another name and try again.",
    ),
    "name.taken": (
        "この名前のものがすでにあり、上書きしない指定でした。別の名前を付けるか、上書きを選んでください。",
        "This name is taken, and it was asked not to replace it. Choose another name, or choose to replace.",
    ),
    "upload.incomplete": (
        "送信が途中で終わりました（{received_bytes} バイト受信、予定 {expected_bytes}）。"
        "元のファイルはそのままです。もう一度送信してください。",
        "The upload ended early ({received_bytes} bytes arrived of {expected_bytes}). The old "
        "file is untouched; please send it again.",
    ),
    "upload.checksum": (
        "届いた内容が送信元と一致しません（{algorithm}）。元のファイルはそのままです。もう一度送信してください。",
        "What arrived differs from what was sent ({algorithm}). The old file is untouched; please send it again.",
    ),
    "upload.offset": (
        "送信の続きの位置が合いません（{offset_bytes} バイトまで受信済み）。続きから送り直してください。",
        "The upload stands elsewhere ({offset_bytes} bytes have arrived). Go on from there.",
    ),
    "upload.busy": (
        "このファイルは別の画面から送信中です。少し待ってから、もう一度お試しください。",
        "Another window is sending this file at the moment. Wait a little, then try again.",
    ),
    "upload.secret_folder": (
        "シークレットフォルダへは、途中から再開できる方法では送信できません。ネットワークドライブから保存してください。",
        "Uploads that can be resumed do not go into a Secret Folder. Save the file there through the network drive.",
    ),
    "parent.missing": (
        "保存先のフォルダがありません。先にフォルダを作成してください。",
        "The folder that should hold this does not exist. Create the folder first.",
    ),
    "locked": (
        "{owner_login} さんが編集中です。編集が終わるまでお待ちください。",
        "{owner_login} is editing this. Wait until they are done, or ask them to close it.",
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
        "要求が大きすぎます（{reason} バイトまで）。一度に指定する属性を減らしてください。",
        "The request is too large (at most {reason} bytes). Name fewer properties at a time.",
    ),
    "mkcol.body": (
        "フォルダ作成の要求に本文は付けられません。本文なしで送信してください。",
        "A request to create a folder carries no body. Send it without one, then upload the files.",
    ),
    "propfind.finite_depth": (
        "一度に一覧できる件数を超えています。フォルダごとに開いてください。",
        "There are too many entries to list at once. Open the folders one by one.",
    ),
}
