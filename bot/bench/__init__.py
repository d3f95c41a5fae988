"""`bot bench`: what a turn costs, measured on the bot as a process against the local Telegram.

May import: everything; nothing imports it but the command line.
Must never know: how the rooms do what it measures; it fills the database, talks, and looks at the clock.
"""
