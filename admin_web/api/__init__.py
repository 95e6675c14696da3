"""The HTTP API under /api/v1: what the pages do, by the same rules, for programs (docs/http-api.md)."""
