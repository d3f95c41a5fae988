"""The Bot API's methods, grouped as its documentation groups them.

May import: the rest of the local Telegram.
Must never know: HTTP, and who calls.
"""

from bot.rehearsal.methods import commands, edits, files, forwards, media, members, messages, topics, updates

__all__ = ["commands", "edits", "files", "forwards", "media", "members", "messages", "topics", "updates"]
