"""How they want to be called."""

from __future__ import annotations

from bot.conversation.types import FactHeard, FactId
from bot.understanding.facts.hearing import heard
from bot.understanding.facts.phrases import Match, Sense
from bot.understanding.facts.scene import Scene
from bot.understanding.facts.vocabulary import Lexicon
from bot.understanding.facts.wording import NONE, STRONG, Token

_FACT = FactId.NOME
LONGEST_ANSWER = 5
SHORTEST_LETTER = 4
"""Words that come before a signature, at least."""
OPENING = "apertura"
"""What is asked before anything was said."""
CALLED = "called"
"""Marks of the name that people use for them; it goes before the one on their papers."""


def name(scene: Scene, lexicon: Lexicon, asked: str) -> list[FactHeard]:
    """`nome`: after "mi chiamo", after "sono la", or as the answer to the question; at most one."""
    marks = [m for m in scene.matches if m.sense.topic == _FACT]
    for mark in sorted(marks, key=lambda m: m.sense.value != CALLED):
        strict = mark.sense.value == "maybe" or (mark.sense.value == CALLED and asked != _FACT)
        found = _name_at(scene, mark.end, lexicon, strict=strict)
        if found and not (mark.sense.value == "maybe" and not _introduces(scene, mark, found)):
            return [_heard(scene, mark.start, found, lexicon)]
    last = scene.corrected_from
    if asked == _FACT and last >= 0 and (found := _name_at(scene, last, lexicon, strict=True)):
        return [_heard(scene, last, found, lexicon)]  # "Luisa, anzi Lulù"
    if asked == _FACT and scene.tokens and len(scene.tokens) <= LONGEST_ANSWER:
        for start in range(len(scene.tokens)):
            if found := _name_at(scene, start, lexicon, strict=len(scene.tokens) > 2):
                return [_heard(scene, start, found, lexicon)]
    first = _name_at(scene, 0, lexicon, strict=True) if asked == _FACT and scene.tokens else None
    if first and (normal_known(scene.tokens[first[0]], lexicon) or _stands_apart(scene, first)):
        return [_heard(scene, 0, first, lexicon)]
    signed = _introduced(scene, lexicon, asked) or _signature(scene, lexicon)
    return [_heard(scene, signed[0], signed, lexicon)] if signed else []


def named_after(scene: Scene, mark: Match, lexicon: Lexicon) -> bool:
    """True when a person's name follows: "mi chiami Carla" is no request for a call."""
    return _name_at(scene, mark.end, lexicon, strict=True) is not None


def _stands_apart(scene: Scene, span: tuple[int, int]) -> bool:
    """ "Wu, è il cognome": something follows, kept apart."""
    return span[1] < len(scene.tokens) and scene.tokens[span[1]].apart != NONE


def _introduced(scene: Scene, lexicon: Lexicon, asked: str) -> tuple[int, int] | None:
    """ "Buongiorno, Marta del negozio di giocattoli", "Marta, giocattoli in Isola"; "ciao Marta" greets somebody else."""
    tokens = scene.tokens
    at = 0
    while at < min(len(tokens), 3) and tokens[at].norm in lexicon.words("greetings"):
        at += 1
    if at + 1 >= len(tokens) or tokens[at].apart == NONE or not normal_known(tokens[at], lexicon):
        return None
    from_shop = tokens[at + 1].norm in lexicon.words("from_shop") and tokens[at + 1].apart == NONE
    opens = asked == OPENING and tokens[at + 1].apart != NONE
    return (at, at + 1) if (from_shop or opens) and tokens[at].raw[:1].isupper() else None


def _signature(scene: Scene, lexicon: Lexicon) -> tuple[int, int] | None:
    """A first name alone at the end of a letter: "... Grazie, Fabrizio"."""
    tokens, polite = scene.tokens, lexicon.words("sign_off")
    last = len(tokens)
    first = last - 1
    while (
        first > 0
        and last - first < 3
        and tokens[first].apart == NONE
        and normal_known(tokens[first - 1], lexicon)
    ):
        first -= 1
    if first < SHORTEST_LETTER or not all(
        normal_known(t, lexicon) and t.raw[:1].isupper() for t in tokens[first:]
    ):
        return None
    after_thanks = tokens[first - 1].norm in polite
    return (first, last) if after_thanks or tokens[first].apart == STRONG else None


def _introduces(scene: Scene, mark: Match, found: tuple[int, int]) -> bool:
    """ "Sono Carla" opens its clause; "quelli di Milano sono Sala" does not."""
    first, _ = scene.clause(mark.start)
    return mark.start - first <= 2


def _name_at(scene: Scene, at: int, lexicon: Lexicon, *, strict: bool) -> tuple[int, int] | None:
    tokens = scene.tokens
    titles, not_names = lexicon.words("titles"), lexicon.words("not_names")
    start = at
    while at < len(tokens) and tokens[at].norm in lexicon.words("name_articles") and at - start < 2:
        at += 1
    start = at
    titled = False
    while at < len(tokens) and tokens[at].norm in titles and (at == start or tokens[at].apart == NONE):
        at, titled = at + 1, True
    first = at
    while at < len(tokens) and at - first < 3 and (at == first or tokens[at].apart == NONE):
        if not _could_be(tokens[at], lexicon, strict=strict and not titled, later=at > first):
            break
        at += 1
    shortened = titled and scene.text[tokens[first - 1].end :][:1] == "."
    if (
        at == first
        or tokens[first].norm in not_names
        or (first > start and tokens[first].apart == STRONG and not shortened)
    ):
        return None
    return start, at


def _could_be(token: Token, lexicon: Lexicon, *, strict: bool, later: bool) -> bool:
    if not token.norm.isalpha() or len(token.norm) < 2 or token.norm in lexicon.words("not_names"):
        return False
    known = normal_known(token, lexicon)
    if later:
        return token.raw[:1].isupper() or (known and token.norm not in lexicon.words("conjunctions"))
    return known or (token.raw[:1].isupper() and not lexicon.tree.knows(token.norm)) or not strict


def normal_known(token: Token, lexicon: Lexicon) -> bool:
    """True for a first name of the list."""
    return token.norm in lexicon.words("first_names")


def _heard(scene: Scene, start: int, span: tuple[int, int], lexicon: Lexicon) -> FactHeard:
    titles = lexicon.words("titles")
    shown = [
        t.raw if t.norm in titles or not t.raw.islower() else t.raw.capitalize()
        for t in scene.tokens[slice(*span)]
    ]
    if any(t.norm in titles for t in scene.tokens[slice(*span)]) and not any(
        t.raw.islower() and t.norm not in titles for t in scene.tokens[slice(*span)]
    ):
        shown = [scene.text[scene.tokens[span[0]].start : scene.tokens[span[1] - 1].end]]
    if len(shown) == 1 and shown[0].isupper() and len(shown[0]) > 2:
        shown = [shown[0].capitalize()]
    match = Match(min(start, span[0]), span[1], Sense(_FACT, "", ""))
    return heard(scene, match, _FACT, " ".join(shown))
