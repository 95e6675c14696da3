"""Calendars"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime, exact_string

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "calendars",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("name", exact_string(255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("components", sa.String(length=64), nullable=False),
        sa.Column("writers", sa.String(length=16), nullable=False),
        sa.Column("sync_number", sa.BigInteger(), nullable=False),
        sa.Column("forgotten_number", sa.BigInteger(), nullable=False),
        sa.Column("object_count", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("writers IN ('everyone', 'administrators')", name=op.f("ck_calendars_writers")),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_calendars_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "id", name=op.f("pk_calendars")),
        sa.UniqueConstraint("contract_id", "owner", "name", name=op.f("uq_calendars_contract_id_owner_name")),
    )
    op.create_table(
        "calendar_properties",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", exact_string(512), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "calendar_id"],
            ["calendars.contract_id", "calendars.id"],
            name=op.f("fk_calendar_properties_contract_id_calendar_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "calendar_id", "name", name=op.f("pk_calendar_properties")),
    )
    op.create_table(
        "calendar_objects",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", exact_string(255), nullable=False),
        sa.Column("uid", exact_string(1000), nullable=False),
        sa.Column("component", sa.String(length=16), nullable=False),
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("starts_us", sa.BigInteger(), nullable=False),
        sa.Column("ends_us", sa.BigInteger(), nullable=False),
        sa.Column("alarm_us", sa.BigInteger(), nullable=True),
        sa.Column("writer", sa.BigInteger(), nullable=False),
        sa.Column("organizer", sa.BigInteger(), nullable=True),
        sa.Column("born_number", sa.BigInteger(), nullable=False),
        sa.Column("change_number", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "calendar_id"],
            ["calendars.contract_id", "calendars.id"],
            name=op.f("fk_calendar_objects_contract_id_calendar_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "calendar_id", "name", name=op.f("pk_calendar_objects")),
        sa.UniqueConstraint(
            "contract_id", "calendar_id", "uid", name=op.f("uq_calendar_objects_contract_id_calendar_id_uid")
        ),
    )
    op.create_index(
        "ix_calendar_objects_alarm",
        "calendar_objects",
        ["alarm_us"],
        unique=False,
        sqlite_where=sa.text("alarm_us IS NOT NULL"),
        postgresql_where=sa.text("alarm_us IS NOT NULL"),
    )
    op.create_index(
        "ix_calendar_objects_change", "calendar_objects", ["contract_id", "calendar_id", "change_number"], unique=False
    )
    op.create_index(
        "ix_calendar_objects_ends", "calendar_objects", ["contract_id", "calendar_id", "ends_us"], unique=False
    )
    op.create_index("ix_calendar_objects_uid", "calendar_objects", ["contract_id", "uid"], unique=False)
    op.create_table(
        "calendar_deletions",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", exact_string(255), nullable=False),
        sa.Column("born_number", sa.BigInteger(), nullable=False),
        sa.Column("change_number", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "calendar_id"],
            ["calendars.contract_id", "calendars.id"],
            name=op.f("fk_calendar_deletions_contract_id_calendar_id"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "calendar_id", "name", name=op.f("pk_calendar_deletions")),
    )
    op.create_table(
        "calendar_people",
        sa.Column("contract_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("login", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mail_address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "login"],
            ["logins.contract_id", "logins.id"],
            name=op.f("fk_calendar_people_contract_id_login"),
        ),
        sa.PrimaryKeyConstraint("contract_id", "login", name=op.f("pk_calendar_people")),
    )


def downgrade() -> None:
    """Undo."""
    for table in ("calendar_people", "calendar_deletions", "calendar_objects", "calendar_properties", "calendars"):
        op.drop_table(table)
