"""who gets in: groups, lines, sessions, one-time codes, lockouts, access log"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "access_log",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("login_id", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.String(length=32), nullable=False),
        sa.Column("line_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("result", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "sequence", name=op.f("pk_access_log")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_log_contract_id_at"), ["contract_id", "at"], unique=False)

    op.create_table(
        "certificate_authority",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("certificate_pem", sa.Text(), nullable=False),
        sa.Column("key_pem", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_certificate_authority_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_authority")),
    )
    op.create_table(
        "failures",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failed_at", UtcDateTime(), nullable=False),
        sa.Column("free_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('login', 'address')", name=op.f("ck_failures_kind")),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_failures")),
    )
    op.create_table(
        "used_codes",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("forget_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "scope", "code", name=op.f("pk_used_codes")),
    )
    with op.batch_alter_table("used_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_used_codes_forget_at"), ["forget_at"], unique=False)

    op.create_table(
        "access_log_heads",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.Column("dropped_sequence", sa.BigInteger(), nullable=False),
        sa.Column("dropped_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", name=op.f("pk_access_log_heads")),
    )
    op.create_table(
        "access_settings",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device_binding", sa.String(length=16), nullable=False),
        sa.Column("copy_out", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "device_binding IN ('none', 'client', 'certificate')", name=op.f("ck_access_settings_device_binding")
        ),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_access_settings_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", name=op.f("pk_access_settings")),
    )
    op.create_table(
        "groups",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "name",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_groups_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_groups")),
        sa.UniqueConstraint("contract_id", "name", name=op.f("uq_groups_contract_id_name")),
    )
    op.create_table(
        "lines",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("tool_secret", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_lines_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_lines")),
        sa.UniqueConstraint("contract_id", "name", name=op.f("uq_lines_contract_id_name")),
        sa.UniqueConstraint("id", name=op.f("uq_lines_id")),
    )
    op.create_table(
        "group_members",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("login", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("may_write", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "group_id"],
            ["groups.contract_id", "groups.id"],
            name=op.f("fk_group_members_contract_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"],
            ["logins.contract_id", "logins.id"],
            name=op.f("fk_group_members_contract_id_login"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "login", "group_id", name=op.f("pk_group_members")),
    )
    op.create_table(
        "line_networks",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "first_address",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "last_address",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("line_id", sa.String(length=32), nullable=False),
        sa.Column("prefix", sa.String(length=49), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "line_id"],
            ["lines.contract_id", "lines.id"],
            name=op.f("fk_line_networks_contract_id_line_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "first_address", "last_address", name=op.f("pk_line_networks")),
    )
    op.create_table(
        "line_sessions",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("line_id", sa.String(length=32), nullable=False),
        sa.Column("login", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.String(length=32), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("edge_proven", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "line_id"],
            ["lines.contract_id", "lines.id"],
            name=op.f("fk_line_sessions_contract_id_line_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "token_hash", name=op.f("pk_line_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_line_sessions_token_hash")),
    )
    op.create_table(
        "login_totp",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("login", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"], ["logins.contract_id", "logins.id"], name=op.f("fk_login_totp_contract_id_login")
        ),
        sa.PrimaryKeyConstraint("contract_id", "login", name=op.f("pk_login_totp")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("login", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"],
            ["logins.contract_id", "logins.id"],
            name=op.f("fk_recovery_codes_contract_id_login"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "login", "code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "web_sessions",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("login", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"],
            ["logins.contract_id", "logins.id"],
            name=op.f("fk_web_sessions_contract_id_login"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "token_hash", name=op.f("pk_web_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_web_sessions_token_hash")),
    )
    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_sessions_contract_id_login"), ["contract_id", "login"], unique=False)

    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cookie_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("public_key", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("certificate_sha256", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("client", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("last_seen_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("last_address", sa.String(length=45), nullable=True))
        batch_op.add_column(sa.Column("last_client", sa.String(length=255), nullable=True))
        batch_op.create_index(batch_op.f("ix_devices_cookie_hash"), ["cookie_hash"], unique=True)
        batch_op.create_index(batch_op.f("ix_devices_public_key"), ["public_key"], unique=True)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_devices_public_key"))
        batch_op.drop_index(batch_op.f("ix_devices_cookie_hash"))
        batch_op.drop_column("last_client")
        batch_op.drop_column("last_address")
        batch_op.drop_column("last_seen_at")
        batch_op.drop_column("client")
        batch_op.drop_column("certificate_sha256")
        batch_op.drop_column("public_key")
        batch_op.drop_column("cookie_hash")

    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_web_sessions_contract_id_login"))

    op.drop_table("web_sessions")
    op.drop_table("recovery_codes")
    op.drop_table("login_totp")
    op.drop_table("line_sessions")
    op.drop_table("line_networks")
    op.drop_table("group_members")
    op.drop_table("lines")
    op.drop_table("groups")
    op.drop_table("access_settings")
    op.drop_table("access_log_heads")
    with op.batch_alter_table("used_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_used_codes_forget_at"))

    op.drop_table("used_codes")
    op.drop_table("failures")
    op.drop_table("certificate_authority")
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_log_contract_id_at"))

    op.drop_table("access_log")
