"""Alarms: is somebody in danger. Rules first, then a small classifier, and where both leave a doubt, one gentle question.

May import: `bot.conversation`'s types, `bot.understanding.normalise`, NumPy, the sentence encoder.
Must never know: acts, facts, Rasa, who is speaking, what happens once an alarm is sounded.
"""

from bot.understanding.alarms.answers import Answer, load_answers, load_safety
from bot.understanding.alarms.ear import AlarmEar, Verdict, load_alarms, train_alarms
from bot.understanding.alarms.rules import AlarmDataError

__all__ = [
    "AlarmDataError",
    "AlarmEar",
    "Answer",
    "Verdict",
    "load_alarms",
    "load_answers",
    "load_safety",
    "train_alarms",
]
