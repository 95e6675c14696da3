"""Real WebDAV programs at work on the running product (CLIENTS.md)."""
