"""Rasa from outside: asking it over HTTP, keeping it alive, training it when its examples change.

May import: `bot.conversation`'s types, httpx.
Must never know: Rasa's Python code (its room is `nlu/`, its Python another), Telegram, SQL, who is speaking.
"""
