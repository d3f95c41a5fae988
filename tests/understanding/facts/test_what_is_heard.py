"""What a message tells, sentence by sentence: text, what had been asked, and the facts ("fact value")."""

from __future__ import annotations

import pytest

from bot.conversation.types import Change, FactHeard, FactId, How
from bot.understanding.facts import FactReader


def told(reader: FactReader, text: str, asked: str = "", language: str = "it") -> set[str]:
    return {
        f"{f.fact.value} {f.value}"
        for f in reader.read(text, asked, language)
        if f.change is not Change.REMOVE
    }


def one(reader: FactReader, fact: FactId, text: str, asked: str = "") -> FactHeard:
    return next(f for f in reader.read(text, asked, "it") if f.fact is fact)


ITALIAN = [
    # years ago it began, and it is there
    ("ho aperto una merceria tre anni fa a Turro", "", {"attivita abbigliamento", "zona Turro"}),
    ("anni fa avevo una merceria", "", set()),
    ("insegno yoga, ho uno studio di pilates", "", {"attivita servizi"}),
    ("500 euro per le insegne, poi non s'è fatto più vivo nessuno", "", {"esperienze_passate truffa"}),
    ("la consulenza era del tutto inutile", "esperienze_passate", {"esperienze_passate delusione"}),
    # a landmark is not the place
    ("all'Isola, dietro la stazione Garibaldi", "zona", {"zona Isola"}),
    ("Melzo, verso Cassano", "zona", {"zona Melzo"}),
    ("dietro San Babila, al terzo piano", "zona", {"zona San Babila"}),
    ("siamo in Brera, borse, da sempre", "", {"zona Brera", "attivita abbigliamento"}),
    ("mi servono lampade, sedie, tende", "", set()),
    ("la gelateria è mia e di mio cugino", "", {"attivita ristorazione_bar", "persone 2-5"}),
    ("tre socie, una libreria", "", {"attivita libri_cartoleria_edicola", "persone 2-5"}),
    # a name that opens the message, or stands apart at its head
    ("Buonasera, Marta. Ho un negozio di scarpe", "apertura", {"nome Marta", "attivita abbigliamento"}),
    ("ciao Marta, ho un bar", "apertura", {"attivita ristorazione_bar"}),
    ("Xu, nome e cognome fa lo stesso per me", "nome", {"nome Xu"}),
    # where people say they are, not the official name
    ("bottega in zona Sempione", "zona", {"zona Sempione"}),
    ("dietro San Babila", "zona", {"zona San Babila"}),
    # verbs that say a thing is there, and that it is no more
    ("viviamo di booking, ormai", "", {"presenza_oggi prenotazioni_online"}),
    ("su etsy vendo da tre anni", "", {"presenza_oggi marketplace"}),
    ("il sito me l'ha fatto un amico", "", {"presenza_oggi sito"}),
    ("il sito era bello ma l'ho perso", "", set()),
    ("facebook ce lo spiegate?", "", set()),
    # what has been tried
    ("mai avuto consulenti", "", {"esperienze_passate nessuna"}),
    ("mi ha piantata in asso a metà lavoro", "", {"esperienze_passate delusione"}),
    ("un lavoro mai completato", "esperienze_passate", {"esperienze_passate delusione"}),
    ("di quella faccenda non voglio parlare", "esperienze_passate", {"esperienze_passate non_detto"}),
    ("al telefono non rispondo, scrivetemi qui", "contatto", {"contatto qui"}),
    # what stands in the way
    ("e chi ha mai tempo", "ostacoli", {"ostacoli tempo"}),
    ("le foto io non le so fare", "", {"ostacoli competenze"}),
    ("non c'è una persona dedicata", "ostacoli", {"ostacoli manca_chi_aiuta"}),
    # what they are looking for
    ("che trovino noi e non il supermercato", "cosa_vorrebbe", {"bisogno farsi_trovare"}),
    ("vorrei che la gente sapesse dove siamo", "", {"bisogno farsi_trovare"}),
    # what has gone is no presence, whoever took it along
    ("un ragazzo ci ha fatto il sito e poi è sparito", "", {"esperienze_passate delusione"}),
    ("il sito dopo un anno non c'era già più", "", set()),
    ("ci hanno montato il gestionale, poi non s'è più visto nessuno", "", {"esperienze_passate delusione"}),
    ("il sito ce l'ho, ma il tizio che lo segue è sparito", "", {"presenza_oggi sito"}),
    # who does not work here
    ("mi hanno proposto un'apprendista dalla scuola", "", set()),
    ("avevo provato con un'apprendista", "", set()),
    ("io e un'apprendista", "persone", {"persone 2-5"}),
    ("non siamo in sette, siamo in quattro", "riassunto", {"persone 2-5"}),
    ("no, siamo in 4", "riassunto", {"persone 2-5"}),
    # a new subject opens a new clause
    ("abito a Rho e i banchi sono a Lambrate", "", {"zona Lambrate"}),
    # in which language, and with whom
    ("con i turisti parlo inglese", "", set()),
    ("qui parlano tutti arabo", "", set()),
    ("parlo cinese, italiano così così", "", {"lingua zh", "ostacoli lingua"}),
    ("non ci scrive nessuno, e uso whatsapp per le ordinazioni", "", {"presenza_oggi whatsapp"}),
    # what unseen writers and whole conversations taught
    ("quello lo faccio solo io", "", set()),
    ("ho solo un menù di carta", "", set()),
    ("tra lavoro e mamma malata non mi resta un secondo", "", {"ostacoli tempo"}),
    ("io + 1", "persone", {"persone 2-5"}),
    ("sola io", "persone", {"persone solo"}),
    ("mio marito lavora in cantiere", "persone", set()),
    ("non saprei", "nome", set()),
    ("mi è piaciuto", "nome", set()),
    ("e mi perdo i giri", "ostacoli", set()),
    ("così così", "come_sta", set()),
    ("preoccupata, no aspetti: stanca", "come_sta", {"come_sta stanco"}),
    ("anzi no, a Gorla c'è mio fratello, io sono a Turro", "zona", {"zona Turro"}),
    ("posso vedere la mia scheda", "riassunto", set()),
    ("tessuti per la casa", "attivita", {"attivita casa_arredo"}),
    ("copisteria vicino alla stazione", "", {"attivita servizi"}),
    (
        "instagram, tiktok e una newsletter",
        "cosa_succede",
        {"presenza_oggi instagram", "presenza_oggi tiktok", "presenza_oggi newsletter"},
    ),
    ("un sito e instagram", "bisogno", {"bisogno sito", "bisogno social"}),
    # what is said of a thing in the next words
    ("Instagram non ce l'ho ma lo vorrei", "", {"bisogno social"}),
    ("vorrei il sito ma ancora non ce l'ho", "", {"bisogno sito"}),
    ("il sito ce l'ho ma ne vorrei uno nuovo", "", {"presenza_oggi sito", "bisogno sito"}),
    ("vorrei solo le prenotazioni", "", {"bisogno prenotazioni"}),
    ("giusto ma il sito non ce l'ho più, solo instagram", "riassunto", {"presenza_oggi instagram"}),
    ("niente sito, solo whatsapp coi clienti", "", {"presenza_oggi whatsapp"}),
    ("tiktok lo fa mia figlia ma per i fatti suoi", "presenza_oggi", set()),
    # corrections go first, whatever the fact
    ("tra la Bovisa e... no è proprio Dergano", "zona", {"zona Dergano"}),
    ("Luisa, anzi Lulù", "nome", {"nome Lulù"}),
    ("chiamate pure, anzi no venite in negozio", "contatto", {"contatto in_negozio"}),
    ("nessuna fretta, ci penso dopo l'estate", "urgenza", {"urgenza con_calma"}),
    # what is sold tells the trade
    ("vendo reggiseni, calze e pigiami", "", {"attivita abbigliamento"}),
    ("giornali e riviste", "attivita", {"attivita libri_cartoleria_edicola"}),
    ("mia cugina vende candele", "", set()),
    # no name, no place, no thing asked of the bot
    ("mi è successo di tutto", "", set()),
    ("che cosa avete segnato di me", "", set()),
    ("via Novara 18, secondo piano", "", set()),
    ("vorrei prendere appuntamento", "", set()),
    ("siamo qui da sette anni", "", set()),
    ("moglie, figlia e sottoscritto", "persone", {"persone 2-5"}),
    ("nove dipendenti e il sottoscritto", "persone", {"persone 10+"}),
    # whose it is, and whether it is there at all
    ("nessuno mi trova su google", "", {"bisogno farsi_trovare"}),
    ("il barbiere di fronte è pieno, ha Instagram e il sito", "", set()),
    ("un sito semplice", "bisogno", {"bisogno sito"}),
    ("non ho niente a parte Facebook", "presenza_oggi", {"presenza_oggi facebook"}),
    ("bar in piazza Udine", "zona", {"attivita ristorazione_bar"}),
    ("ho un negozio di fiori all'isola", "", {"attivita casa_arredo", "zona Isola"}),
    # names: how others call them, letters, and requests that are none
    ("mi chiamo Giuseppe ma tutti mi dicono Beppe", "nome", {"nome Beppe"}),
    (
        "ho una merceria ad Affori. Grazie, Rosanna",
        "",
        {"attivita abbigliamento", "zona Affori", "nome Rosanna"},
    ),
    ("mi chiami Carla", "nome", {"nome Carla"}),
    ("mi chiamano ogni giorno", "", set()),
    # who works there
    ("mia zia alla cassa, io in cucina", "persone", {"persone 2-5"}),
    ("la macelleria la porto avanti con mio padre", "", {"attivita alimentari", "persone 2-5"}),
    ("mi aiuta mia figlia il sabato", "", {"persone 2-5"}),
    ("mi aiuta mia figlia con le fatture", "", set()),
    ("siamo una squadra di sette", "persone", {"persone 6-9"}),
    # money given, and whoever took it gone
    (
        "gli ho dato 800 euro e da allora il telefono è spento",
        "esperienze_passate",
        {"esperienze_passate truffa"},
    ),
    # negation, past, wish, somebody else's
    (
        "il sito ce l'avevo ma l'ho chiuso, mia cugina ha Instagram, vorrei vendere online",
        "",
        {"bisogno vendere_online"},
    ),
    ("non ho Facebook e non lo voglio", "", set()),
    ("ho Instagram ma non il sito", "", {"presenza_oggi instagram"}),
    ("il nostro sito è fermo al 2015", "", {"presenza_oggi sito"}),
    ("mi servirebbe un sito", "", {"bisogno sito"}),
    ("tutti i negozi della via hanno il sito", "", set()),
    ("avevo Deliveroo, l'ho disdetto", "", set()),
    ("se avessi Instagram sarebbe diverso", "", set()),
    ("prima usavo Satispay, adesso ho solo il POS", "", {"presenza_oggi pos_pagamenti"}),
    (
        "abbiamo la pagina Facebook e il profilo Instagram",
        "",
        {"presenza_oggi facebook", "presenza_oggi instagram"},
    ),
    (
        "lavoriamo con Glovo e TheFork",
        "",
        {"presenza_oggi app_consegne", "presenza_oggi prenotazioni_online"},
    ),
    ("su internet non ho niente", "", {"presenza_oggi nessuna"}),
    ("ho sentito parlare di TikTok", "", set()),
    ("vorrei imparare a usare il computer", "", {"bisogno competenze"}),
    ("non mi interessa vendere online", "", set()),
    # the question that was asked
    ("da solo", "persone", {"persone solo"}),
    ("sono solo", "", set()),
    ("tre", "persone", {"persone 2-5"}),
    ("subito", "urgenza", {"urgenza adesso"}),
    ("instagram e basta", "presenza_oggi", {"presenza_oggi instagram"}),
    ("niente", "presenza_oggi", {"presenza_oggi nessuna"}),
    ("qui va bene", "contatto", {"contatto qui"}),
    ("il tempo", "ostacoli", {"ostacoli tempo"}),
    ("tempo e soldi", "ostacoli", {"ostacoli tempo", "ostacoli soldi"}),
    ("preferisco non dirlo", "persone", {"persone non_detto"}),
    ("bene dai", "come_sta", {"come_sta sereno"}),
    ("mai niente", "esperienze_passate", {"esperienze_passate nessuna"}),
    # people
    ("siamo io e mia moglie", "", {"persone 2-5"}),
    ("siamo in sette", "", {"persone 6-9"}),
    ("io più due ragazze", "", {"persone 2-5"}),
    ("ho cinque dipendenti", "", {"persone 6-9"}),
    ("siamo in undici", "", {"persone 10+"}),
    ("lavoro da sola", "", {"persone solo"}),
    ("eravamo in otto, adesso siamo in due", "", {"persone 2-5"}),
    ("siamo aperti da tre anni", "", set()),
    ("mio fratello ed io", "persone", {"persone 2-5"}),
    ("12", "persone", {"persone 10+"}),
    # trades
    ("faccio il prestinaio", "", {"attivita alimentari"}),
    ("ho una boutique da sciura", "", {"attivita abbigliamento"}),
    ("il mio baretto", "", {"attivita ristorazione_bar"}),
    ("ho un banco al mercato", "", {"attivita ambulante"}),
    ("ho una ciclofficina", "", {"attivita artigianato_riparazioni"}),
    ("gestisco una lavanderia", "", {"attivita servizi"}),
    ("il mio commercialista non risponde", "", set()),
    ("ci vediamo al bar", "", set()),
    ("ho un negozio vicino a una farmacia", "", set()),
    ("ho un phone center in via Padova", "", {"attivita servizi", "zona Via Padova"}),
    ("parruchiera", "attivita", {"attivita salute_bellezza"}),
    # places
    ("siamo in zona Porta Romana", "", {"zona Porta Romana"}),
    ("zona 8", "zona", {"zona Municipio 8"}),
    ("il negozio è al Giambellino", "", {"zona Giambellino"}),
    ("dietro la Centrale", "zona", {"zona Centrale"}),
    ("abito a Monza ma il negozio è a Lambrate", "", {"zona Lambrate"}),
    ("ho un bar a Sesto", "", {"attivita ristorazione_bar", "zona Sesto San Giovanni"}),
    ("lei è di sale?", "", set()),
    ("isola pedonale sotto casa", "", set()),
    # mood and experience
    ("sono stanca morta", "", {"come_sta stanco"}),
    ("non sono preoccupato", "", set()),
    ("sono preoccupata per l'affitto", "", {"come_sta preoccupato"}),
    ("mi hanno truffato", "", {"esperienze_passate truffa"}),
    ("ho buttato via un sacco di soldi per niente", "", {"esperienze_passate delusione"}),
    ("mi sono trovata bene", "", {"esperienze_passate buona"}),
    ("ho paura che mi freghino di nuovo", "", {"ostacoli fiducia"}),
    ("gli ho dato il codice della carta", "", {"truffa_in_corso true"}),
    # urgency, contact, name, language
    ("entro Natale", "urgenza", {"urgenza settimane"}),
    ("senza fretta", "", {"urgenza con_calma"}),
    ("chiamatemi dopo le 15", "", {"contatto telefono"}),
    ("passate in negozio quando volete", "contatto", {"contatto in_negozio"}),
    ("mi chiamo Giulia", "", {"nome Giulia"}),
    ("sono la Carla", "", {"nome Carla"}),
    ("sono stanco", "nome", {"come_sta stanco"}),
    ("gino", "nome", {"nome Gino"}),
    ("parlo meglio arabo", "", {"lingua ar"}),
]

