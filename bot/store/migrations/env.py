"""How Alembic reaches the database: always with the connection that `bot.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from bot.store.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite cannot alter a table in place (https://www.sqlite.org/lang_altertable.html): Alembic copies it.
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=False,
    user_module_prefix="bot.store.models.",
)
with context.begin_transaction():
    context.run_migrations()
