"""Small circles of Italian words that grammar turns on: people, kin, possessives, what stands before a place."""

from __future__ import annotations

import re

POSSESSIVES = {"mio": ("suo", "tuo"), "mia": ("sua", "tua"), "miei": ("suoi", "tuoi"), "mie": ("sue", "tue")}

OURS = {"nostro": "vostro", "nostra": "vostra", "nostri": "vostri", "nostre": "vostre"}

OBJECTS = frozenset(["lo", "la", "li", "le", "ne", "l'", "n'"])

PEOPLE = frozenset(
    [
        "moglie",
        "marito",
        "figlio",
        "figlia",
        "padre",
        "madre",
        "papà",
        "mamma",
        "fratello",
        "sorella",
        "nipote",
        "cugino",
        "cugina",
        "zio",
        "zia",
        "nonno",
        "nonna",
        "suocera",
        "suocero",
        "genero",
        "nuora",
        "socio",
        "socia",
        "collega",
        "commesso",
        "commessa",
        "cameriere",
        "cameriera",
        "ragazzo",
        "ragazza",
        "amico",
        "amica",
        "vicino",
        "vicina",
        "commercialista",
        "dipendente",
        "cliente",
        "signora",
        "signore",
        "proprietario",
        "proprietaria",
        "padrone",
        "compagno",
        "compagna",
    ]
)

KIN = frozenset(
    [
        "moglie",
        "marito",
        "figlio",
        "figlia",
        "figli",
        "figlie",
        "padre",
        "madre",
        "fratello",
        "sorella",
        "fratelli",
        "sorelle",
        "nipote",
        "nipoti",
        "cugino",
        "cugina",
        "cugini",
        "zio",
        "zia",
        "nonno",
        "nonna",
        "nonni",
        "suocera",
        "suocero",
        "suoceri",
        "genero",
        "nuora",
        "cognato",
        "cognata",
        "mamma",
        "papà",
        "conto",
        "parere",
        "avviso",
        "modo",
        "carico",
        "nome",
        "volta",
    ]
)

FEAR = frozenset(
    [
        "paura",
        "male",
        "bene",
        "piacere",
        "comodo",
        "fatica",
        "gola",
        "schifo",
        "voglia",
        "effetto",
        "impressione",
        "specie",
        "rabbia",
    ]
)

TIMES = frozenset(["anni", "anno", "mesi", "mese", "settimane", "settimana", "giorni", "tempo", "ore"])

CAUSED = frozenset(
    [
        "litigare",
        "lavorare",
        "dormire",
        "impazzire",
        "correre",
        "sorridere",
        "ridere",
        "uscire",
        "tornare",
        "vivere",
        "campare",
    ]
)
"""What somebody is made to do: the person is the object ("mi fa litigare", "la fa litigare")."""

NEEDS_A = frozenset(
    ["insegnare", "imparare", "cominciare", "iniziare", "provare", "riuscire", "aiutare", "continuare"]
)
"""Verbs that take "a" before an infinitive."""

FOLKS = frozenset(
    [
        "uomo",
        "donna",
        "gente",
        "persona",
        "persone",
        "ragazzi",
        "signora",
        "signore",
        "cliente",
        "clienti",
        "giovani",
        "turisti",
        "amico",
    ]
)

AFTER_WORK = frozenset(
    [
        ",",
        "solo",
        "sola",
        "soli",
        "sole",
        "insieme",
        "tanto",
        "molto",
        "poco",
        "troppo",
        "tutti",
        "tutte",
        "ogni",
        "tutto",
        "tutta",
        "senza",
        "part",
        "mezza",
        "mia",
        "mio",
    ]
)

ATTACHED = re.compile(r"(?:r|ndo)(?:mi|me(?:ne|l[oaie]))$")

STREETS = frozenset({"via", "viale", "corso", "piazza", "piazzale", "zona"})

BEFORE_PLACE = frozenset(
    {
        "",
        ",",
        "e",
        "o",
        "mio",
        "nostro",
        "nuovo",
        "piccolo",
        "vecchio",
        "stesso",
        "primo",
        "secondo",
        "bel",
        "grande",
        "altro",
        "questo",
    }
    | {"quel", "ogni", "mezzo", "loro", "terzo", "che", "suo", "nessun", "qualche", "solo"}
)

NUMBERS = frozenset(
    [
        "due",
        "tre",
        "quattro",
        "cinque",
        "sei",
        "sette",
        "otto",
        "nove",
        "dieci",
        "tanti",
        "tante",
        "pochi",
        "poche",
        "molti",
        "molte",
        "tutti",
        "tutte",
        "vent'anni",
    ]
)
