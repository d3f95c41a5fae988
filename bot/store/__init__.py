"""The store: tables, queries, migrations; one unit of work is one transaction.

May import: `bot.conversation`, `bot.understanding` (types).
Must never know: how Telegram is called, what is said to people, who may do what.
"""
