"""Whether what an act would do is anywhere in the words: a story is never taken for a command.

Understanding ranks acts by likeness, and a long, odd or unheard-of story is always like something. An act that would
break the story off (a pause, the data, "that is off topic") must therefore be in the words themselves; where it is
not, the message is heard as what it most often is, something told.
"""

from __future__ import annotations

import re

from bot.conversation.types import Act, Understood
from bot.conversation.voice import words_in

LANGUAGES = frozenset({"", "it", "en"})
"""Languages whose evidence is written here; in the others understanding is believed."""

LONG = 12
"""Words from which a message is something told, unless it clearly asks for more."""

FEW = 3
"""Words up to which a message that tells no fact is no story."""

SURE = 0.8
"""Probability from which an act is believed of a message that tells nothing."""


def _any(*parts: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(parts)})", re.IGNORECASE)


_EVIDENCE: dict[Act, re.Pattern[str]] = {
    Act.PAUSA: _any(
        r"dopo\b(?! (?:natale|capodanno|pasqua|ferragosto|le feste|le ferie|l'estate|i saldi|il salone))", r"poi\b", r"più tardi", r"stasera", r"domani", r"adesso", r"ora\b", r"un (?:attimo|momento|minuto|secondo)", r"aspett", r"torn[oi]\b",
        r"devo", r"ferm", r"pausa", r"riprend", r"client[ei]\b", r"gente", r"basta", r"stop\b", r"later", r"now\b", r"tomorrow", r"wait", r"minute", r"moment",
        r"pause", r"customer", r"busy", r"tonight", r"continu",
    ),
    Act.CONGEDO: _any(
        r"ciao", r"arrivederci", r"salut", r"buona? (?:serata|giornata|notte|lavoro)", r"a (?:presto|dopo|domani|più tardi)", r"ci (?:sentiamo|vediamo|risentiamo)",
        r"addio", r"vado", r"scappo", r"chiudo", r"bye", r"see you", r"good ?night", r"take care", r"have to go", r"gotta go", r"talk (?:soon|later)",
    ),
    Act.I_MIEI_DATI: _any(
        r"dati", r"informazion", r"(?:su|di) me\b", r"cosa (?:sa|sapete|avete|ha|hai|tieni|tenete|tiene)", r"scheda", r"data\b", r"about me", r"what (?:do you|have you)",
    ),
    Act.CANCELLA_DATI: _any(r"cancell", r"elimin", r"rimuov", r"dimentic", r"toglie", r"togli", r"sparire", r"delete", r"erase", r"remove", r"forget"),
    Act.AIUTO: _any(
        r"a (?:che )?cosa serve", r"aiuto\W*$", r"^\W*aiuto", r"cosa (?:posso|puoi|può|sai|sa|devo|si può|dovrei)", r"come funziona", r"come (?:si )?(?:usa|fa|devo|posso)\b.*\?", r"istruzion",
        r"comand", r"help\b", r"how (?:does|do) (?:this|it|i)\b", r"what (?:can|should|do) i\b", r"what can you",
    ),
    Act.PRIVACY: _any(
        r"dat[oi]\b", r"privacy", r"legg", r"vede\b", r"vedono", r"vedete", r"conserv", r"registr", r"segret", r"anonim", r"riservat", r"in giro", r"finisc", r"va a finire",
        r"dove (?:va|vanno)", r"access[oi]", r"sapere quel", r"dite a", r"gdpr", r"consenso", r"read", r"see(?:s)? this", r"keep", r"store", r"data\b", r"private", r"secret", r"share",
    ),
    Act.QUANTO_COSTA: _any(
        r"quanto (?:costa|viene|devo|si paga|mi costa|vi devo|prendete|volete|chiedete)", r"cost[ai]\b", r"costo\b", r"costi\b", r"prezz[oi]", r"a pagamento", r"si paga",
        r"pagar[ev]", r"gratis", r"gratuit", r"tariff", r"sborsa", r"(?:tirare|tiro|cacciare) fuori", r"quanto (?:vuole|vuoi|fa)\b", r"che cifra", r"(?:soldi|euro)\b.*\?", r"how much", r"cost", r"free\b", r"charge", r"fee\b", r"price", r"pay\b",
    ),
    Act.CHI_SIETE: _any(r"chi (?:siete|è|sei|c'è|parla|scrive)", r"cosa (?:siete|fate|è)", r"che cos", r"spin\b", r"confcommercio", r"sportello", r"who", r"what (?:is|are|do)"),
    Act.SEI_UN_PROGRAMMA: _any(
        r"robot", r"bot\b", r"programm", r"macchin", r"computer", r"uman[oai]", r"automatic", r"intelligenza", r"artificial", r"finto", r"vera? persona", r"persona vera",
        r"risponditor", r"ai\b", r"chatgpt", r"real person", r"human", r"machine", r"person\b",
    ),
    Act.RIPETI: _any(
        r"ripet", r"no(?:n)? (?:ho capito|capito|capisco|è chiaro)", r"cosa (?:tu|lei) vuole", r"cosa (?:vuole|vuoi) (?:tu|lei)?\W*$", r"pardon", r"(?:didn'?t|don'?t) (?:get|follow|see)", r"what do you want", r"cosa (?:intend|vuol dire|vuole dire|vuole sapere|vuoi sapere|signific)", r"in che senso", r"come\W*$", r"cioè\W*$",
        r"spieg", r"eh\W*$", r"repeat", r"again", r"mean", r"understand", r"di che (?:parl|cosa)", r"dove eravamo", r"di cosa parlav",
    ),
    Act.INDIETRO: _any(r"indietro", r"torn(?:iamo|i|a|are)\b", r"precedente", r"domanda (?:di )?prima", r"di prima", r"back\b", r"previous"),
    Act.SALTA: _any(
        r"salt[aio]", r"altro\W*$", r"la prossima", r"passiamo", r"oltre\b", r"prossim", r"avanti", r"non (?:voglio|vorrei|mi va|intendo) (?:di )?(?:dir|rispond|parl)", r"preferi(?:sco|rei) (?:non|di no)",
        r"lasciamo", r"un'altra (?:domanda|cosa)", r"affari miei", r"skip", r"next", r"pass\b", r"rather not", r"prefer not",
    ),
    Act.CHIEDI_UMANO: _any(
        r"person[ae]", r"qualcun", r"uman[oai]", r"operator", r"parlare", r"parlo", r"parlarne", r"passi", r"passa\b", r"angel", r"addett", r"consulent", r"voce", r"contatt",
        r"carne", r"in contatto con", r"a voce", r"tecnico", r"voi\b", r"vostr", r"someone", r"somebody", r"human", r"speak", r"talk", r"person\b", r"people",
    ),
    Act.CHIEDI_RICHIAMATA: _any(
        r"(?:ri)?chiam(?:a|i|ate|are|iamo|atemi|armi|ami|erete|ata|erà)\b", r"telefon(?:a|i|ate|are|atemi|armi|ami|ata|iamoci)\b", r"squillo", r"orario", r"sentir(?:ci|vi|la)", r"sentiamo", r"appuntamento",
        r"incontr", r"vediamo", r"passare", r"call", r"ring\b", r"phone", r"appointment", r"meet",
    ),
    Act.COMPLIMENTO: _any(
        r"brav[oaie]", r"compliment", r"gentil", r"util[ei]", r"che bell", r"bell[ao] (?:idea|iniziativa|servizio|cosa|domanda)", r"ottim", r"grazie", r"mi piace (?:questo|questa|come|parlare|il)",
        r"simpatic", r"well done", r"nice", r"great", r"lovely", r"kind\b", r"helpful", r"thank", r"good (?:job|idea|question)",
    ),
    Act.CORREGGI: re.compile(
        r"^\s*\*|^\W*(?:no\b|anzi|quasi|scus|aspett|mi correggo|cioè|actually|sorry|wait|i mean|correction)|\b(?:anzi|volevo dire|intendevo|mi sono sbagliat|ho sbagliato|mi sono spiegat|"
        r"ha capito male|hai capito male|avete capito male|non ho detto|non è (?:così|vero|esatto|giusto)|errore|corregg\w+|in realtà|no aspett\w+|piuttosto|mett(?:a|i|ete|iamo)|tolga|"
        r"togli|togliete|manca|sì ma|si ma|cambi|cambia|scriva|scrivi|i meant|that's wrong|not right|i said|instead|change|add)\b|\bnon\b.{2,40}[:;,] ?(?:è|sono|ma)?\b",
        re.IGNORECASE,
    ),
    Act.INSULTO: _any(
        r"cretin", r"idiot", r"stupid", r"scem[oaie]\b", r"imbecill", r"deficient", r"stronz", r"merd", r"cazz", r"vaff", r"cogl?ion", r"bastard", r"rincogl", r"pagliacc",
        r"ridicol", r"schif", r"fai pena", r"fate pena", r"cagare", r"culo", r"inutil", r"put+an", r"fuck", r"shit", r"moron", r"dumb", r"assh", r"suck", r"useless", r"ladr[io]\b",
        r"truffator", r"buffon", r"incapac", r"vergogn(?:atevi|ati|oso|osi)",
    ),
}  # fmt: skip

