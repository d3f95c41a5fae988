"""Operations: what whoever keeps the machine needs: a doctor, backups, keys, exports, the block list.

May import: every room (it is wiring, like `bot.cli`).
Must never know: a word that somebody wrote; it counts, copies and checks.
"""
