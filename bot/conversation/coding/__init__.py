"""Coding of listening by rules: what a rendered text does, as one who reads it would code it (MITI 4.2).

May import: nothing of ours.
Must never know: the script's own tags, states, or which line a text came from.
"""

from bot.conversation.coding.coder import Code, Utterance, code_text, humiliating
from bot.conversation.coding.overlap import Told, stems

__all__ = ["Code", "Told", "Utterance", "code_text", "humiliating", "stems"]
