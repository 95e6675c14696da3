"""About files and albums on public pages (R25)."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "publish.forbidden": (
        "このご契約では、ファイルの公開が管理者によって止められています。必要な場合は管理者にご相談ください。",
        "Your contract's administrator does not allow publishing. Ask them if you need it.",
    ),
    "publish.items": (
        "一度に公開できるのは 1 件から {most} 件までです。選び直してください。",
        "1 to {most} things can be published at a time. Pick again.",
    ),
    "publish.mixed": (
        "アルバムにできるのは、いくつかのファイルか、フォルダひとつです。選び直してください。",
        "An album is several files, or one folder. Pick again.",
    ),
    "publish.ended": (
        "このページの公開は終わりました。ご覧になりたい場合は、公開した方にお問い合わせください。",
        "This page is no longer published. If you need what was here, ask whoever told you of it.",
    ),
    "publish.unknown": (
        "このページはありません。アドレスに誤りがないかご確認ください。",
        "There is no such page. Check the address.",
    ),
    "web.act.publish": ("ページへの公開", "published"),
    "web.act.unpublish": ("公開の終了", "unpublished"),
    "web.act.publication.open": ("公開ページの閲覧", "public page looked at"),
    "web.act.publication.read": ("公開ファイルの閲覧", "published file read"),
    "web.publish.do": ("公開する", "Publish"),
    "web.publish.mark": ("公開中", "published"),
    "web.publish.title": ("{count} 件を公開する", "Publish {count}"),
    "web.publish.lead": (
        "だれでも見られるページを作ります。アドレスを知っていれば、ログインなしで見たり保存したりできます。"
        "公開はいつでも終えられますが、すでに保存されたものは取り戻せません。",
        "This makes a page anybody can see: whoever has its address looks and saves without signing in. "
        "You can take the page away at any time, but not what people have saved by then.",
    ),
    "web.publish.photo": (
        "写真には、撮影した場所や日時の情報が含まれていることがあります。公開する前にご確認ください。",
        "A photo may carry the place and time it was taken. Look before you publish it.",
    ),
    "web.publish.folder": (
        "フォルダを公開すると、その中にあるファイル（下のフォルダは除く）が常に表示されます。",
        "Of a folder, the files that are in it at the time are shown, not those in folders below.",
    ),
    "web.publish.page_title": ("ページの題", "Title of the page"),
    "web.publish.confirm": ("だれでも見られるページとして公開する", "Publish for anybody to see"),
    "web.publish.done": ("公開しました。アドレスを伝えてください。", "Published. Tell people the address."),
    "web.publications.title": ("公開しているページ", "My publications"),
    "web.publications.nav": ("公開", "Published"),
    "web.publications.none": (
        "公開しているページはありません。ファイルの一覧で選び、「公開する」を押してください。",
        "Nothing is published. Pick files in a folder and press “Publish”.",
    ),
    "web.publications.open": ("公開中", "published"),
    "web.publications.ended": ("終了", "ended"),
    "web.publications.views": ("閲覧 {count} 回", "{count} {count:view|views}"),
    "web.publications.since": ("{at} から", "since {at}"),
    "web.publications.until": ("{at} に {by} が終了", "ended {at} by {by}"),
    "web.publications.by": ("公開者 {login}", "by {login}"),
    "web.publications.address": ("ページのアドレス", "Address of the page"),
    "web.publications.visit": ("ページを見る", "See the page"),
    "web.publications.to_x": ("X で知らせる", "Share on X"),
    "web.publications.to_facebook": ("Facebook で知らせる", "Share on Facebook"),
    "web.publications.end": ("公開を終える", "Unpublish"),
    "web.publications.end_lead": (
        "公開を終えると、ページはすぐに見られなくなります。同じアドレスでは再開できません。",
        "The page is gone at once. It cannot come back under the same address.",
    ),
    "web.publications.end_done": ("「{title}」の公開を終えました。", "“{title}” is no longer published."),
    "web.publishing.title": ("公開ページ", "Public pages"),
    "web.publishing.allow": (
        "利用者がファイルを公開ページにのせることを許可する",
        "Users may publish files on public pages",
    ),
    "web.publishing.hint": (
        "許可をやめると、公開中のページはすべてすぐに終了します。",
        "If you no longer allow it, all pages that are published end at once.",
    ),
    "web.publishing.kept": ("保存しました。終了したページ：{count} 件", "Saved. Pages that ended: {count}"),
    "web.public.title": ("公開ページ", "Public page"),
    "web.public.count": ("{count} 件", "{count} {count:file|files}"),
    "web.public.download": ("ダウンロード", "Download"),
    "web.public.card": ("預かりで公開されたファイル", "Published with Azukari"),
    "web.public.more": ("はじめの {count} 件を表示しています。", "The first {count} are shown."),
    "web.public.empty": ("このアルバムには、いま何もありません。", "There is nothing in this album at present."),
}
