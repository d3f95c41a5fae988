"""Voice messages: from sound to words, on this machine, in a process of its own.

May import: `bot.understanding`'s supervision; `child.py` alone imports faster-whisper, in the child.
Must never know: Telegram, SQL, who is speaking, what is done with the words.
"""