_CLEAR: dict[Act, re.Pattern[str]] = {
    Act.PAUSA: _any(
        r"(?:continu|riprend|sent|risent|scriv|finisc|parl)\w*(?: \w+)? (?:dopo|più tardi|domani|stasera|un'altra volta)", r"(?:dopo|più tardi|domani|stasera) (?:continu|riprend|scriv|finisc|ne parl)",
        r"devo (?:andare|scappare|chiudere|servire|lasciar|fermar|tornare|uscire)", r"(?:mi|ci) ferm", r"pausa", r"un (?:attimo|momento)\b", r"adesso (?:no|non posso)", r"ora (?:no|non posso)", r"ho (?:un client|gente|client)",
        r"(?:è|sono) (?:entrat|arrivat)\w+ (?:un |una |dei |delle |gente|client)", r"later\b", r"(?:have|got|need) to go", r"not now", r"back (?:in|later|tomorrow)", r"customer just", r"torno (?:dopo|subito|fra|tra)",
    ),
    Act.INSULTO: _any(r"sei\b", r"siete", r"lei è", r"voi\b", r"programma", r"bot\b", r"robot", r"macchin", r"vaff", r"questo coso", r"you\b", r"your\b"),
    Act.CONGEDO: _any(r"arrivederci", r"a (?:presto|dopo|domani|più tardi)", r"ci (?:sentiamo|vediamo|risentiamo)", r"buona? (?:serata|giornata|notte)", r"vi saluto", r"la saluto", r"bye", r"see you", r"good ?night"),
    Act.CHIEDI_UMANO: _any(
        r"(?:parl|sent|scriv|pass|dialog|confront)\w*(?: \w+){0,3} (?:con |a |da |di )?(?:\w+ )?(?:person|qualcun|uman|operator|angel|addett|consulent|tecnico|voi)", r"(?:vorrei|voglio|preferi\w+|posso|possiamo|c'è|mi passi|chiam\w+) (?:\w+ ){0,4}(?:person|qualcun|uman|operator|angel)",
        r"persona (?:vera|in carne)", r"in carne e ossa", r"in contatto con \w", r"meglio a voce", r"(?:a|con) qualcuno di voi", r"un umano", r"(?:speak|talk|connect|put me)\w*(?: \w+){0,3} (?:someone|somebody|human|person|people)", r"real person", r"a human", r"your people",
    ),
    Act.CHIEDI_RICHIAMATA: _any(
        r"(?:mi|ci) (?:può |potete |puoi |potrebbe |fate |fa |dovete |deve )?(?:ri)?chiam", r"(?:ri)?chiamatemi", r"(?:ri)?chiamami", r"(?:ri)?chiamateci", r"mi (?:\w+ )?telefon", r"telefonatemi", r"telefonami", r"fissar", r"fissiamo",
        r"appuntamento con (?:voi|qualcun|un|una)", r"essere (?:ri)?chiamat", r"call me", r"ring me", r"phone me", r"give me a (?:call|ring)", r"appuntamento telefonico", r"squillo", r"mi dia un orario", r"(?:book|arrange|fix) a (?:call|time|meeting)",
    ),
    Act.I_MIEI_DATI: _any(r"miei dati", r"la (?:mia )?scheda che", r"(?:mia|quello che ho) (?:storia|scritto|detto)", r"dati (?:che|avete|ha|hai)", r"cosa (?:sa|sapete|avete|ha|hai|tieni|tenete|tiene)\b(?: \w+){0,3} (?:di|su) me", r"my data", r"know about me", r"data (?:you|do)"),
    Act.AIUTO: _any(r"a (?:che )?cosa serve", r"cosa (?:posso|devo|si può) (?:fare|scriver|chieder|dir)", r"come funziona (?:questo|questa|il|la|qui)", r"how does this", r"what can i"),
    Act.COMPLIMENTO: _any(r"brav[oaie]", r"compliment", r"(?:siete|è|sei) (?:\w+ )?(?:gentil|util|brav)", r"grazie", r"thank", r"well done"),
    Act.SALTA: _any(r"salt[aio]\b", r"passiamo", r"lasciamo stare", r"la prossima", r"next", r"affari miei", r"preferi(?:sco|rei) (?:non|di no)", r"non (?:voglio|vorrei|mi va|intendo) (?:di )?(?:dir|rispond|parl)", r"skip", r"rather not", r"prefer not"),
    Act.INDIETRO: _any(r"torn\w+ (?:\w+ )?(?:indietro|alla domanda|a prima)", r"domanda (?:di )?prima", r"go back", r"previous question"),
    Act.CANCELLA_DATI: _any(
        r"(?:cancell|elimin|rimuov|togli)\w*(?: \w+){0,4} (?:dati|tutto|tutta|chat|messagg\w+|conversazion\w+|quello che|scritto|detto|tracc\w+|numero)", r"cancellatemi", r"cancellami", r"dimentic\w+ (?:tutto|di me|quello)",
        r"(?:delete|erase|remove|wipe|forget)(?: \w+){0,3} (?:data|everything|all|me|chat|messages?|what i|conversation)\b",
    ),
    Act.QUANTO_COSTA: _any(
        r"quanto (?:costa|viene|si paga|mi costa|vi devo|prendete|volete|chiedete)", r"(?:si|devo|dovrò|dobbiamo|bisogna) pag\w+", r"(?:è|tutto) (?:gratis|gratuit)", r"a pagamento", r"cost[ao] (?:qualcosa|il servizio|questo)", r"mi cost[aei]",
        r"how much", r"(?:is|are) (?:it|this|you) free", r"do (?:i|we) (?:have to )?pay", r"charge", r"what(?:'s| is) the (?:price|cost|catch)", r"cost (?:me|anything)",
    ),
    Act.PRIVACY: _any(
        r"miei dati", r"privacy", r"chi (?:lo |la |li |mi )?(?:legge|vede|sa\b)", r"(?:dove|dov'è che) (?:va|vanno|finisc\w+)", r"in giro", r"(?:fra|tra) noi", r"lo (?:dite|dici|legge) ", r"conserv\w+", r"riservat", r"anonim", r"segret",
        r"who (?:else )?(?:reads|sees|can|will)", r"my data", r"private", r"confidential", r"between us",
    ),
    Act.CHI_SIETE: _any(r"chi (?:siete|è lei|sei|parla|scrive)", r"(?:cosa|che cosa|che) (?:siete|fate|è (?:spin|questo|lo sportello))", r"siete (?:del|della|dello|di|un|una|quelli)", r"spin\b", r"confcommercio", r"who (?:are|is)", r"what (?:is this|are you|do you)"),
    Act.SEI_UN_PROGRAMMA: _any(r"(?:sei|è|siete|parlo con|scrivo a|c'è) (?:\w+ ){0,3}(?:robot|bot|programm\w+|macchin\w+|computer|uman\w+|automatic\w+|vera|persona|intelligenza|risponditore)", r"(?:robot|bot|programma|macchina|umano|persona)\W*\?", r"(?:are|is) (?:you|this|it) (?:\w+ ){0,3}(?:robot|bot|real|human|machine|computer|person|ai)", r"(?:human|robot|machine)\W*\?"),
}  # fmt: skip
"""What must be there when the message also tells something: a few words of a story are like any request."""