ENGLISH = [
    ("never hired any consultant", "esperienze_passate", {"esperienze_passate nessuna"}),
    ("we never bothered with facebook", "", set()),
    ("spanish please, my italian is weak", "lingua", {"lingua es", "ostacoli lingua"}),
    ("I have a small bakery in Isola", "", {"attivita alimentari", "zona Isola"}),
    ("we don't have a website", "", set()),
    ("I would like a website", "", {"bisogno sito"}),
    ("my cousin has Instagram", "", set()),
    ("we have Facebook and Instagram", "", {"presenza_oggi facebook", "presenza_oggi instagram"}),
    ("just me and my husband", "persone", {"persone 2-5"}),
    ("I work alone", "", {"persone solo"}),
    ("I'm exhausted", "", {"come_sta stanco"}),
    ("we got scammed", "", {"esperienze_passate truffa"}),
    ("no hurry", "urgenza", {"urgenza con_calma"}),
    ("my name is Grace", "", {"nome Grace"}),
    ("I want to sell online", "", {"bisogno vendere_online"}),
]


@pytest.mark.parametrize(("text", "asked", "facts"), ITALIAN, ids=[t for t, _, _ in ITALIAN])
def test_an_italian_message_tells_exactly_these_facts(
    reader: FactReader, text: str, asked: str, facts: set[str]
) -> None:
    assert told(reader, text, asked) == facts


