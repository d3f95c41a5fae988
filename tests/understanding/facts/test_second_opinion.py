"""The second opinion: learnt from examples, heard only where the rules hear nothing and deny nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.conversation.types import FactId, How
from bot.understanding.facts import FactReader, Vocabulary
from bot.understanding.facts.opinion import CERTAINTY, Opinion
from bot.understanding.facts.second import ExampleError, SecondOpinion, fit, read_examples


class Says:
    """Has one opinion, whatever it reads."""

    def __init__(self, fact: FactId, value: str) -> None:
        self._opinion = (fact, value)

    def opinions(self, text: str, asked: str) -> list[Opinion]:
        return [Opinion(*self._opinion, text, 0.9)]


def told(vocabulary: Vocabulary, second: Says, text: str, asked: str = "") -> dict[str, How]:
    facts = FactReader(vocabulary, second).read(text, asked, "it")
    return {f"{fact.fact.value} {fact.value}": fact.how for fact in facts}


def test_an_opinion_is_kept_as_inferred_where_no_rule_hears_the_fact(vocabulary: Vocabulary) -> None:
    facts = FactReader(vocabulary, Says(FactId.OSTACOLI, "tempo")).read("la sabbia scorre", "", "it")
    assert [(f.fact, f.value, f.how, f.certainty) for f in facts] == [
        (FactId.OSTACOLI, "tempo", How.INFERRED, CERTAINTY)
    ]


@pytest.mark.parametrize(
    ("fact", "value", "text"),
    [
        (FactId.BISOGNO, "sito", "il sito non mi serve"),
        (FactId.BISOGNO, "sito", "se avessi dieci anni di meno farei il sito"),
        (FactId.COME_STA, "deluso", "sono arrabbiata, ecco"),
        (FactId.ESPERIENZE_PASSATE, "truffa", "non era una truffa"),
        (FactId.OSTACOLI, "soldi", "quanto costa tutto questo?"),
        (FactId.COME_STA, "stanco", "mia sorella ha un bar e lavora troppo"),
    ],
)
def test_an_opinion_is_silent_where_the_rules_hear_the_fact_or_hear_it_denied(
    vocabulary: Vocabulary, fact: FactId, value: str, text: str
) -> None:
    assert f"{fact.value} {value}" not in told(vocabulary, Says(fact, value), text)


def test_what_was_learnt_is_found_again_in_other_words(tmp_path: Path) -> None:
    file = tmp_path / "ostacoli.yml"
    file.write_text(
        """
fact: ostacoli
values:
  tempo: |
    lavoro dodici ore al giorno
    non ho un minuto libero
    <ostacoli> sono sempre di corsa
  soldi: |
    non ho soldi da spendere
    costa tutto troppo
none: |
    ho un bar in centro
    vendo scarpe
stories:
  - text: la sera sono cotto e in cassa non c'è un euro
    facts: {ostacoli: [soldi], come_sta: stanco}
""",
        encoding="utf-8",
    )
    second = SecondOpinion(fit(read_examples([file])))
    labels = [str(label) for label in second._learnt.labels]
    scores = second.scores(["non ho un minuto libero al giorno", "vendo scarpe in centro"], "ostacoli")
    assert labels[int(scores[0].argmax())] == "ostacoli tempo"
    assert scores[0].max() > 2 * scores[1].max()


def test_every_fault_of_the_examples_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("fact: umore\nvalues:\n  bello: |\n    sto bene\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("stories:\n  - {text: ciao, facts: {meteo: sole}}\n", encoding="utf-8")
    with pytest.raises(ExampleError) as wrong:
        read_examples(sorted(tmp_path.glob("*.yml")))
    assert ["umore" in p or "meteo" in p for p in wrong.value.problems] == [True, True]