_OFF_TOPIC = _any(
    r"milan\b", r"inter\b", r"juve", r"napoli", r"derby", r"calcio", r"partita", r"gol\b", r"serie a", r"champions", r"formula", r"giro d'italia", r"meteo", r"piov", r"che tempo fa",
    r"oroscop", r"barzellett", r"ricetta", r"risotto", r"film\b", r"serie tv", r"politic", r"govern", r"elezion", r"presidente", r"guerra", r"lotto\b", r"weather", r"football", r"joke",
    r"recipe", r"election", r"ordinare (?:una|due|tre|delle)\b", r"farmacia",
)  # fmt: skip
_QUESTIONS = frozenset({Act.PRIVACY, Act.QUANTO_COSTA, Act.CHI_SIETE, Act.SEI_UN_PROGRAMMA})
_ASKS = re.compile(
    r"\?|^\W*(?:ma |e |scusi,? |scusa,? |senta,? )*(?:chi|che|cosa|quanto|come|dove|è|sei|siete|who|what|how|is|are|do|does)\b|"
    r"\b(?:vorrei|voglio|posso) sapere\b|\bmi (?:dica|dite|dici) (?:chi|quanto|cosa|se)\b",
    re.IGNORECASE,
)
_ASKED_OF_US = _QUESTIONS | {Act.AIUTO, Act.RIPETI, Act.CHIEDI_UMANO, Act.I_MIEI_DATI, Act.INDIETRO}
_IN_THE_WORDS = frozenset({Act.INSULTO, Act.QUANTO_COSTA, Act.RIPETI, Act.CANCELLA_DATI, Act.I_MIEI_DATI})
"""What is never believed on likeness alone: an insult answered, or the sheet opened, where nobody asked."""
_BREAKS = frozenset({Act.PAUSA, Act.CONGEDO, Act.INDIETRO})
"""What would leave an answer unheard and ask the same thing again."""
_DESCRIBED = frozenset({"contatto", "urgenza", "nome", "lingua"})


