"""All tables. Rows of a customer carry the contract id first in their keys, so that they can be distributed by it.

One file a subject. The migrations in db/migrations create exactly this (a test compares them on SQLite and
PostgreSQL).
"""

from db.tables.access import (
    access_log,
    access_log_heads,
    access_settings,
    certificate_authority,
    failures,
    group_members,
    groups,
    line_networks,
    line_sessions,
    lines,
    login_totp,
    recovery_codes,
    used_codes,
    web_sessions,
)
from db.tables.base import metadata
from db.tables.board import (
    board_attachments,
    board_mentions,
    board_people,
    board_posts,
    board_reads,
    board_revisions,
    board_topics,
)
from db.tables.calendars import calendar_deletions, calendar_objects, calendar_people, calendar_properties, calendars
from db.tables.contests import contest_entries, contest_votes, contests
from db.tables.contracts import contract_events, contracts, limits, usage
from db.tables.files import COLLECTION, DELETED_PARENT, FILE, NO_PARENT, dead_properties, locks, nodes, objects
from db.tables.jobs import job_leases, job_runs
from db.tables.mail import outbox
from db.tables.money import statements
from db.tables.people import SERVICE_CONTRACT_ID, device_keys, devices, logins
from db.tables.publications import publication_items, publications
from db.tables.retention import job_clocks, purged_files, purges
from db.tables.secrets import secret_folders, unlocked_folders
from db.tables.shares import share_fetches, share_items, share_recipients, shares
from db.tables.tokens import api_tokens
from db.tables.transfers import loans, transfer_codes, transfer_items, transfers
from db.tables.uploads import upload_parts, uploads

__all__ = [
    "COLLECTION", "DELETED_PARENT", "FILE", "NO_PARENT", "SERVICE_CONTRACT_ID", "access_log", "access_log_heads",
    "access_settings", "api_tokens", "board_attachments", "board_mentions", "board_people", "board_posts",
    "board_reads", "board_revisions", "board_topics", "calendar_deletions", "calendar_objects", "calendar_people",
    "calendar_properties", "calendars", "certificate_authority", "contest_entries", "contest_votes", "contests",
    "contract_events", "contracts", "dead_properties", "device_keys", "devices", "failures", "group_members",
    "groups", "job_clocks", "job_leases", "job_runs", "limits", "line_networks", "line_sessions", "lines", "loans",
    "locks", "login_totp", "logins", "metadata", "nodes", "objects", "outbox", "publication_items", "publications",
    "purged_files", "purges", "recovery_codes", "secret_folders", "share_fetches", "share_items", "share_recipients",
    "shares", "statements", "transfer_codes", "transfer_items", "transfers", "unlocked_folders", "upload_parts",
    "uploads", "usage", "used_codes", "web_sessions",
]  # fmt: skip
