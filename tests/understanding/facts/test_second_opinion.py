"""The second opinion and the judge: learnt from examples that staff can read, weighed against what the rules hear."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.conversation.types import FactHeard, FactId, How
from bot.understanding.facts import FactReader, Vocabulary, load_facts
from bot.understanding.facts.examples import Example, ExampleError, read_examples
from bot.understanding.facts.judge import CERTAINTY, Candidate, Judge, fit_judge
from bot.understanding.facts.opinion import Opinion, Opinions
from bot.understanding.facts.second import SecondOpinion, fit
from tests.understanding.places import NLU

BOTH = Judge(
    {"heard": 3.0, "sounds": -2.0, "sounds, alike": 5.0, "sounds, another heard of one": -5.0}
    | dict.fromkeys(
        [f"sounds, named as not so, {kind}" for kind in ("need", "there", "else")]
        + ["sounds, question", "sounds, others", "sounds, look-alike"],
        -5.0,
    )
)
"""Believes the rules, and an opinion where they hear nothing and nothing speaks against it."""


class Says:
    """Has one opinion, whatever it reads."""

    def __init__(self, fact: FactId, value: str, score: float = 0.9) -> None:
        self._opinion = (fact, value)
        self._score = score

    def opinions(self, text: str, asked: str) -> Opinions:
        return Opinions((Opinion(*self._opinion, text, self._score),), {})


def told(vocabulary: Vocabulary, second: Says, text: str, judge: Judge = BOTH) -> set[str]:
    facts = FactReader(vocabulary, second, judge).read(text, "", "it")
    return {f"{fact.fact.value} {fact.value}" for fact in facts}


def test_an_opinion_is_kept_as_inferred_where_no_rule_hears_the_fact(vocabulary: Vocabulary) -> None:
    facts = FactReader(vocabulary, Says(FactId.OSTACOLI, "tempo"), BOTH).read("la sabbia scorre", "", "it")
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
def test_what_speaks_against_an_opinion_reaches_the_judge(
    vocabulary: Vocabulary, fact: FactId, value: str, text: str
) -> None:
    assert f"{fact.value} {value}" not in told(vocabulary, Says(fact, value), text)


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        (FactId.PRESENZA_OGGI, "ci ha fatto il sito e poi è sparito"),
        (FactId.PRESENZA_OGGI, "il sito l'anno dopo non c'era più"),
        (FactId.PRESENZA_OGGI, "non ho né sito né instagram"),
        (FactId.BISOGNO, "abbiamo pagato 2400 euro per un sito, e poi non s'è più visto nessuno"),
    ],
)
def test_what_has_gone_or_is_not_there_is_no_fact_whatever_it_sounds_like(
    vocabulary: Vocabulary, fact: FactId, text: str
) -> None:
    certain = Judge({"heard": 3.0, "sounds": 3.0})
    assert f"{fact} sito" in told(vocabulary, Says(fact, "sito"), "si parlava d'altro", certain)
    assert f"{fact} sito" not in told(vocabulary, Says(fact, "sito"), text, certain)


def test_the_judge_may_take_away_what_a_rule_heard(vocabulary: Vocabulary) -> None:
    text, doubtful = "siamo in tre in negozio", Judge({"sounds": -1.0, "heard": -1.0, "heard, alike": 4.0})
    assert told(vocabulary, Says(FactId.PERSONE, "2-5"), text, doubtful) == {"persone 2-5"}
    assert told(vocabulary, Says(FactId.PERSONE, "solo"), text, doubtful) == set()


def test_a_bare_answer_to_the_very_question_is_not_weighed(vocabulary: Vocabulary) -> None:
    doubtful = FactReader(
        vocabulary, Says(FactId.COME_STA, "sereno", 0.0), Judge({"heard": -9.0, "sounds": -9.0})
    )
    assert [fact.value for fact in doubtful.read("subito", "urgenza", "it")] == ["adesso"]
    assert doubtful.read("subito", "come_sta", "it") == ()


def test_who_does_not_know_tells_nothing(vocabulary: Vocabulary) -> None:
    credulous = Judge({"sounds": 9.0})
    assert told(vocabulary, Says(FactId.OSTACOLI, "competenze"), "boh, non saprei", credulous) == set()


def test_what_is_only_named_may_be_a_fact(vocabulary: Vocabulary) -> None:
    credulous = Judge({"sounds": -1.0, "sounds, named, there": 5.0})
    assert "presenza_oggi facebook" in told(
        vocabulary, Says(FactId.COME_STA, "sereno"), "la gente, facebook", credulous
    )


def test_of_a_fact_with_one_value_the_likeliest_is_kept(vocabulary: Vocabulary) -> None:
    judge = Judge({"heard": 0.5, "sounds": -3.0, "sounds, alike": 6.0})
    assert told(vocabulary, Says(FactId.PERSONE, "solo"), "siamo in tre in negozio", judge) == {
        "persone solo"
    }


def test_a_judge_is_fitted_on_what_held_in_stories() -> None:
    def heard(value: str, alike: float) -> Candidate:
        fact = FactHeard(FactId.OSTACOLI, value, "parole")
        return Candidate(FactId.OSTACOLI, value, fact, None, {"heard": 1.0, "heard, alike": alike})

    story = ([heard("tempo", 0.8), heard("soldi", 0.1)], frozenset({("ostacoli", "tempo")}))
    judge = fit_judge([story] * 20)
    assert [fact.value for fact in judge.facts(story[0])] == ["tempo"]


def test_the_judge_hears_an_opinion_that_has_not_learnt_its_stories() -> None:
    story = Example("il gatto dorme sul banco", "", frozenset({("ostacoli", "tempo")}), judged=True)
    others = [
        Example(text, "", frozenset({("come_sta", "sereno")})) for text in ("va tutto bene", "sto bene")
    ]
    learnt, [(less, stories)] = fit([*others, story])
    assert stories == [story]
    assert SecondOpinion(learnt).scores([story.text], "").max() > 0.5 > 0.1
    assert SecondOpinion(less).scores([story.text], "")[0, 1] < 0.1
    assert SecondOpinion(learnt).opinions(story.text, "").whole[FactId.OSTACOLI, "tempo"] > 0.5
    assert SecondOpinion(less).opinions(story.text, "").whole[FactId.OSTACOLI, ""] < 0.1
    column = list(less.labels).index("ostacoli tempo")
    assert list(less.pulls[:, column]) == pytest.approx([0, 0, 0], abs=1e-6), (
        "nothing was learnt of what it tells"
    )


def test_leaving_stories_out_gives_what_was_learnt_without_them() -> None:
    texts = ("sto bene", "va tutto male", "non ho tempo", "non ho soldi")
    examples = [
        Example(
            text,
            "",
            frozenset({("come_sta" if text[2] == "o" else "ostacoli", text.split()[-1])}),
            judged=row > 1,
        )
        for row, text in enumerate(texts)
    ]
    _, parts = fit(examples)
    for less, stories in parts:
        [out] = [texts.index(story.text) for story in stories]
        inside = [row for row in range(4) if row != out]
        near = SecondOpinion(less).scores([texts[row] for row in inside], "")
        assert not less.pulls[out].any()
        for row, scores in zip(inside, near + 0.1 * less.pulls[inside], strict=True):
            [(fact, value)] = examples[row].told
            wanted = [float(str(label) in (fact, f"{fact} {value}")) for label in less.labels]
            assert scores == pytest.approx(wanted, abs=1e-3), "ridge regression on the others"


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
    second = SecondOpinion(fit(read_examples([file]))[0])
    labels = [str(label) for label in second._learnt.labels]
    scores = second.scores(["non ho un minuto libero al giorno", "vendo scarpe in centro"], "ostacoli")
    assert {labels[k] for k in scores[0].argsort()[-2:]} == {"ostacoli", "ostacoli tempo"}
    assert scores[0].max() > 2 * scores[1].max()


def test_every_fault_of_the_examples_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("fact: umore\nvalues:\n  bello: |\n    sto bene\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("stories:\n  - {text: ciao, facts: {meteo: sole}}\n", encoding="utf-8")
    with pytest.raises(ExampleError) as wrong:
        read_examples(sorted(tmp_path.glob("*.yml")))
    assert ["umore" in p or "meteo" in p for p in wrong.value.problems] == [True, True]


def test_loading_never_trains_it_says_what_is_missing_and_the_rules_go_on_alone(tmp_path: Path) -> None:
    (tmp_path / "nlu" / "facts").mkdir(parents=True)
    (tmp_path / "nlu" / "vocabulary").symlink_to(NLU / "vocabulary")
    (tmp_path / "nlu" / "facts" / "a.yml").write_text(
        "fact: come_sta\nvalues:\n  stanco: |\n    sono cotto\n", encoding="utf-8"
    )
    told: list[str] = []
    reader = load_facts(tmp_path, told.append)
    assert "non ha ancora imparato" in told[0]
    assert not (tmp_path / "nlu" / "models").exists(), "nothing was learnt by loading"
    assert [fact.fact for fact in reader.read("siamo in Isola", "zona", "it")] == [FactId.ZONA]
