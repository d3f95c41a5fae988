"""A story is never taken for a command, and a request is never lost in one."""

import pytest

from bot.conversation.plausible import plausible
from bot.conversation.types import Act, FactHeard, FactId, Understood

SHOP = (FactHeard(FactId.ATTIVITA, "casa_arredo", "un negozio di tessuti"),)


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (Act.PAUSA, "Mi scusi se scrivo a quest'ora ma ho chiuso adesso. Ho un negozio di tessuti per la casa dal 1994"),
        (Act.PAUSA, "tengo aperto fino a tardi e torno a casa che mia figlia già dorme da un pezzo"),
        (Act.I_MIEI_DATI, "che le mie signore mi scrivessero prima cosa tengo da parte"),
        (Act.INDIETRO, "non ho tempo di rifare tutto da capo"),
        (Act.PRIVACY, "Dei ragazzi nuovi in negozio non mi fido, scrivo tutto io sull'agenda"),
        (Act.QUANTO_COSTA, "Dopo quella spesa non ci fidiamo più tanto, e poi i soldi sono quelli che sono."),
        (Act.FUORI_TEMA, "perdo le ordinazioni. le scrivo sui cartoni della pizza"),
        (Act.CHIEDI_RICHIAMATA, "Ho un piccolo salone e passo la giornata al telefono per gli appuntamenti"),
        (Act.CHIEDI_UMANO, "Che chi cerca un tecnico serio a Rho pensi subito a noi, anche i ragazzi"),
        (Act.INSULTO, "mi vergogno un po' di come tengo i conti della bottega, sono fogli sparsi dappertutto"),
    ],
)  # fmt: skip
def test_a_story_is_heard_as_a_story(act: Act, text: str) -> None:
    assert not plausible(act, Understood(text, act=act, confidence=0.7, facts=SHOP))


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (Act.PAUSA, "ho una merceria, ma adesso ho clienti, continuo dopo"),
        (Act.SEI_UN_PROGRAMMA, "sì, ho un bar in Isola, ma lei è un robot?"),
        (Act.PRIVACY, "ho un banco al mercato... ma chi legge quello che scrivo?"),
        (Act.QUANTO_COSTA, "vendo scarpe da trent'anni, ma prima mi dica quanto costa"),
        (Act.CHIEDI_UMANO, "ho la merceria in via Padova da trent'anni e queste cose le spiego meglio a voce a qualcuno di voi"),
        (Act.CHIEDI_RICHIAMATA, "la mattina sono in laboratorio, mi chiami dopo le tre"),
        (Act.FUORI_TEMA, "che tempo fa domani a Milano?"),
        (Act.INSULTO, "siete dei buffoni, ho un negozio io e non ho tempo da perdere con voi"),
        (Act.CORREGGI, "no aspetti, ho scritto Isola ma mi sono spostata: adesso sono a Dergano"),
    ],
)  # fmt: skip
def test_a_request_inside_a_story_is_heard(act: Act, text: str) -> None:
    assert plausible(act, Understood(text, act=Act.RACCONTO, also=(act,), confidence=0.7, facts=SHOP))


def test_a_few_words_that_tell_nothing_are_believed_when_understanding_is_sure() -> None:
    assert plausible(Act.I_MIEI_DATI, Understood("fuori la scheda", act=Act.I_MIEI_DATI, confidence=0.97))
    assert not plausible(Act.COMPLIMENTO, Understood("perplesso", act=Act.COMPLIMENTO, confidence=0.4))
