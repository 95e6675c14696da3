"""Files and albums on public pages (R25)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from admin_web import records
from admin_web.api.shapes import Instant, Key, Name, Page, Path, Rows, Shape
from admin_web.api.subject import Subject
from admin_web.browse import place_of
from admin_web.gate import caller, parts
from admin_web.publications import address_of
from auth.access import FolderType, authorize
from auth.tokens import Scope
from core.errors import GatewayError
from sharing import publications
from sharing.publications import MAX_TITLE_CHARACTERS, MOST_ITEMS, Publication, Wanted

subject = Subject("publications", "Files and albums on public pages")


class PublicationKey(Shape):
    """Which publication."""

    publication_id: Key


class PublicationGiven(Shape):
    """What is published: one file, several files of one folder, or one folder."""

    folder: Path
    names: Annotated[list[Name], Field(min_length=1, max_length=MOST_ITEMS)]
    title: Annotated[
        str,
        StringConstraints(max_length=MAX_TITLE_CHARACTERS, pattern=r"^[^\x00-\x1f\x7f]*$"),
        Field(description="Of the page; without it the first name."),
    ] = ""


class PublicationShown(Shape):
    """A public page. `ended_at` is null while anybody can see it."""

    publication_id: str
    login_id: str
    title: str
    address: str
    views: int
    created_at: Instant
    ended_at: Instant | None
    ended_by: str


@subject.operation("GET /publications", scope=Scope.SHARING_READ, answer=Rows[PublicationShown])
def list_publications(query: Page) -> Rows[PublicationShown]:
    """List public pages, the newest first: one's own, to an administrator the contract's."""
    found = caller()
    authorize(found, FolderType.MY)
    with parts().database.reading() as tx:
        known = publications.listing(tx, found, offset=query.offset, limit=query.limit + 1)
    items = [_shown(one) for one in known[: query.limit]]
    return Rows(items=items, next_offset=query.offset + query.limit if len(known) > query.limit else None)


@subject.operation("POST /publications", scope=Scope.SHARING_WRITE, answer=PublicationShown, status=201)
def add_publication(body: PublicationGiven) -> PublicationShown:
    """Publish on a page that anybody with its address can see, without signing in."""
    place, names = place_of(body.folder), list(dict.fromkeys(body.names))
    try:
        one = publications.publish(parts().files, Wanted(place.grant, place.names, names, body.title, place.path))
    except GatewayError as error:
        records.note_refused(place, "publish", error)
        raise
    return _shown(one)


@subject.operation("GET /publications/<publication_id>", scope=Scope.SHARING_READ, answer=PublicationShown)
def get_publication(path: PublicationKey) -> PublicationShown:
    """Tell one public page."""
    authorize(caller(), FolderType.MY)
    with parts().database.reading() as tx:
        return _shown(publications.one_of(tx, caller(), path.publication_id))


@subject.operation("DELETE /publications/<publication_id>", scope=Scope.SHARING_WRITE)
def end_publication(path: PublicationKey) -> None:
    """Take a public page away, at once and for good."""
    found, now = caller(), parts().clock()
    parts().database.write(lambda tx: publications.end(tx, found, path.publication_id, now=now))


def _shown(one: Publication) -> PublicationShown:
    return PublicationShown(
        publication_id=one.id,
        login_id=one.login_id,
        title=one.title,
        address=address_of(one),
        views=one.views,
        created_at=one.created_at,
        ended_at=one.ended_at,
        ended_by=one.ended_by,
    )
