"""Facts from free text: what a message tells of the shop, read in the context of negation, time and owner.

May import: `bot.conversation`'s types, `bot.understanding.normalise`, the alarms' sentence encoder, NumPy.
Must never know: acts, alarms, scripts, the network, what was said in earlier messages.
"""

from bot.understanding.facts.loading import load_facts, train_facts
from bot.understanding.facts.reader import FactReader
from bot.understanding.facts.vocabulary import Vocabulary, VocabularyError, load_vocabulary

__all__ = ["FactReader", "Vocabulary", "VocabularyError", "load_facts", "load_vocabulary", "train_facts"]
