"""Rasa components of our own: what was asked, what a sentence means, which letters it is made of, which act it is.

May import: Rasa, NumPy, SciPy, scikit-learn, the sentence encoder.
Must never know: the bot, Telegram, any database, who is speaking.
"""
