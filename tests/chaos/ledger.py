"""The ledger outside the bot: what each person sent, what the other side saw, and what is wrong between them."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field

MARK = re.compile(r"\buovo-[ns]-(\d+)-(\d+)\b")
"""`uovo-n-<pair>-<number>` goes to the angel ("negozio"), `uovo-s-...` to the shopkeeper ("sportello")."""


def mark(side: str, pair: int, number: int) -> str:
    """The word by which a message is known again."""
    return f"uovo-{side}-{pair}-{number}"


@dataclass
class Verdict:
    """What is wrong, summed over all pairs and both directions."""

    sent: int = 0
    seen: int = 0
    announced: int = 0
    uncertain: int = 0
    """Messages that the bot marked as uncertain."""
    explained: int = 0
    """Sends that a fault or the death of a process hit under way: uncertain ones may be no more."""
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    crossed: list[str] = field(default_factory=list)

    def clean(self) -> bool:
        """Nothing lost without a word, doubled, out of order, or shown to somebody else; no uncertainty without cause."""
        faulty = self.lost or self.doubled or self.disordered or self.crossed
        return not faulty and self.uncertain <= self.explained

    def table(self) -> str:
        """For people."""
        names = ("lost", "doubled", "disordered", "crossed")
        rows = [(name, str(len(getattr(self, name)))) for name in names]
        rows = [("sent", str(self.sent)), ("seen", str(self.seen)), ("announced", str(self.announced)), *rows]
        rows += [("uncertain", str(self.uncertain)), ("of sends hit", str(self.explained))]
        return "\n".join(f"{name:>12}  {value:>8}" for name, value in rows)


def compare(sent: list[str], seen: list[str], unsure: int, into: Verdict) -> None:
    """Hold one direction of one pair against what its receiver saw.

    Args:
        sent: Marks in the order in which they were written.
        seen: All marks of this direction that the receiver saw, of whomever, in the order of the screen.
        unsure: Messages to this receiver that the bot itself reported as uncertain, refused or blocked.
        into: Where faults are added.
    """
    into.sent += len(sent)
    into.seen += len(seen)
    own = set(sent)
    into.crossed += [word for word in seen if word not in own]
    counted = Counter(word for word in seen if word in own)
    into.doubled += [word for word, times in counted.items() if times > 1]
    place = {word: index for index, word in enumerate(sent)}
    line = [place[word] for word in dict.fromkeys(seen) if word in place]
    into.disordered += [sent[b] for a, b in itertools.pairwise(line) if b < a]
    missing = [word for word in sent if word not in counted]
    into.announced += min(unsure, len(missing))
    into.lost += missing[unsure:]
