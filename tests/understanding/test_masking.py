from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.masking import PLACEHOLDERS, mask, own_numbers


@pytest.mark.parametrize(
    ("text", "kind", "secret"),
    [
        ("la carta è 4111 1111 1111 1111 e scade presto", "carta", "1111 1111"),
        ("5500-0000-0000-0004", "carta", "0004"),
        ("visa 4111.1111.1111.1111 grazie", "carta", "4111"),
        ("quattro uno uno uno uno uno uno uno uno uno uno uno uno uno uno uno", "carta", "uno"),
        ("il cvv 123", "carta", "123"),
        ("vi do l'iban IT60X0542811101000000123456", "iban", "X0542"),
        ("it 60 x 05428 11101 000000123456 intestato a me", "iban", "05428"),
        ("DE89 3704 0044 0532 0130 00", "iban", "3704"),
        ("RSSMRA85T10A562S", "codice_fiscale", "RSSMRA"),
        ("cf: rss mra 85t10 a562s", "codice_fiscale", "85t10"),
        ("la password è gatto1234", "password", "gatto1234"),
        ("La password di Instagram della bottega è pippo", "password", "pippo"),
        ("psw: Milano2020!", "password", "Milano2020"),
        ("il pin è uno due tre quattro", "password", "uno due"),
        ("mi è arrivato il codice 483920, lo scrivo qui", "password", "483920"),
        ("my password is hunter2", "password", "hunter2"),
        ("contraseña: perro99", "password", "perro99"),
        ("il numero del mio commercialista è 02 6655443", "telefono_altrui", "6655443"),
        ("chiami mio marito al 333 1234567", "telefono_altrui", "1234567"),
        ("il numero di Anna è 3331234567", "telefono_altrui", "333123"),
        ("3331234567 è di mia moglie", "telefono_altrui", "333123"),
        ("mi chiama sempre uno dal 02 6655443 per vendermi Google", "telefono_altrui", "665544"),
        ("call my husband on +44 7911 123456", "telefono_altrui", "7911"),
    ],
)
def test_what_must_never_be_stored_is_hidden(text: str, kind: str, secret: str) -> None:
    masked = mask(text)
    assert masked.kinds == (kind,)
    assert secret not in masked.text
    assert PLACEHOLDERS[kind] in masked.text


@pytest.mark.parametrize(
    "text",
    [
        "ho speso 3.500 euro dal 2019 al 2024, poi altri 1.200,50",
        "ordine 4111111111111112 mai arrivato",
        "la partita iva è 02345678901",
        "ci vediamo il 02/03/2024 alle 18 30",
        "ho perso la password e non entro più",
        "la password è sempre quella",
        "mi chiedono la password e il codice",
        "codice ateco 561030",
        "la mia carta scade nel 12/2027",
        "nel 2021, 2022, 2023 e 2024 siamo andati bene",
        "siamo in tre: io, mia moglie e due ragazzi",
        "via Padova 33, 20132 Milano",
        "il mio numero è 333 1234567",
        "mi può chiamare al 333 1234567, che mia moglie dorme",
        "il fisso del negozio è 0331 123456",
    ],
)
def test_ordinary_numbers_and_words_stay(text: str) -> None:
    assert mask(text).text == text
    assert mask(text).kinds == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("il mio numero è 333 1234567", "+393331234567"),
        ("333.123.45.67 chiamatemi dopo le 15", "+393331234567"),
        ("tre tre tre, dodici, trentaquattro, cinquantasei, sette", "+393331234567"),
        ("+39 333 1234567", "+393331234567"),
        ("il numero della bottega è 02 6655443", "+39026655443"),
        ("sono Anna, la moglie di Gino, 3331234567", "+393331234567"),
        ("call me on +44 7911 123456", "+447911123456"),
    ],
)
def test_the_persons_own_number_is_found(text: str, number: str) -> None:
    assert own_numbers(text) == [number]
    assert mask(text).kinds == ()


def test_of_two_numbers_only_the_other_persons_is_hidden() -> None:
    text = "io sono allo 333 1234567, mio marito risponde al 333 7654321"
    assert mask(text).text == "io sono allo 333 1234567, mio marito risponde al [numero di telefono nascosto]"
    assert own_numbers(text) == ["+393331234567"]


def test_several_kinds_are_named_in_the_order_of_the_text() -> None:
    text = "iban IT60X0542811101000000123456, password: Ciccio88, e ancora password: Pluto77"
    assert mask(text).kinds == ("iban", "password")


_PIECES = st.sampled_from(
    [
        "4111 1111 1111 1111",
        "333 1234567",
        "la password è",
        "pin",
        "1234",
        "mio marito",
        "il mio numero",
        "IT60X0542811101000000123456",
        "RSSMRA85T10A562S",
        "tre",
        "gatto99",
        "codice",
        ",",
        ".",
        "\n",
        "[",
        "]",
        "02 6655443",
        "è",
    ]
)


@given(st.lists(_PIECES, max_size=12).map(" ".join) | st.text(max_size=200))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text)
    assert mask(once.text).text == once.text


@pytest.mark.parametrize("piece", ["1 ", "a", "4111 ", "tre ", "password ", "IT60X", "\x00", "🙂", "‮ 333"])
def test_a_hostile_length_gets_an_answer(piece: str) -> None:
    assert mask(piece * (20_000 // len(piece))).text
