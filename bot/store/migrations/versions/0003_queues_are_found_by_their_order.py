"""Queues are found by their order, however long they are

Revision: 0003, after: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_inbox_queue", "inbox", ["state", "urgent", "id", "chat_id"])
    op.create_index("ix_outbox_state_priority", "outbox", ["state", "priority", "id"])
    op.create_index("ix_cases_opened_at", "cases", ["opened_at"])
    op.create_index(
        "ix_messages_incomplete",
        "messages",
        ["id"],
        sqlite_where=sa.text("complete IS 0"),
        postgresql_where=sa.text("complete IS false"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_incomplete", "messages")
    op.drop_index("ix_cases_opened_at", "cases")
    op.drop_index("ix_outbox_state_priority", "outbox")
    op.drop_index("ix_inbox_queue", "inbox")
