"""The bulletin board: topics, reading them a page at a time, writing, and what of it tells whom (R28)."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from admin_web import picking
from admin_web.browse import memberships, place_of
from admin_web.errors import explain, status_of
from admin_web.gate import caller, for_roles, parts
from admin_web.words import t
from auth.access import FolderType, Grant, authorize
from auth.callers import Role
from core import messages
from core.errors import GatewayError
from groupware import board, board_attachments, board_marks, board_posts
from groupware.board import FOUND_ROWS, POST_ROWS, TOPIC_ROWS, Topic
from groupware.board_marks import Telling
from groupware.board_posts import Attached, Written
from groupware.board_rules import MOST_ATTACHMENTS, MOST_BODY_CHARACTERS, MOST_TITLE_CHARACTERS, to_html

blueprint = Blueprint("board", __name__, url_prefix="/board")

#: Numbers in addresses; databases have 64 bits.
_ID = "int(min=1,max=9007199254740991)"
_FOR_CUSTOMERS = for_roles(Role.ADMINISTRATOR, Role.USER)
#: What a search shows of a post.
_EXCERPT_CHARACTERS = 200


def grant() -> Grant:
    """Return what lets the caller in: who may enter My Folder may enter here. Raises DeviceRequired (R12)."""
    return authorize(caller(), FolderType.MY)


def post_html(body: str) -> Markup:
    """Return a post for its page."""
    return Markup(to_html(body))  # noqa: S704 - cleaned there


def _number() -> int | None:
    """Return the number of the page an address asks for; None where it says none."""
    given = request.args.get("page", "")
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 7 else None


@blueprint.get("/")
@_FOR_CUSTOMERS
def topics() -> ResponseReturnValue:
    """Show the topics."""
    number = _number() or 1
    found, count = board.list_topics(parts().files, grant(), offset=(number - 1) * TOPIC_ROWS)
    return render_template(
        "board/topics.html", topics=found, count=count, number=number, pages=max(1, -(-count // TOPIC_ROWS))
    )


@blueprint.get(f"/<{_ID}:topic_id>")
@_FOR_CUSTOMERS
def topic(topic_id: int) -> ResponseReturnValue:
    """Show a page of a topic, without a number the one with the first unread post; it is read from then on."""
    found, number = _find(topic_id)
    shown, posts = board.look(parts().files, grant(), topic_id, offset=(number - 1) * POST_ROWS)
    if posts:
        board_marks.mark_read(parts().files, grant(), shown, posts[-1].id)
    return render_template(
        "board/topic.html",
        topic=shown,
        posts=posts,
        unread_from=found.read_id,
        number=number,
        first=(number - 1) * POST_ROWS + 1,
        most_body=MOST_BODY_CHARACTERS,
        html=post_html,
    )


def _find(topic_id: int) -> tuple[Topic, int]:
    """Return a topic and the number of the page of it to show."""
    with parts().database.reading() as tx:
        found = board.find_topic(tx, grant(), topic_id)
        number = _number()
        if number is None:
            wanted = found.read_id + 1 if found.unread else found.last_post_id
            number = board.page_of(tx, grant(), topic_id, wanted)
    return found, min(number, found.pages)


@blueprint.get("/new")
@_FOR_CUSTOMERS
def new() -> ResponseReturnValue:
    """Ask for a new topic."""
    return _compose(None, [])


@blueprint.post("/new")
@_FOR_CUSTOMERS
def start() -> ResponseReturnValue:
    """Start a topic, or choose what to attach."""
    return _write(None)


@blueprint.get(f"/<{_ID}:topic_id>/reply")
@_FOR_CUSTOMERS
def reply_form(topic_id: int) -> ResponseReturnValue:
    """Ask for a reply, with attachments."""
    return _compose(_find(topic_id)[0], [])


@blueprint.post(f"/<{_ID}:topic_id>/reply")
@_FOR_CUSTOMERS
def reply(topic_id: int) -> ResponseReturnValue:
    """Write a post, or choose what to attach."""
    return _write(_find(topic_id)[0])


def _write(within: Topic | None) -> ResponseReturnValue:
    chosen = picking.chosen_paths()
    if picking.is_picking():
        return _compose(within, chosen)
    try:
        places = [place_of(path) for path in chosen[: MOST_ATTACHMENTS + 1]]
        attached = [Attached(one.grant, one.names, one.logged) for one in places]
        if within is None:
            title, group = request.form.get("title", ""), request.form.get("group") or None
            written = board_posts.start(parts().files, grant(), title, _body(), attached, group=group)
        else:
            written = board_posts.reply(parts().files, grant(), within.id, _body(), attached)
    except GatewayError as error:
        return _compose(within, chosen, refusal=error)
    flash(t("web.board.written"), "done")
    return _to_post(written)


def _body() -> str:
    return "\n".join(request.form.get("body", "").splitlines())


def _compose(within: Topic | None, chosen: list[str], *, refusal: GatewayError | None = None) -> Response:
    rendered = render_template(
        "board/compose.html",
        topic=within,
        groups=[one for one in memberships() if one.may_write],
        given=request.form,
        picking=picking.picking(lambda _: True, chosen),
        most_title=MOST_TITLE_CHARACTERS,
        most_body=MOST_BODY_CHARACTERS,
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


def _to_post(written: Written) -> ResponseReturnValue:
    return redirect(url_for("board.post", post_id=written.post_id), HTTPStatus.SEE_OTHER)


@blueprint.get(f"/posts/<{_ID}:post_id>")
@_FOR_CUSTOMERS
def post(post_id: int) -> ResponseReturnValue:
    """Go to a post, on its page of its topic."""
    with parts().database.reading() as tx:
        within, _ = board.find_post(tx, grant(), post_id)
        number = board.page_of(tx, grant(), within.id, post_id)
    address = url_for("board.topic", topic_id=within.id, page=number, _anchor=f"p{post_id}")
    return redirect(address, HTTPStatus.SEE_OTHER)


@blueprint.get(f"/posts/<{_ID}:post_id>/edit")
@_FOR_CUSTOMERS
def edit_form(post_id: int) -> ResponseReturnValue:
    """Show one's own post to be edited."""
    return _edit_page(post_id)


