"""The ledger outside the bot: what each person sent, what the other side saw, and what is wrong between them."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

MARK = re.compile(r"\buovo-[ns]-(\d+)-(\d+)\b")
"""`uovo-n-<pair>-<number>` goes to the angel ("negozio"), `uovo-s-...` to the shopkeeper ("sportello")."""

BLOCKED, BARRED_SIGN = "ha bloccato il bot", "👎"
NOTICES = ("potrebbe non essere arrivato", "Non è certo che sia arrivato", BLOCKED)
"""What the angel reads of a message that is not certain to have arrived, or that cannot."""

WRONG = ("lost", "doubled", "disordered", "crossed", "untold", "alarming")


def mark(side: str, pair: int, number: int) -> str:
    """The word by which a message is known again."""
    return f"uovo-{side}-{pair}-{number}"


@dataclass
class Verdict:
    """What is wrong, summed over all people and both directions."""

    sent: int = 0
    seen: int = 0
    kills: int = 0
    faults: int = 0
    announced: int = 0
    uncertain: int = 0
    """Messages that the bot marked as uncertain."""
    explained: int = 0
    """Sends that a fault or the death of a process hit under way: uncertain ones may be no more."""
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    crossed: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    """Missing, and no angel was told: the bot's own mark in its books is not enough."""
    alarming: list[str] = field(default_factory=list)
    """Lines of the bot's log that must not be: a traceback, an update set aside."""
    happened: Counter[str] = field(default_factory=Counter)

    def clean(self) -> bool:
        """Nothing lost without a word, doubled, out of order, or shown to somebody else; no uncertainty without cause."""
        return not any(getattr(self, name) for name in WRONG) and self.uncertain <= self.explained

    def add(self, other: Verdict) -> None:
        """Take in another storm's."""
        for name in ("sent", "seen", "kills", "faults", "announced", "uncertain", "explained", *WRONG):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.happened += other.happened


def table(columns: dict[str, Verdict]) -> str:
    """For people: one column a storm."""
    plain = ("sent", "kills", "faults", "seen", "announced", "uncertain", "explained")
    rows = {name: [str(getattr(verdict, name)) for verdict in columns.values()] for name in plain}
    rows |= {name: [str(len(getattr(verdict, name))) for verdict in columns.values()] for name in WRONG}
    titles = {"explained": "of sends hit", "alarming": "bad log lines", "seen": "seen once"}
    head = " " * 14 + "".join(f"{name:>16}" for name in columns)
    lines = [f"{titles.get(name, name):>14}" + "".join(f"{cell:>16}" for cell in rows[name]) for name in rows]
    return "\n".join([head, *lines])


def compare(sent: list[str], seen: list[str], unsure: int, into: Verdict) -> int:
    """Hold one direction of one pair against what its receiver saw.

    Args:
        sent: Marks in the order in which they were written.
        seen: All marks of this direction that the receiver saw, of whomever, in the order of the screen.
        unsure: Messages to this receiver that the bot itself reported as uncertain, refused or blocked.
        into: Where faults are added.

    Returns:
        How many are missing.
    """
    into.sent += len(sent)
    own = set(sent)
    into.crossed += [word for word in seen if word not in own]
    counted = Counter(word for word in seen if word in own)
    into.seen += len(counted)
    into.doubled += [word for word, times in counted.items() if times > 1]
    place = {word: index for index, word in enumerate(sent)}
    line = [place[word] for word in dict.fromkeys(seen) if word in place]
    into.disordered += [sent[b] for a, b in itertools.pairwise(line) if b < a]
    missing = [word for word in sent if word not in counted]
    into.announced += min(unsure, len(missing))
    into.lost += missing[unsure:]
    return len(missing)


def welcomed(name: str, seen: list[str], calm: int, unsure: int, into: Verdict) -> None:
    """Hold what a newcomer read against what one reads in calm weather.

    Args:
        name: Who.
        seen: The bot's messages on their screen.
        calm: How many one sees when nothing breaks.
        unsure: Those that the bot marked as uncertain.
        into: Where faults are added.
    """
    into.sent += 1
    into.seen += bool(seen)
    into.lost += [f"{name}: {len(seen)} of {calm}"] if len(seen) + unsure < calm else []
    into.doubled += [f"{name}: {text[:30]}" for text, times in Counter(seen).items() if times > 1]


def alarming(lines: Iterable[str]) -> list[str]:
    """Lines of the bot's log that no storm excuses.

    A database that is away, or a full disk, at the very start ends a process (`OperationalError`), and whoever keeps
    it starts it again; one that ended so later is found by its ending.
    """
    excused = "errore inatteso: OperationalError"
    bad = (
        "Traceback",
        "errore inatteso",
        '"turn.failed"',
        '"turn.set_aside"',
        '"delivery.fault"',
        '"update.unreadable"',
    )
    return [line.strip()[:300] for line in lines if any(word in line for word in bad) and excused not in line]
