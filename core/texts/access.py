"""About who may do what, from which device and line."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "access.no_copy_out": (
        "このフォルダの外へは移動もコピーもできません。ご契約の設定で禁止されています。必要な場合は管理者にご連絡ください。",
        "Nothing may be moved or copied out of this folder: the contract does not allow it. If you need to, "
        "please ask your administrator.",
    ),
    "access.no_move_out": (
        "このフォルダの外へは移動できません。コピーしてから、元のファイルを削除してください。",
        "Nothing can be moved out of this folder. Copy it, then delete the original.",
    ),
    "access.no_move_into_secret": (
        "シークレットフォルダへは移動できません。コピーしてから、元のファイルを削除してください。",
        "Nothing can be moved into a Secret Folder. Copy it, then delete the original.",
    ),
    "secret.wrong": (
        "シークレットフォルダの合言葉が違います。もう一度入力するか、作成時の回復コードで新しい合言葉を設定してください。",
        "The secret of this Secret Folder is wrong. Try again, or choose a new one with the recovery code "
        "printed when the folder was created.",
    ),
    "secret.wrong_recovery": (
        "回復コードが違います。作成時に印刷したコードをご確認ください。コードがなければ中身を取り出すことはできません。",
        "The recovery code is wrong. Check the one printed when the folder was created; without it nobody can "
        "open the folder.",
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
    "device.key_refused": (
        "端末認証キー、ログインID、パスワードのいずれかが正しくないか、キーは使用済みです。"
        "管理者に新しいキーの発行を依頼してください。",
        "The device key, login ID or password is not right, or the key was used already. Ask "
        "your administrator for a new key.",
    ),
    "device.required": (
        "この契約では、ネットワークドライブに端末登録時に表示されたパスワードが必要です。"
        "管理者に端末認証キーの発行を依頼し、この端末を登録してください。",
        "On this contract a network drive needs the password shown when its device was registered. Ask your "
        "administrator for a device key and register this device.",
    ),
    "device.other_client": (
        "この端末の登録時と異なるソフトウェアからの接続です。登録時のソフトウェアをお使いになるか、"
        "管理者に新しい端末認証キーの発行を依頼してください。",
        "This is not the program this device was registered with. Use that program, or ask your administrator for a "
        "new device key.",
    ),
    "device.certificate_missing": (
        "この端末のクライアント証明書が提示されていません。登録時に受け取った証明書をインストールしてください。",
        "This device did not show its client certificate. Install the certificate it got when it was registered.",
    ),
    "locked.out": (
        "間違いが続いたため、しばらく受け付けません。{retry_seconds} 秒後にもう一度お試しいただくか、"
        "管理者に解除を依頼してください。",
        "There were too many failed attempts. Try again in {retry_seconds} seconds, or ask your administrator to "
        "release the lock.",
    ),
    "line.network_missing": (
        "ご契約の回線からの接続ではありません。セキュリティフォルダには、登録された回線から接続してください。",
        "You are not on a line of your contract. Connect to the Security Folder from a registered line.",
    ),
    "line.edge_missing": (
        "回線事業者による回線の証明がありません。登録された回線から接続し、続く場合は管理者にご連絡ください。",
        "The carrier's proof of your line is missing. Connect from a registered line; if this goes on, please ask "
        "your administrator.",
    ),
    "line.tool_missing": (
        "回線認証ツールの確認がありません。パソコンで回線認証ツールを起動してからお試しください。",
        "The line tool has not proved your line. Start the line tool on this PC and try again.",
    ),
    "line.code_refused": (
        "回線認証ツールのコードが正しくないか、使用済みです。30 秒待って新しいコードでお試しください。",
        "The line tool's code is not right, or was used already. Wait 30 seconds and try the next code.",
    ),
    "line.phone": (
        "セキュリティフォルダはスマートフォンやタブレットからは使えません。ご契約の回線のパソコンをお使いください。",
        "The Security Folder is closed to phones and tablets. Use a PC on your contract's line.",
    ),
    "totp.required": (
        "確認コードが必要です。認証アプリに表示された 6 桁の数字を入力してください。",
        "A confirmation code is needed. Enter the six digits your authenticator app shows.",
    ),
    "totp.refused": (
        "確認コードが正しくないか、使用済みです。次のコードが表示されるまで待って入力してください。",
        "The confirmation code is not right, or was used already. Wait for the next one and enter it.",
    ),
    "session.ended": (
        "ログインの有効期限が切れました。もう一度ログインしてください。",
        "You are no longer signed in. Please sign in again.",
    ),
    "contract.ended": (
        "ご契約は終了しました。データは期限まで管理者だけが閲覧できます。",
        "The contract has ended. Until the deadline its administrator may still read the data.",
    ),
}
