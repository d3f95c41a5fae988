"""What was not understood is found at once, however long the conversation is

Revision: 0004, after: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_messages_missed",
        "messages",
        ["case_id", "author", "id"],
        sqlite_where=sa.text("understood IS 0"),
        postgresql_where=sa.text("understood IS false"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_missed", "messages")
