"""WebDAV: one provider per folder type, one file per method."""
