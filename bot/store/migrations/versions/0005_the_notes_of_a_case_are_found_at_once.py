"""The notes of a case are found at once, however long the conversation is

Revision: 0005, after: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_messages_notes",
        "messages",
        ["case_id", "author", "id"],
        sqlite_where=sa.text("author = 'note'"),
        postgresql_where=sa.text("author = 'note'"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_notes", "messages")
