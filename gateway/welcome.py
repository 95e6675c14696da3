"""The page at `/` for whoever opens the server's address in a browser: where the drive is, how to connect it."""

from __future__ import annotations

from html import escape

_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Azukari</title><style>
body {{ font: 16px/1.7 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color: #1d2733 }}
h1 {{ font-size: 1.8rem; margin-bottom: .2rem }} h2 {{ font-size: 1.1rem; margin-top: 2rem }}
code {{ background: #eef2f6; border-radius: 4px; padding: .15rem .4rem; overflow-wrap: anywhere }}
</style></head><body><h1>Azukari <small lang="ja">預かり</small></h1>
<p>{intro}</p><p><code>{url}</code></p>
<h2>Windows</h2><p>{windows}</p><h2>macOS</h2><p>{macos}</p><h2>Linux</h2><p>{linux}</p>
<p>{password}</p></body></html>
"""

_TEXTS = {
    "ja": {
        "intro": "ファイルをお預かりするネットワークドライブです。お使いのパソコンから次のアドレスに接続してください。",
        "windows": "「PC」を右クリックし、「ネットワークドライブの割り当て」に上のアドレスを入力します。",
        "macos": "Finder の「移動」→「サーバへ接続」に上のアドレスを入力します。",
        "linux": "ファイルマネージャーで「サーバーに接続」を選ぶか、davfs2・rclone で上のアドレスを指定します。",
        "password": "ユーザー名はログインID、パスワードは端末の登録時に表示されたものです。",
    },
    "en": {
        "intro": "A network drive that keeps your files. Connect your computer to this address:",
        "windows": "In Explorer, right-click This PC, choose “Map network drive” and enter the address above.",
        "macos": "In Finder, choose Go → Connect to Server and enter the address above.",
        "linux": "Choose “Connect to server” in your file manager, or give the address above to davfs2 or rclone.",
        "password": "The user name is your login ID, the password is the one shown when the device was registered.",
    },
}


def page(language: str, dav_url: str) -> str:
    """Return the page in one language, "ja" or "en"."""
    return _PAGE.format(lang=language, url=escape(dav_url), **_TEXTS[language])
