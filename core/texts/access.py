"""About who may do what, from which device and line."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
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
}
