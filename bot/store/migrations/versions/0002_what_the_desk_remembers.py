"""What the desk remembers

Revision: 0002, after: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import bot.store.crypto
import bot.store.models

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("messages") as table:
        table.add_column(sa.Column("understood", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("parcel", sa.BigInteger(), nullable=True))
        table.create_index(op.f("ix_messages_parcel"), ["parcel"])
    with op.batch_alter_table("angels") as table:
        table.add_column(sa.Column("username", bot.store.crypto.Sealed(), nullable=True))
        table.add_column(sa.Column("duty_changed_at", bot.store.models.Utc(timezone=True), nullable=True))
    with op.batch_alter_table("cases") as table:
        table.add_column(sa.Column("topic_no", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("waited_seconds", sa.Integer(), nullable=True))
        table.add_column(sa.Column("rung", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("cases") as table:
        table.drop_column("rung")
        table.drop_column("waited_seconds")
        table.drop_column("topic_no")
    with op.batch_alter_table("angels") as table:
        table.drop_column("duty_changed_at")
        table.drop_column("username")
    with op.batch_alter_table("messages") as table:
        table.drop_index(op.f("ix_messages_parcel"))
        table.drop_column("parcel")
        table.drop_column("understood")
