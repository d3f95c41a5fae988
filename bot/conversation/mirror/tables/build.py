# /// script
# requires-python = ">=3.11"
# dependencies = ["verbecc==2.0.3", "wordfreq==3.1.1", "simplemma==2.0.0"]
# ///
# mypy: ignore-errors
"""Builds the mirror's tables: Italian verb forms, and the words that are surely spelled right.

Run from this folder, off line once the packages are there, whenever a list below changes::

    uv run --script build.py

`verbs.tsv.gz`: one verb a line, frequent ones only: infinitive, past participle, then seven columns of six forms
(present, imperfect, future, past historic, conditional, subjunctive, past subjunctive; io tu lui noi voi loro).
`words_it.txt.gz`, `words_en.txt.gz`: one word a line, lower case, sorted.
"""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import simplemma
import verbecc.src.defs.types.config.verbecc_config as settings

# Its default trains a model for 90 s to guess verbs it has no table of; we take only those that it has.
settings.VerbeccConfig.ENABLE_ML_PREDICTION = False
import verbecc.src.defs.types.data.verbs as verb_data  # noqa: E402

verb_data.config.ENABLE_ML_PREDICTION = False
from verbecc import CompleteConjugator, ConjugatorError, LangCodeISO639_1  # noqa: E402
from wordfreq import top_n_list, zipf_frequency  # noqa: E402

HERE = Path(__file__).parent
TENSES = (
    ("indicativo", "presente"),
    ("indicativo", "imperfetto"),
    ("indicativo", "futuro"),
    ("indicativo", "passato-remoto"),
    ("condizionale", "presente"),
    ("congiuntivo", "presente"),
    ("congiuntivo", "imperfetto"),
)
NEWER = [
    "cliccare",
    "postare",
    "taggare",
    "chattare",
    "googlare",
    "scannerizzare",
    "digitalizzare",
    "sponsorizzare",
    "fidelizzare",
    "linkare",
    "twittare",
    "whatsappare",
    "formattare",
    "resettare",
    "rebrandizzare",
    "bannare",
    "hackerare",
    "arrangiare",
    "riparare",
    "rammendare",
    "impagliare",
    "sfornare",
    "imbottigliare",
    "incartare",
    "fotocopiare",
    "fatturare",
    "ricamare",
    "riempire",
    "tinteggiare",
    "allestire",
    "imbastire",
    "affettare",
    "sfilettare",
    "macinare",
    "confezionare",
]
"""Verbs of the trade, however rare; those that tables of twenty years ago lack go as `lavare`."""

MENDED = {"correre": "ricorrere"}
"""Verbs whose table is wrong in the source, and a sister that differs by its first letters only."""

LEAST_VERB, LEAST_WORD, LEAST_LEMMA = 2.75, 2.6, 1.6
"""Zipf frequencies: of a verb's commonest form, of any word, of a word that the lemmatiser knows."""


def plain(word: str) -> str:
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def forms(tense: list[dict[str, object]]) -> list[str]:
    """io tu lui noi voi loro, without the pronouns that the source writes before them."""
    found: dict[tuple[str, str], str] = {}
    for entry in tense:
        words = str(entry["c"][0]).split()  # type: ignore[index]
        found.setdefault((str(entry["n"]), str(entry["p"])), words[-1])
    return [found.get((n, p), "") for n in "sp" for p in "123"]


def verbs() -> list[str]:
    """The lines of the verb table."""
    conjugator = CompleteConjugator(LangCodeISO639_1.it)
    lines = []
    wanted = [v for v in conjugator.get_infinitives() if v.endswith(("are", "ere", "ire", "rre"))]
    for infinitive in sorted({*wanted, *NEWER, *MENDED}):
        if (
            max(zipf_frequency(w, "it") for w in (infinitive, plain(infinitive))) < LEAST_VERB
            and infinitive not in NEWER
        ):
            continue
        source = model = infinitive
        if infinitive in NEWER and infinitive not in wanted:
            model = "pagare" if infinitive[-4] in "cg" else "lavare"
        try:
            source = MENDED.get(model, model)
            moods = json.loads(conjugator.conjugate(source).to_json())["moods"]
            columns = [forms(moods[mood][tense]) for mood, tense in TENSES]
            participle = str(moods["participio"]["participio-passato"][0]["c"][0])
        except (KeyError, IndexError, ConjugatorError):  # defective, or wrong in the source: not turned
            print("senza tabella:", infinitive)
            continue
        if model != infinitive:
            columns = [[infinitive[:-3] + f[len(model) - 3 :] for f in column] for column in columns]
            participle = infinitive[:-3] + "ato"
        if infinitive in MENDED:
            cut = len(source) - len(infinitive)
            columns, participle = [[f[cut:] for f in column] for column in columns], participle[cut:]
        if all(all(column) for column in columns):
            lines.append("\t".join([infinitive, participle, *(",".join(c) for c in columns)]))
    return lines


def words(language: str, count: int, verbs: Iterable[str] = ()) -> list[str]:
    """Words that are surely right: frequent or known, not an accent forgotten, no form of a verb without a table."""
    tabled = {line.split("\t")[0] for line in verbs}
    ranked = [w for w in top_n_list(language, count) if w.replace("'", "").isalpha()]
    accented = {plain(w): w for w in reversed(ranked) if w != plain(w)}
    kept = set()
    for word in ranked:
        frequency = zipf_frequency(word, language)
        known = simplemma.is_known(word, language)
        twin = accented.get(word)
        if twin and not known and zipf_frequency(twin, language) > frequency:
            continue
        lemma = simplemma.lemmatize(word, language)
        if tabled and lemma != word and lemma.endswith(("are", "ere", "ire", "rre")) and lemma not in tabled:
            continue
        if frequency >= (LEAST_LEMMA if known else LEAST_WORD):
            kept.add(word)
    return sorted(kept)


def save(name: str, lines: list[str]) -> None:
    """Write a table; the same content gives the same bytes."""
    with open(HERE / name, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(("\n".join(lines) + "\n").encode())
    print(f"{name}: {len(lines)} righe, {(HERE / name).stat().st_size // 1024} kB")


if __name__ == "__main__":
    table = verbs()
    save("verbs.tsv.gz", table)
    save("words_it.txt.gz", words("it", 250_000, table))
    save("words_en.txt.gz", words("en", 60_000))
