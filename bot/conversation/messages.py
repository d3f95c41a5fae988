"""Pydantic's complaints, in the Italian that staff read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from bot.conversation.types import Alarm, FactId


def in_italian(detail: Any, model: type[BaseModel]) -> str:
    """One error of pydantic as a sentence.

    Args:
        detail: An entry of `ValidationError.errors()`.
        model: The file's model, to suggest the key that was meant.
    """
    kind, loc, context = detail["type"], detail["loc"], detail.get("ctx", {})
    name = next((str(t) for t in reversed(loc) if isinstance(t, str) and t != "[key]"), "")
    given = detail.get("input")
    match kind:
        case "extra_forbidden":
            return f"«{name}» non è una parola che conosco qui{_meant(name, _keys(model))}"
        case "missing":
            return f"manca `{name}:`"
        case "enum":
            kind_of = (
                "un allarme"
                if given in set(Alarm) or "autolesione" in str(context)
                else "un fatto della scheda"
            )
            known = [a.value for a in Alarm] if kind_of == "un allarme" else [f.value for f in FactId]
            return f"«{given}» non è {kind_of}{_meant(str(given), known)}"
        case "literal_error":
            return f"«{given}» non va bene: si può scrivere {str(context.get('expected', '')).replace(' or ', ' o ')}"
        case "string_too_short" | "too_short":
            return f"`{name}` è vuoto: scrivere qualcosa o togliere la riga"
        case "string_too_long":
            return f"il testo è troppo lungo: al massimo {context.get('max_length')} caratteri"
        case "too_long":
            return f"`{name}` ha troppe voci: al massimo {context.get('max_length')}"
        case "string_pattern_mismatch":
            return f"«{given}» non è scritto come serve: {_pattern(str(context.get('pattern')))}"
        case "string_type":
            return "qui ci vuole un testo; se è un numero o una parola come null, metterlo tra virgolette"
        case "less_than_equal" | "greater_than_equal":
            bound = context.get("le", context.get("ge"))
            return f"`{name}` vale {given}: {'al massimo' if 'le' in context else 'almeno'} {bound}"
        case "int_type" | "int_parsing" | "int_from_float":
            return f"`{name}` è un numero intero"
        case "bool_type" | "bool_parsing":
            return f"`{name}` è true oppure false"
        case "dict_type" | "model_type" | "model_attributes_type":
            return "qui ci vogliono voci con un nome e i due punti, una per riga"
        case "list_type":
            return "qui ci vuole un elenco: righe che cominciano con un trattino"
        case "date_type" | "date_parsing" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            return f"`{name}` è una data: anno-mese-giorno, per esempio 2026-11-30"
        case "value_error":
            return str(context.get("error", "il valore non va bene"))
        case _:
            return f"`{name}` non è scritto come serve"


def _keys(model: type[BaseModel]) -> set[str]:
    """Every key of a file's model, at any depth."""
    keys: set[str] = set()
    for definition in (schema := model.model_json_schema()).get("$defs", {}).values():
        keys.update(definition.get("properties", {}))
    return keys | set(schema.get("properties", {}))


def _meant(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; forse «{close[0]}»?" if close else ""


def suggestion(word: str, known: Iterable[str]) -> str:
    """ "; forse «...»?" for a misspelt name, or nothing."""
    return _meant(word, known)


def _pattern(pattern: str) -> str:
    if ":" in pattern:
        return 'un\'ora, per esempio "09:00", tra virgolette'
    return "solo lettere minuscole, cifre e trattini bassi, senza spazi né accenti"
