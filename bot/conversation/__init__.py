"""The listening dialogue: script model, loader, checker, templates, the sheet of facts and the pure engine.

May import: nothing of ours.
Must never know: Telegram, SQL, Rasa, the wall clock, randomness of its own.
"""
