"""Privacy: consent, access, erasure, retention.

May import: `bot.conversation`, `bot.understanding` (types), `bot.store`.
Must never know: Telegram, the desk's ways, what the dialogue says.
"""
