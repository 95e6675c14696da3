"""What HTTP servers and fronts tell one another beside the WSGI environment."""

from __future__ import annotations


class BodyCut(OSError):
    """The request's body ended before it was complete, or was not framed as HTTP says (RFC 9112 §6.3, §8).

    Raised by `wsgi.input`. The connection cannot be used any more; nothing of the body may be kept.
    """
