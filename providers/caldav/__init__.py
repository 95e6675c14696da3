"""CalDAV (RFC 4791, RFC 6578): the calendars as one more DAV front under /dav/calendars/."""