@blueprint.post(f"/posts/<{_ID}:post_id>/edit")
@_FOR_CUSTOMERS
def edit(post_id: int) -> ResponseReturnValue:
    """Give a post other words."""
    try:
        written = board_posts.edit(parts().files, grant(), post_id, _body())
    except GatewayError as error:
        return _edit_page(post_id, refusal=error)
    flash(t("web.board.saved"), "done")
    return _to_post(written)


def _edit_page(post_id: int, *, refusal: GatewayError | None = None) -> Response:
    with parts().database.reading() as tx:
        within, found = board.find_post(tx, grant(), post_id)
    rendered = render_template(
        "board/edit.html",
        topic=within,
        post=found,
        body=request.form.get("body", found.body),
        most_body=MOST_BODY_CHARACTERS,
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.get(f"/posts/<{_ID}:post_id>/history")
@_FOR_CUSTOMERS
def history(post_id: int) -> ResponseReturnValue:
    """Show what a post said before it was edited."""
    within, found, before = board.revisions(parts().files, grant(), post_id)
    return render_template("board/history.html", topic=within, post=found, revisions=before, html=post_html)


@blueprint.post(f"/posts/<{_ID}:post_id>/delete")
@_FOR_CUSTOMERS
def remove(post_id: int) -> ResponseReturnValue:
    """Delete a post; a mark stays."""
    written = board_posts.remove(parts().files, grant(), post_id)
    flash(t("web.board.deleted"), "done")
    return _to_post(written)


@blueprint.get(f"/posts/<{_ID}:post_id>/attachments/<int(min=1,max=1000):position>")
@_FOR_CUSTOMERS
def attachment(post_id: int, position: int) -> ResponseReturnValue:
    """Go to an attached file where it is now; that page asks for the reader's rights again."""
    path = board_attachments.path_of(parts().files, grant(), post_id, position)
    return redirect(url_for("browse.show", where=path), HTTPStatus.SEE_OTHER)


@blueprint.post(f"/<{_ID}:topic_id>/pin")
@_FOR_CUSTOMERS
def pin(topic_id: int) -> ResponseReturnValue:
    """Keep a topic above the others, or no longer."""
    pinned = request.form.get("pinned") == "1"
    board_posts.pin(parts().files, grant(), topic_id, pinned=pinned)
    flash(t("web.board.pin_done" if pinned else "web.board.unpin_done"), "done")
    return redirect(url_for("board.topic", topic_id=topic_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/read-all")
@_FOR_CUSTOMERS
def read_all() -> ResponseReturnValue:
    """Mark everything as read."""
    board_marks.mark_all_read(parts().files, grant())
    flash(t("web.board.all_read"), "done")
    return redirect(url_for("board.topics"), HTTPStatus.SEE_OTHER)


@blueprint.get("/search")
@_FOR_CUSTOMERS
def search() -> ResponseReturnValue:
    """Show the posts that have a text in them."""
    text, number = request.args.get("q", "").strip()[:MOST_TITLE_CHARACTERS], _number() or 1
    offset = (number - 1) * FOUND_ROWS
    hits = board.search(parts().files, grant(), text, offset=offset, limit=FOUND_ROWS + 1) if text else []
    return render_template(
        "board/search.html",
        text=text,
        hits=hits[:FOUND_ROWS],
        more=len(hits) > FOUND_ROWS,
        number=number,
        excerpt_characters=_EXCERPT_CHARACTERS,
    )


@blueprint.get("/settings")
@_FOR_CUSTOMERS
def settings() -> ResponseReturnValue:
    """Show whether and where one is told of mentions."""
    return _settings_page()


def _settings_page(*, refusal: GatewayError | None = None) -> Response:
    kept = board_marks.telling(parts().files, grant())
    rendered = render_template(
        "board/settings.html",
        kept=kept,
        address=request.form.get("address", kept.mail_address or ""),
        languages=messages.LANGUAGES,
        refusal=explain(refusal) if refusal else None,
    )
    return make_response(rendered, status_of(refusal) if refusal else HTTPStatus.OK)


@blueprint.post("/settings")
@_FOR_CUSTOMERS
def keep_settings() -> ResponseReturnValue:
    """Keep it."""
    form = request.form
    try:
        chosen = Telling("mail" in form, form.get("address", "").strip(), form.get("language", ""))
        board_marks.set_telling(parts().files, grant(), chosen)
    except GatewayError as error:
        return _settings_page(refusal=error)
    flash(t("web.board.mail_kept"), "done")
    return redirect(url_for("board.settings"), HTTPStatus.SEE_OTHER)
