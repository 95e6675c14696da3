"""What the tool on a customer's PC says (`azukari agent`)."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "agent.not_registered": (
        "このパソコンはまだ登録されていません。管理者から端末認証キーを受け取り、"
        "azukari agent register を実行してください。",
        "This PC is not registered yet. Get a device key from your administrator and run azukari agent register.",
    ),
    "agent.registered_already": (
        "このパソコンは「{device_name}」として登録済みです。登録し直すには、"
        "先に azukari agent forget を実行してください。",
        "This PC is registered already, as {device_name}. To register it anew, run azukari agent forget first.",
    ),
    "agent.settings_broken": (
        "設定ファイル {file} を読み取れません（{reason}）。azukari agent forget を実行し、"
        "新しい端末認証キーで登録し直してください。",
        "The settings file {file} cannot be read ({reason}). Run azukari agent forget, then register with a new "
        "device key.",
    ),
    "agent.secrets_gone": (
        "このパソコンの秘密鍵が見つかりません。azukari agent forget を実行し、"
        "新しい端末認証キーで登録し直してください。",
        "This PC's private key is gone. Run azukari agent forget, then register with a new device key.",
    ),
    "agent.secrets_closed": (
        "システムのキーリングを開けません（{reason}）。キーリングのロックを解除してからもう一度お試しください。",
        "The system's keyring cannot be opened ({reason}). Unlock it and try again.",
    ),
    "agent.cannot_write": (
        "{file} に書き込めません（{reason}）。空き容量と書き込み権限をご確認ください。",
        "Nothing can be written to {file} ({reason}). Check free space and permissions.",
    ),
    "agent.bad_url": (
        "{url} はアドレスとして読み取れません。https://host のように入力してください。",
        "{url} is not an address. Enter it like https://host.",
    ),
    "agent.plain_http": (
        "{url} は暗号化されていません。https:// で始まるアドレスを入力してください。",
        "{url} is not encrypted. Enter the address that begins with https://.",
    ),
    "agent.unreachable": (
        "{url} に接続できません（{reason}）。ネットワークとアドレスをご確認のうえ、もう一度お試しください。",
        "{url} cannot be reached ({reason}). Check the network and the address, then try again.",
    ),
    "agent.refused": (
        "ゲートウェイに拒否されました（{status}）。{message}",
        "The gateway refused this ({status}). {message}",
    ),
    "agent.refused_without_words": (
        "理由の説明はありませんでした。続く場合は管理者にご連絡ください。",
        "It gave no reason. If this goes on, please ask your administrator.",
    ),
    "agent.refused_device": (
        "この端末は受け付けられません。端末がロックまたは取り消されたか、ログインが停止されています。管理者にご連絡ください。",
        "This device is not let in: it was locked or revoked, or its login is disabled. Please ask your administrator.",
    ),
    "agent.not_a_gateway": (
        "{url} は Azukari のゲートウェイではないようです。管理者から案内されたアドレスをご確認ください。",
        "{url} does not answer like an Azukari gateway. Check the address your administrator gave you.",
    ),
    "agent.port_taken": (
        "ポート {port} は使用中です。すでに起動していないか確認するか、--port で別のポートを指定してください。",
        "Port {port} is in use. See whether the tool runs already, or choose another one with --port.",
    ),
    "agent.not_serving": (
        "127.0.0.1:{port} で azukari agent serve が動いていません。先に起動してください。",
        "azukari agent serve does not run on 127.0.0.1:{port}. Start it first.",
    ),
    "agent.local_password": (
        "ユーザー名かパスワードが違います。azukari agent mount に表示されたものを使ってください。",
        "The user name or password is wrong. Use those that azukari agent mount shows.",
    ),
    "agent.only_dav": (
        "ここではネットワークドライブだけを提供します。/dav/ で始まるアドレスをお使いください。",
        "Only the network drive is served here. Use addresses that begin with /dav/.",
    ),
    "agent.bad_line": (
        "回線の秘密が正しくありません。管理者から受け取った文字列をそのまま入力してください。",
        "This is not the secret of a line. Enter what your administrator gave you, as it stands.",
    ),
    "agent.not_a_folder": (
        "{path} はフォルダではありません。バックアップするフォルダを指定してください。",
        "{path} is not a folder. Name the folder to back up.",
    ),
    "agent.bad_target": (
        "保存先 {path} は使えません。my/バックアップ のように、security、my、group のいずれかで始めてください。",
        "{path} cannot be a target. Begin it with security, my or group, such as my/backup.",
    ),
    "agent.target_closed": (
        "保存先 {path} を開けません。{message}",
        "The target {path} cannot be opened. {message}",
    ),
    "agent.no_mount_command": (
        "このパソコンにはドライブを接続するプログラム（gio または davfs2）がありません。"
        "どちらかをインストールするか、WebDAV に対応したソフトウェアで {url} を開いてください。",
        "This PC has no program that mounts drives (gio or davfs2). Install one of them, or open {url} with any "
        "WebDAV software.",
    ),
    "agent.mount_failed": (
        "接続コマンドが終了コード {status} で失敗しました。表示された理由を確認し、もう一度お試しください。",
        "The mount command failed with exit status {status}. See the reason it printed, then try again.",
    ),
    "agent.file_changed": (
        "読み取り中に変更されました。次回の実行で保存されます。",
        "It changed while it was being read. The next run will take it.",
    ),
    "agent.file_unreadable": (
        "読み取れません（{reason}）。開いているソフトウェアを閉じるか、権限をご確認ください。",
        "It cannot be read ({reason}). Close the program that has it open, or check permissions.",
    ),
    "agent.name_unreadable": (
        "名前を読み取れません。名前を変更してからもう一度お試しください。",
        "Its name cannot be read. Rename it and try again.",
    ),
    "agent.says.registered": (
        "登録しました。次に azukari agent serve を実行し、azukari agent mount で接続方法を確認してください。",
        "Registered. Now run azukari agent serve; azukari agent mount shows how to connect.",
    ),
    "agent.says.secrets_in_file": (
        "このシステムにはキーリングがないため、秘密鍵は {file} に保存しました（本人だけが読み取れます）。",
        "This system has no keyring, so the private key is in {file}, which you alone can read.",
    ),
    "agent.says.serving": (
        "{url} でネットワークドライブを提供しています。終了するには Ctrl+C を押してください。",
        "The network drive is at {url}. Press Ctrl+C to stop.",
    ),
    "agent.says.line_proved": ("回線 {line} を証明しました。", "Line {line} is proved."),
    "agent.says.line_kept": (
        "回線 {line} の秘密を保存しました。azukari agent serve が動いている間、回線を証明します。",
        "The secret of line {line} is kept. While azukari agent serve runs, it proves the line.",
    ),
    "agent.says.forgotten": (
        "このパソコンの登録情報と秘密鍵を削除しました。端末の取り消しは管理者に依頼してください。",
        "This PC's registration and private key are removed. Ask your administrator to revoke the device.",
    ),
    "agent.says.nothing_to_forget": ("登録情報はありません。", "There was nothing to forget."),
    "agent.says.ask_password": ("ログインパスワード", "Login password"),
    "agent.says.mount": (
        "ユーザー名 {user}、パスワード {password} で接続します。",
        "Connect as user {user} with password {password}.",
    ),
    "agent.says.windows_basic": (
        "Windows が接続を断る場合は、管理者のコマンド プロンプトで一度だけ次を実行してください"
        "（このパソコンの中だけで使うアドレスのためです）。",
        "If Windows refuses to connect, run this once in an administrator's command prompt "
        "(the address is used inside this PC only).",
    ),
    "agent.says.scanning": ("確認しています", "Looking"),
    "agent.says.uploading": ("保存しています", "Backing up"),
    "agent.says.backup_done": (
        "{uploaded_files} 個のファイル（{uploaded}）を {target} に保存しました。変更なし {unchanged_files} 個、"
        "対象外 {skipped} 個、失敗 {failed} 個。",
        "{uploaded_files} files ({uploaded}) were put into {target}. Unchanged: {unchanged_files}; "
        "left out (links and special files): {skipped}; failed: {failed}.",
    ),
    "agent.says.backup_again": (
        "保存できなかったファイルがあります。もう一度実行すると続きから保存します。",
        "Some files could not be stored. Run it again to go on from there.",
    ),
    "agent.backup_stopped": (
        "途中で止めました。もう一度実行すると続きから保存します。",
        "Stopped. Run it again to go on from there.",
    ),
    "agent.says.status_ok": ("問題ありません。", "Everything is in order."),
    "agent.says.clock": (
        "このパソコンの時計がゲートウェイと {seconds} 秒ずれています。時計を合わせることをお勧めします。",
        "This PC's clock is {seconds} seconds off the gateway's. Please set it right.",
    ),
}
