"""All tables. Rows of a customer carry the contract id first in their keys, so that they can be distributed by it.

One file a subject. The migrations in db/migrations create exactly this (a test compares them on SQLite and
PostgreSQL).
"""

from db.tables.base import metadata
from db.tables.contracts import contract_events, contracts, usage
from db.tables.files import COLLECTION, DELETED_PARENT, FILE, NO_PARENT, dead_properties, locks, nodes, objects
from db.tables.jobs import job_leases, job_runs
from db.tables.people import SERVICE_CONTRACT_ID, device_keys, devices, logins

__all__ = [
    "COLLECTION", "DELETED_PARENT", "FILE", "NO_PARENT", "SERVICE_CONTRACT_ID",
    "contract_events", "contracts", "dead_properties", "device_keys", "devices", "job_leases", "job_runs",
    "locks", "logins", "metadata", "nodes", "objects", "usage",
]  # fmt: skip
