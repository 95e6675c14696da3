"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "contracts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
        sa.UniqueConstraint("name", name=op.f("uq_contracts_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "dead_properties",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("node_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=512), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "node_id", "name", name=op.f("pk_dead_properties")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "job_leases",
        sa.Column("job", sa.String(length=32), nullable=False),
        sa.Column("free_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_leases")),
    )
    op.create_table(
        "job_runs",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("job", sa.String(length=32), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("job_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_runs_job_started_at"), ["job", "started_at"], unique=False)

    op.create_table(
        "locks",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("path", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("infinite_depth", sa.Boolean(name="infinite_depth"), nullable=False),
        sa.Column("exclusive", sa.Boolean(name="exclusive"), nullable=False),
        sa.Column("login", sa.BigInteger(), nullable=False),
        sa.Column("login_id", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.String(length=32), nullable=True),
        sa.Column("owner_xml", sa.Text(), nullable=False),
        sa.Column("timeout_seconds", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "path_key", "token", name=op.f("pk_locks")),
        sa.UniqueConstraint("contract_id", "token", name=op.f("uq_locks_contract_id_token")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "objects",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reference_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("freed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_objects")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("objects", schema=None) as batch_op:
        batch_op.create_index(
            "ix_objects_freed",
            ["contract_id", "freed_at"],
            unique=False,
            sqlite_where=sa.text("freed_at IS NOT NULL"),
            postgresql_where=sa.text("freed_at IS NOT NULL"),
        )

    op.create_table(
        "contract_events",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("effective_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('sign-up', 'plan', 'bonus-add', 'bonus-remove', 'end')",
            name=op.f("ck_contract_events_kind"),
        ),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_contract_events_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_contract_events")),
    )
    op.create_table(
        "logins",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("login_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("enabled", sa.Boolean(name="enabled"), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("role IN ('administrator', 'user', 'operator', 'support')", name=op.f("ck_logins_role")),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_logins_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_logins")),
        sa.UniqueConstraint("login_id", name=op.f("uq_logins_login_id")),
    )
    op.create_table(
        "nodes",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parent_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "name",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("object_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_nodes_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "parent_id", "name", name=op.f("pk_nodes")),
        sa.UniqueConstraint("contract_id", "id", name=op.f("uq_nodes_contract_id_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("used_bytes", sa.BigInteger(), nullable=False),
        sa.Column("next_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used_bytes >= 0", name=op.f("ck_usage_used_bytes")),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_usage_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", name=op.f("pk_usage")),
    )
    op.create_table(
        "device_keys",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("login", sa.BigInteger(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("device_id", sa.String(length=32), nullable=True),
        sa.CheckConstraint("state IN ('issued', 'used', 'revoked')", name=op.f("ck_device_keys_state")),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"],
            ["logins.contract_id", "logins.id"],
            name=op.f("fk_device_keys_contract_id_login"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_device_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_device_keys_key_hash")),
    )
    op.create_table(
        "devices",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("login", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=64), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.CheckConstraint("state IN ('registered', 'locked', 'revoked')", name=op.f("ck_devices_state")),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"],
            ["logins.contract_id", "logins.id"],
            name=op.f("fk_devices_contract_id_login"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_devices")),
        sa.UniqueConstraint("id", name=op.f("uq_devices_id")),
        sa.UniqueConstraint("password_hash", name=op.f("uq_devices_password_hash")),
    )
    if op.get_bind().dialect.name == "sqlite":
        _tell_planner()


#: How many rows share the first column of an index, the first two, and so on, in a firm with a million files.
_ROWS_ALIKE = (
    ("nodes", "nodes", "1000000 1000000 100 1"),
    ("nodes", "sqlite_autoindex_nodes_2", "1000000 1000000 1"),
    ("objects", "objects", "1000000 1000000 1"),
    ("objects", "ix_objects_freed", "1000 1000 1"),
    ("dead_properties", "dead_properties", "1000000 1000000 4 1"),
    ("locks", "locks", "1000 1000 1 1"),
    ("locks", "sqlite_autoindex_locks_2", "1000 1000 1"),
)


def _tell_planner() -> None:
    """Give SQLite statistics before there are rows: without them it takes a whole contract for ten rows.

    They stay as they are: nothing runs ANALYZE, so no plan changes while a firm grows (PostgreSQL counts itself).
    """
    op.execute("ANALYZE")
    statistics = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    op.bulk_insert(statistics, [{"tbl": table, "idx": index, "stat": stat} for table, index, stat in _ROWS_ALIKE])


def downgrade() -> None:
    """Undo."""
    op.drop_table("devices")
    op.drop_table("device_keys")
    op.drop_table("usage")
    op.drop_table("nodes")
    op.drop_table("logins")
    op.drop_table("contract_events")
    with op.batch_alter_table("objects", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_objects_freed",
            sqlite_where=sa.text("freed_at IS NOT NULL"),
            postgresql_where=sa.text("freed_at IS NOT NULL"),
        )

    op.drop_table("objects")
    op.drop_table("locks")
    with op.batch_alter_table("job_runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_runs_job_started_at"))

    op.drop_table("job_runs")
    op.drop_table("job_leases")
    op.drop_table("dead_properties")
    op.drop_table("contracts")
