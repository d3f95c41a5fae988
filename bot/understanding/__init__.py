"""Understanding: what a message says, what it means, and whether somebody is in danger.

May import: `bot.conversation`'s types.
Must never know: Telegram, SQL, scripts, who the person is beyond what the message says.
"""