@pytest.mark.parametrize(("text", "asked", "facts"), ENGLISH, ids=[t for t, _, _ in ENGLISH])
def test_an_english_message_tells_exactly_these_facts(
    reader: FactReader, text: str, asked: str, facts: set[str]
) -> None:
    assert told(reader, text, asked, "en") == facts


def test_a_correction_replaces_the_place(reader: FactReader) -> None:
    (fact,) = reader.read("no, non Isola: Lambrate", "riassunto", "it")
    assert (fact.value, fact.change, fact.how) == ("Lambrate", Change.REPLACE, How.CORRECTED)


def test_a_correction_replaces_the_number_of_people(reader: FactReader) -> None:
    fact = one(reader, FactId.PERSONE, "mi sono sbagliato, siamo in tre")
    assert (fact.value, fact.change) == ("2-5", Change.REPLACE)


def test_what_is_taken_back_is_removed_from_a_list(reader: FactReader) -> None:
    fact = one(reader, FactId.PRESENZA_OGGI, "no, non Instagram", "riassunto")
    assert (fact.value, fact.change) == ("instagram", Change.REMOVE)


def test_a_hedge_keeps_low_certainty(reader: FactReader) -> None:
    assert one(reader, FactId.BISOGNO, "forse mi servirebbe un sito").certainty == pytest.approx(0.4)


