"""Why an alarm was heard, in words for people: the rule's name and its figure stay with the case and in the audit."""

from __future__ import annotations

import re

from bot.desk.texts import DeskTexts

_READ = re.compile(r"(\w+): (?:(\S+/\S+) )?p=(\d(?:\.\d+)?)$")
_SURE, _LIKELY = 0.9, 0.6


def spoken(texts: DeskTexts, alarm: str, reason: str) -> str:
    """What gave somebody away, and how sure the program is.

    Args:
        texts: The desk's texts.
        alarm: Which alarm it is.
        reason: As understanding wrote it: `violenza: it/minacciato p=1.00`, or in words where it was a yes.
    """
    words = texts.words.signals
    read = _READ.search(reason)
    if read is None:
        return words["answered"] if reason else words["unknown"]
    named, rule, figure = read[1], read[2], float(read[3])
    told = words.get(named, words.get(alarm, words["unknown"])) if rule else words["sense"]
    if not figure:
        return told  # the rules alone were asked
    sure = "sure" if figure >= _SURE else "likely" if figure >= _LIKELY else "perhaps"
    return f"{told}, {words[sure]}"
