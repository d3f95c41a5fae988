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


def name(scene: Scene, lexicon: Lexicon, asked: str) -> list[FactHeard]:
    """`nome`: after "mi chiamo", after "sono la", or as the answer to the question; at most one."""
    for mark in [m for m in scene.matches if m.sense.topic == _FACT]:
        strict = mark.sense.value == "maybe"
        found = _name_at(scene, mark.end, lexicon, strict=strict)
        if found and not (strict and not _introduces(scene, mark, found)):
            return [_heard(scene, mark.start, found, lexicon)]
    if asked == _FACT and scene.tokens and len(scene.tokens) <= LONGEST_ANSWER:
        for start in range(len(scene.tokens)):
            if found := _name_at(scene, start, lexicon, strict=len(scene.tokens) > 2):
                return [_heard(scene, start, found, lexicon)]
    return []


def _introduces(scene: Scene, mark: Match, found: tuple[int, int]) -> bool:
    """"Sono Carla" opens its clause; "quelli di Milano sono Sala" does not."""
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
    if at == first or tokens[first].norm in not_names or (first > start and tokens[first].apart == STRONG):
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
    shown = [t.raw if t.norm in titles or not t.raw.islower() else t.raw.capitalize() for t in scene.tokens[slice(*span)]]
    if len(shown) == 1 and shown[0].isupper() and len(shown[0]) > 2:
        shown = [shown[0].capitalize()]
    match = Match(min(start, span[0]), span[1], Sense(_FACT, "", ""))
    return heard(scene, match, _FACT, " ".join(shown))