def test_a_plain_statement_is_certain(reader: FactReader) -> None:
    assert one(reader, FactId.BISOGNO, "mi servirebbe un sito").certainty == pytest.approx(1.0)


def test_the_words_are_the_clause_that_carries_the_fact(reader: FactReader) -> None:
    text = "Buongiorno, piove. Ho un bar in Isola. Vorrei vendere online."
    assert one(reader, FactId.ATTIVITA, text).words == "Ho un bar in Isola"
    assert one(reader, FactId.BISOGNO, text).words == "Vorrei vendere online"


def test_the_trade_keeps_its_own_name(reader: FactReader) -> None:
    assert one(reader, FactId.ATTIVITA, "ho una ciclofficina").detail == "ciclofficina"


def test_a_deadline_and_a_time_window_are_kept_as_said(reader: FactReader) -> None:
    assert one(reader, FactId.URGENZA, "mi serve entro Natale").detail == "entro Natale"
    assert one(reader, FactId.CONTATTO, "chiamatemi dopo le 15").detail == "dopo le 15"


def test_reading_the_same_message_twice_gives_the_same_facts(reader: FactReader) -> None:
    text = "Ho un bar in Isola, siamo in tre, vorrei un sito e forse Glovo"
    assert reader.read(text, "apertura", "it") == reader.read(text, "apertura", "it")
