"""How to connect the network drive on each platform, and what refusals mean; docs/mounting.md says more."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "web.help.title": ("ヘルプ", "Help"),
    "web.help.lead": (
        "ネットワークドライブを接続すると、パソコンのフォルダと同じようにファイルを扱えます。"
        "接続には、ドライブのアドレス、ログインID、端末を登録したときに表示されたパスワードを使います。",
        "As a network drive your files are like any folder of your computer. You need the drive's address, your login "
        "ID and the password that was shown when this device was registered.",
    ),
    "web.help.lost": (
        "パスワードを控えていない場合は、管理者に新しい端末認証キーの発行を依頼し、端末を登録し直してください。",
        "If you have lost the password, ask your administrator for a new device key and register this device again.",
    ),
    "web.help.windows": ("Windows", "Windows"),
    "web.help.windows.1": (
        "エクスプローラーで「PC」を開き、「ネットワークドライブの割り当て」を選びます。",
        "In Explorer open This PC and choose Map network drive.",
    ),
    "web.help.windows.2": (
        "ドライブ文字を選び、フォルダーの欄に上のアドレスを入力します。",
        "Choose a letter and enter the address above as the folder.",
    ),
    "web.help.windows.3": (
        "「別の資格情報を使用して接続する」にチェックを付け、「完了」を押します。",
        "Tick Connect using different credentials, then press Finish.",
    ),
    "web.help.windows.4": (
        "ユーザー名とパスワードを入力します。「資格情報を記憶する」にチェックを付けると、次回から聞かれません。",
        "Enter the user name and the password; tick Remember my credentials so that you are not asked again.",
    ),
    "web.help.windows.command": ("コマンドで接続する場合", "On the command line"),
    "web.help.windows.limit": (
        "50 MB を超えるファイルでエラー 0x800700DF が出る場合は、Windows 側の上限です。管理者として開いた"
        "コマンドプロンプトで次のコマンドを実行してください。",
        "Error 0x800700DF with files over 50 MB is a limit of Windows itself. In a command prompt opened as "
        "administrator, run:",
    ),
    "web.help.macos": ("macOS", "macOS"),
    "web.help.macos.1": (
        "Finder で「移動」→「サーバへ接続」（⌘K）を選びます。",
        "In Finder choose Go → Connect to Server (⌘K).",
    ),
    "web.help.macos.2": ("上のアドレスを入力し、「接続」を押します。", "Enter the address above and press Connect."),
    "web.help.macos.3": (
        "「登録ユーザ」を選び、ユーザー名とパスワードを入力します。キーチェーンに保存しておくと便利です。",
        "Choose Registered User, enter the user name and the password, and let the keychain remember them.",
    ),
    "web.help.linux": ("Linux", "Linux"),
    "web.help.linux.1": (
        "GNOME の「ファイル」で「他の場所」を開き、「サーバーアドレスを入力」の欄に次のアドレスを入力します。",
        "In GNOME Files open Other Locations and enter this server address:",
    ),
    "web.help.linux.2": (
        "ユーザー名とパスワードを入力します。「ずっと記憶する」を選ぶと、次回から聞かれません。",
        "Enter the user name and the password, and choose Remember forever if you like.",
    ),
    "web.help.linux.command": ("rclone で接続する場合", "With rclone"),
    "web.help.ios": ("iPhone・iPad", "iPhone and iPad"),
    "web.help.ios.1": (
        "接続先として「WebDAV」を選べるファイル管理アプリを入れます（iOS の標準機能では接続できません）。",
        "Install a file manager that offers WebDAV; iOS itself does not connect.",
    ),
    "web.help.ios.2": (
        "アプリで WebDAV の接続先を追加し、アドレス、ユーザー名、パスワードを入力します。",
        "Add a WebDAV connection in it and enter the address, the user name and the password.",
    ),
    "web.help.ios.3": (
        "このブラウザからは、アプリなしでファイルを開いたり送ったりできます。",
        "In this browser you can open and send files without an app.",
    ),
    "web.help.android": ("Android", "Android"),
    "web.help.android.1": (
        "接続先として「WebDAV」を選べるファイル管理アプリを入れます（Android の標準機能では接続できません）。",
        "Install a file manager that offers WebDAV; Android itself does not connect.",
    ),
    "web.help.android.2": (
        "アプリで WebDAV の接続先を追加し、アドレス、ユーザー名、パスワードを入力します。",
        "Add a WebDAV connection in it and enter the address, the user name and the password.",
    ),
    "web.help.android.3": (
        "このブラウザからは、アプリなしでファイルを開いたり送ったりできます。",
        "In this browser you can open and send files without an app.",
    ),
    "web.help.answers": ("お断りの理由と対処", "What each refusal means"),
    "web.help.answers_lead": (
        "ネットワークドライブのソフトには番号だけが表示されることがあります。番号を開くと、理由ごとの説明があります。",
        "Programs often show a number alone. Open it for the reasons there are, and what to do about each.",
    ),
    "web.help.short.400": ("内容を読み取れません", "It cannot be understood"),
    "web.help.short.401": ("ログインが必要です", "Sign in"),
    "web.help.short.403": ("許可されていません", "You may not"),
    "web.help.short.404": ("見つかりません", "Nothing is there"),
    "web.help.short.409": ("いまの状態ではできません", "Not as things are now"),
    "web.help.short.410": ("もうありません", "It is gone"),
    "web.help.short.412": ("先に変更されています", "It changed meanwhile"),
    "web.help.short.422": ("この内容では受け付けられません", "It cannot be done as entered"),
    "web.help.short.423": ("ほかの人が編集中です", "Somebody is editing it"),
    "web.help.short.429": ("しばらくお待ちください", "Wait a little"),
    "web.help.short.500": ("処理できませんでした", "It went wrong"),
    "web.help.short.503": ("一時的に応答できません", "No answer for the moment"),
    "web.help.short.507": ("容量が足りません", "There is no room"),
    "web.help.400": (
        "名前や入力に、扱えないものが含まれているか、送信が途中で途切れました。名前を変えるか、もう一度送信してください。",
        "A name or an entry cannot be kept, or the upload was cut. Change the name, or send it again.",
    ),
    "web.help.409": (
        "同じ名前のものがあるか、保存先がないなど、いまの状態では行えません。一覧を更新してご確認ください。",
        "The name is taken, the place is not there, or something else stands in the way. Refresh the list and look "
        "again.",
    ),
    "web.help.410": (
        "期限が切れたか、取り消されています。必要な場合は、送った方にもう一度依頼してください。",
        "It has expired, or was taken back. If you need it, ask whoever sent it to send it again.",
    ),
    "web.help.422": (
        "入力された内容のままでは受け付けられません。説明のとおりに直して、もう一度お試しください。",
        "What was entered will not do. Change it as the explanation says, and try again.",
    ),
    "web.help.429": (
        "間違いが続いたため、しばらく受け付けません。表示された時間だけ待つか、管理者に解除を依頼してください。",
        "After repeated mistakes you have to wait. Come back after the time that is shown, or ask your administrator "
        "to release you.",
    ),
    "web.help.500": (
        "思いがけない不具合です。ファイルはそのままです。続く場合は運営者にご連絡ください。",
        "Something unexpected happened. Your files are as they were. If it goes on, tell the operator.",
    ),
    "web.help.401": (
        "ユーザー名かパスワードが違うか、端末・ログイン・ご契約のいずれかが停止されています。端末のパスワードをお使いのうえ、"
        "続く場合は管理者にご連絡ください。",
        "The user name or password is wrong, or the device, login or contract is locked. Use the device's password; "
        "ask your administrator.",
    ),
    "web.help.403": (
        "この場所では許可されていないか、接続が暗号化されていません。https:// で始まるアドレスをお使いください。",
        "You may not do this here, or the connection is not encrypted. Use the address that begins with https://.",
    ),
    "web.help.404": (
        "その名前のものがありません。一覧を更新してください。",
        "There is nothing by this name. Refresh the list.",
    ),
    "web.help.412": (
        "ほかの人が先に変更したか、同じ名前のものがあります。読み込み直してください。",
        "Somebody changed it first, or the name is taken. Load it again.",
    ),
    "web.help.423": (
        "ほかの人が編集しています。終わるまで待つか、閉じてもらってください。",
        "Somebody is editing it. Wait, or ask them to close it.",
    ),
    "web.help.503": (
        "一時的に応答できません。ファイルは失われていません。しばらくしてからやり直してください。",
        "The service does not answer for the moment. Nothing is lost. Try again in a little while.",
    ),
    "web.help.507": (
        "容量が足りません。元のファイルはそのままです。不要なものを削除するか、プランの変更を依頼してください。",
        "There is no room. The old file is untouched. Delete what you no longer need, or ask for a larger plan.",
    ),
}
