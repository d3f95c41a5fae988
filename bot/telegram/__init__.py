"""The edge: updates come in and are committed, calls go out and are booked; nothing is decided here.

May import: `bot.conversation` and `bot.understanding` (types, masking), `bot.store`, `bot.desk` (events).
Must never know: what is said, who may do what, how a case is handled.
"""