def tells(understood: Understood) -> bool:
    """True when a message tells of the shop or of the person, whatever else it does."""
    words = words_in(understood.text)
    facts = any(f.fact.value not in _DESCRIBED for f in understood.facts)
    return words >= LONG or (facts and words > FEW)


def off_topic(text: str) -> bool:
    """True when the words themselves have nothing to do with a shop: football, the weather, or something asked."""
    return _ASKS.search(text[:2000]) is not None or _OFF_TOPIC.search(text[:2000]) is not None


def plausible(act: Act, understood: Understood) -> bool:
    """True when what this act would do can be read in the words.

    A message that tells nothing is believed when understanding is sure, whatever its words; one that tells something
    is a story unless the request is clearly there.

    Args:
        act: One of the message's acts.
        understood: The message.
    """
    if understood.language not in LANGUAGES:
        return True
    text = understood.text[:2000]
    asks = _ASKS.search(text) is not None
    sure = understood.act is act and understood.confidence >= SURE
    told = tells(understood)
    if act is Act.FUORI_TEMA:
        return asks or words_in(text) <= FEW or _OFF_TOPIC.search(text) is not None
    evidence = _EVIDENCE.get(act)
    if evidence is None:
        return True
    if not told and act not in _IN_THE_WORDS and (sure or (asks and act in _ASKED_OF_US)):
        return True
    if evidence.search(text) is None:
        return False
    if act in _QUESTIONS and told and not asks:
        return False
    clear = _CLEAR.get(act)
    asked_plainly = clear is None or clear.search(text) is not None
    if act in _BREAKS and words_in(text) > FEW and not asked_plainly:
        return False  # "chiudo alle otto", "che la gente torna": an answer that only sounds like it
    return not told or asked_plainly
