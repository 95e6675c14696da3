"""What every part may have to say."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "error": (
        "処理できませんでした。もう一度お試しください。",
        "This could not be done. Please try again.",
    ),
    "input.invalid": (
        "要求を解釈できません（{reason}）。何も変更していません。ご利用のソフトを更新しても続く場合は、運営者にご連絡ください。",
        "The request cannot be understood ({reason}). Nothing was changed. Update the program you use; if it "
        "happens again, please tell the operator.",
    ),
    "not.found": (
        "見つかりません。名前や場所が変わっていないか、一覧を更新してご確認ください。",
        "There is nothing here by this name. Refresh the list: it may have been moved or deleted.",
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
        "ここではこの操作はできません（{reason}）。ファイル用かフォルダ用の操作かをご確認ください。",
        "This cannot be done here ({reason}). Check whether it is meant for a file or for a folder.",
    ),
    "precondition.failed": (
        "ほかの人が先に変更したようです。最新の内容を読み込んでからやり直してください。",
        "Someone changed this first. Load the latest version and try again.",
    ),
    "method.unknown": (
        "この操作には対応していません（{reason}）。ネットワークドライブ（WebDAV）かブラウザをお使いください。",
        "This method is not supported ({reason}). Use a network drive (WebDAV), or the pages in a browser.",
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
