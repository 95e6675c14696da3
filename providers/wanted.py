"""Which properties a PROPFIND asks for (RFC 4918 §9.1, §14.20; CLIENTS W5, F4)."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import NamedTuple

from core.errors import InvalidInput
from providers.http import Environ, Limits
from providers.live import ALLPROP, BRIEF_ALLPROP, LIVE, QUOTA
from providers.xml import DAV, parse, read_body

_REDIRECTOR = "Microsoft-WebDAV-MiniRedir"
_MAX_CACHED_BODY_BYTES = 4096
#: Without which Explorer shows no usable entry, the most useful last.
_LEAN = tuple(DAV + name for name in ("getlastmodified", "getcontentlength", "resourcetype"))


class Wanted(NamedTuple):
    """What to tell of each resource. `brief`: what is missing need not be said (RFC 8144 §2.1)."""

    live: tuple[str, ...]
    dead: tuple[str, ...] = ()
    all_dead: bool = False
    names_only: bool = False
    brief: bool = False
    #: Explorer asks, whose listings have a greatest length.
    redirector: bool = False


def of_request(environ: Environ, limits: Limits) -> Wanted:
    """Return what a PROPFIND request asks for; without a body that is allprop.

    Raises InvalidInput for a body that is no propfind, DavRefusal (413) for one that is too long.
    """
    agent = environ.get("HTTP_USER_AGENT") or ""
    redirector = _REDIRECTOR in agent
    body = read_body(environ, limits)
    if not body:
        wanted = Wanted(ALLPROP, all_dead=True)
    elif len(body) <= _MAX_CACHED_BODY_BYTES:
        wanted = _known_body(body)
    else:
        wanted = _read(body)
    if redirector or "HTTP_BRIEF" in environ or "HTTP_PREFER" in environ:
        wanted = _shortened(wanted, environ, redirector=redirector)
    if limits.hide_quota_from and any(part in agent for part in limits.hide_quota_from):
        wanted = without_quota(wanted)
    return wanted


def _read(body: bytes) -> Wanted:
    root = parse(body, "propfind")
    kinds = [child.tag for child in root if child.tag in (DAV + "allprop", DAV + "propname", DAV + "prop")]
    if len(kinds) != 1:
        raise InvalidInput("propfind holds exactly one of allprop, propname and prop")
    if kinds[0] == DAV + "propname":
        return Wanted(LIVE, all_dead=True, names_only=True)
    asked = [str(one.tag) for child in root if child.tag in (DAV + "prop", DAV + "include") for one in child]
    live = tuple(dict.fromkeys(name for name in asked if name in LIVE))
    if kinds[0] == DAV + "allprop":
        return Wanted(tuple(dict.fromkeys((*ALLPROP, *live))), all_dead=True)
    return Wanted(live, tuple(dict.fromkeys(name for name in asked if name not in LIVE)))


#: A client sends the same few bodies over and over; reading XML costs more than the whole rest of a request.
_known_body = functools.lru_cache(maxsize=128)(_read)


def _shortened(wanted: Wanted, environ: Environ, *, redirector: bool) -> Wanted:
    brief = (
        redirector
        or (environ.get("HTTP_BRIEF") or "").lower() == "t"
        or "return=minimal" in (environ.get("HTTP_PREFER") or "").replace(" ", "").lower()
    )
    if redirector and wanted.all_dead and not wanted.names_only:
        wanted = wanted._replace(live=(*BRIEF_ALLPROP, *(name for name in wanted.live if name not in ALLPROP)))
    return wanted._replace(brief=brief, redirector=redirector)


def without_quota(wanted: Wanted) -> Wanted:
    """Return the same less the quota properties, as if there were none.

    Some macOS releases mount slowly when a server tells its quota (CLIENTS F4).
    """
    hidden = tuple(name for name in wanted.live if name in QUOTA)
    live = tuple(name for name in wanted.live if name not in QUOTA)
    return wanted._replace(live=live, dead=wanted.dead if wanted.all_dead else (*wanted.dead, *hidden))


def leaner(wanted: Wanted) -> Iterator[Wanted]:
    """Yield what could be told of an entry instead, less and less of it: where a listing has a greatest length."""
    wanted = wanted._replace(dead=(), all_dead=False)
    yield wanted
    for kept in (_LEAN, _LEAN[1:]):
        yield wanted._replace(live=tuple(name for name in wanted.live if name in kept))
