"""Whatever happens, in whatever state, `advance` answers; and the same arguments give the same answer."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation import Library, Phase, State, advance, dump, load, new_state
from bot.conversation.types import (
    Act,
    Alarm,
    Brought,
    Concluded,
    Elapsed,
    Event,
    FactHeard,
    FactId,
    GivenBack,
    Heard,
    Moment,
    NobodyCame,
    Ordered,
    Pressed,
    Rewrote,
    Said,
    Say,
    Started,
    Taken,
    Understood,
    Unsure,
)

from .talking import MORNING

words = st.text(max_size=80) | st.sampled_from(
    ["Isola", "sì", "{{ nome }}", "</b>", "\u202eciao", "😀" * 30, "x" * 600]
)
values = st.sampled_from(
    ["Isola", "solo", "2-5", "sito", "farsi_trovare", "delusione", "stanco", "ristorazione_bar", "telefono", "adesso",
     "tempo", "non_detto", "nessuna", "Carla"]
)  # fmt: skip
heard_facts = st.builds(FactHeard, st.sampled_from(FactId), values | words, words, st.floats(0, 1))
understood = st.builds(
    Understood, words, st.sampled_from(["it", "en", "ar", "", "xx"]), st.sampled_from(Act),
    st.lists(st.sampled_from(Act), max_size=2).map(tuple), st.floats(0, 1),
    st.lists(heard_facts, max_size=4).map(tuple),
    st.none() | st.none() | st.none() | st.sampled_from(Alarm), st.none() | st.none() | st.sampled_from(Alarm),
    words, st.lists(st.sampled_from(["carta", "iban", "boh"]), max_size=2).map(tuple),
)  # fmt: skip
heard = st.builds(Heard, st.integers(0, 50), understood)
CHOICES = [
    "ascolto:si", "ascolto:no", "persona", "persona:no", "salta:cosa_succede", "salta:nome", "basta", "avanti",
    "riassunto:si", "riassunto:correggo", "correggi:zona", "correggi:bisogno:sito", "correggi:persone:solo",
    "condivido:si", "condivido:no", "contatto:telefono", "contatto:qui", "indicazione:si", "indicazione:no",
    "fatto:urgenza:adesso", "fatto:zona:Isola", "pausa", "riprendi", "promemoria:si", "promemoria:no", "cancella:si",
    "cancella:no", "lingua:en", "lingua:it", "lingua:semplice", "voto:5", "voto:9", "nuovo:si", "nuovo:no", "tracce",
    "tracce:no", "numeri", "torno", "richiamata", "aspetto", "privacy", "x" * 99, "", ":::",
]  # fmt: skip
COMMANDS = [
    "start",
    "privacy",
    "imieidati",
    "cancella",
    "persona",
    "aiuto",
    "pausa",
    "riprendi",
    "lingua",
    "basta",
    "x",
]
events: st.SearchStrategy[Event] = st.one_of(
    st.lists(heard, max_size=3).map(lambda h: Said(tuple(h))),
    st.lists(heard, min_size=1, max_size=1).map(lambda h: Said(tuple(h))),
    st.sampled_from(CHOICES).map(Pressed),
    st.sampled_from(CHOICES).map(Pressed),
    words.map(Pressed),
    st.builds(Ordered, st.sampled_from(COMMANDS), words),
    st.builds(Started, words, st.sampled_from(["it", "en-GB", "", "zz"]), words),
    heard.map(Rewrote),
    st.builds(Brought, st.integers(0, 9), st.sampled_from(["photo", "voice", "sticker", "contact", "?"]),
              st.none() | understood, st.sampled_from(["", "333 1234567"])),
    st.builds(Elapsed, st.sampled_from(["promemoria", "altro"])),
    st.builds(Taken, words),
    st.builds(GivenBack, words, st.lists(heard_facts, max_size=2).map(tuple)),
    st.builds(Concluded, st.sampled_from(["avviato", "?"]), st.booleans()),
    st.builds(NobodyCame, st.none() | st.sampled_from(Alarm)),
    st.just(Unsure()),
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(events, max_size=14), st.integers(0, 2**31), st.booleans())
def test_any_conversation_is_answered_within_the_rules(
    library: Library, happened: list[Event], seed: int, consented: bool
) -> None:
    state = new_state()
    if consented:
        state, _ = advance(library, state, Started("Carla", "it"), Moment(MORNING, seed))
        state, _ = advance(library, state, Pressed("ascolto:si"), Moment(MORNING, seed))
    for index, event in enumerate(happened):
        moment = Moment(
            MORNING + timedelta(hours=index), seed + index, desk_open=bool(index % 2), on_call=True
        )
        after, effects = advance(library, state, event, moment)
        assert (after, effects) == advance(library, state, event, moment), (
            "the same arguments, the same answer"
        )
        says = [e for e in effects if isinstance(e, Say)]
        assert len(says) <= 2
        assert all(0 < len(s.text.encode("utf-16-le")) // 2 <= 4096 for s in says)
        assert after.phase is not Phase.WITH_ANGEL or all(s.right for s in says), (
            "only a right is answered there"
        )
        assert after.listening or not after.notes.facts
        assert load(dump(after)) == after
        assert len(dump(after)) < 60_000
        state = after


@given(st.dictionaries(st.sampled_from([f.name for f in fields(State)] + ["version", "future"]),
                       st.none() | st.integers() | st.text(max_size=9) | st.lists(st.text(max_size=3), max_size=2),
                       max_size=6))  # fmt: skip
def test_a_state_of_another_version_is_read_as_far_as_it_can_be(content: dict[str, object]) -> None:
    import json

    state = load(json.dumps(content))
    assert load(dump(state)) == state
