"""What was told already, also in words that no fact was made of: it is never asked.

Understanding may miss what "ho una collaboratrice" or "vicino alla scuola di Baggio" says of who works there and where; the
person has said it all the same, and hears the question as not having been listened to. Read from a message, kept as the
fact's name alone (`State.touched`), and only after the first consent.
"""

from __future__ import annotations

import re

from bot.conversation.types import FactId

_KIN_IT = r"mi[oa] (?:moglie|marito|figli[oa]|sorella|fratello|soci[oa]|madre|padre|mamma|papà|nuora|genero|cugin[oa]|cognat[oa]|nipote|compagn[oa]|ragazz[oa])"
_HELP_IT = r"(?:collaborat\w+|dipendent\w+|commess[oaie]|apprendist\w|aiutant\w|ragazz[oaie]|soci[oaie]|bariste?|camerier[eai]|operai[oa]?|person[ae]|meccanic[io]|parrucchier[ei])"
_FEW_IT = r"(?:un|uno|una|un'|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|dodici|quindici|venti|\d{1,2})"
_OWN_IT = (
    r"(?:ho|abbiamo|gestisco|gestiamo|ho aperto|abbiamo aperto|mando avanti|mandiamo avanti|porto avanti)"
)
_PLACE_IT = (
    r"negozio|negozietto|bottega|laboratorio|studio|banco|bancarella|chiosco|salone|officina|locale|magazzino|ristorante|trattoria|camere|appartament[oi]|agenzia|camioncino|furgone|"
    r"forno|palestra|scuola|asilo|bar|edicola|albergo|hotel|vivaio|\w+eria|\w+teca|\w+ificio"
)
_TRADE_IT = (
    r"liutaio|sart[ao]|parrucchier[ea]|barbiere|estetista|idraulico|elettricista|falegname|calzolaio|orologiaio|orafo|orafa|fotograf[oa]|veterinari[oa]|dentista|tatuatrice|tatuatore|pasticcer[ea]|"
    r"gelatai[oa]|macellaio|panettiere|fornai[oa]|edicolante|fiorai[oa]|fiorista|ottico|farmacista|librai[oa]|tabaccai[oa]|gommista|meccanico|carrozziere|elettrauto|tappezziere|restaurator[ei]|corniciaio|"
    r"ambulante|osteopata|fisioterapista|massaggiatrice|toelettatrice|ceramista|vetraio|fabbro|tipografo"
)
_NET_IT = r"sito|siti|pagina|app|applicazion\w+|programma|agenzia|internet|online|on line|facebook|instagram|google|whatsapp|corso|e-?commerce|newsletter|web|portale|gestionale|influencer|pubblicità|deliveroo|glovo|just ?eat"
_DID_IT = r"(?:ho|abbiamo|avevo|avevamo|m'?i? ?hanno|ci hanno|mi ha|ci ha|mi sono|ci siamo|mi ero|ha|hanno) (?:\w+ ){0,2}?(?:provat|pagat|fatt|mess|apert|comprat|spes|chius|spent|smess|fregat|costruit|montat|promess|venduta?|cercat)\w*"
_NOT_A_PLACE = r"(?!(?i:google|facebook|instagram|tik ?tok|whats ?app|amazon|vinted|etsy|ebay|subito|booking|airbnb|deliveroo|glovo|just|telegram|internet|natale|pasqua|capodanno|ferragosto|italia\w*|english|chinese|christmas|easter|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre|january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b)"

_TOLD: dict[str, dict[FactId, str]] = {
    "it": {
        FactId.ATTIVITA: rf"\b(?:{_TRADE_IT})\b|\b(?:mi[oa]|nostr[oa]) (?:{_PLACE_IT})\b|\b{_OWN_IT} (?:\w+ ){{0,3}}?(?:{_PLACE_IT})\b|\b(?:{_PLACE_IT}) (?:di|del|da|d'|con|per|in|a|ad|al|alla|vicino|dietro|sotto) ?\w+|\b(?:vendo|vendiamo|vendevo|riparo|ripariamo|cucio|cuciamo|restauro|restauriamo|affitto|affittiamo|noleggio|produco|produciamo|faccio (?:il|la|l'|i|le|lo)|facciamo (?:il|i|le)) ?\w{{3,}}|\b(?:sono|faccio) (?:un |una |un'|il |la |l')\w+(?:ista|iere|aio|aia|tore|trice|iera|ante)\b|\bio (?:fa|vende|ripara|cucina|taglia) \w{{4,}}",
        FactId.ZONA: r"(?-i:\b(?:in|a|ad|al|alla|zona|in zona|quartiere|di|da|verso|su|tra|fra|dietro|vicino)\s+(?:via|piazza|piazzale|corso|viale|largo|borgo)\s+\w+)|\b(?:in zona|zona|quartiere|vicino (?:a|al|alla|allo|ai|alle|all')|dietro (?:a|al|alla|il|la)|davanti (?:a|al|alla)|di fronte (?:a|al|alla)|all'angolo|dalle parti|nei pressi|sui navigli|sul naviglio|sotto i portici|al mercato (?:di|coperto)|a due passi|a cento metri|accanto (?:a|al|alla)) ?\w+|\bin (?:centro|periferia|provincia|un paese|montagna|campagna)\b|\bfuori (?:milano|città)\b",
        FactId.PERSONE: rf"\b(?:da sol[oaie]|io sol[oa]|sol[oa] io|sono sol[oa]|faccio tutto io|mi aiuta|ci aiuta)\b|\b(?:siamo|ci lavoriamo|lavoriamo|stiamo) in {_FEW_IT}|\b(?:io e|io con|noi e|(?:lavor\w+|abbiamo|gesti\w+|teniamo|tengo|siamo|aperto|apriamo|{_PLACE_IT})[^.!?;\n]{{0,50}}? con) (?:il |la |le |i )?(?:{_KIN_IT}|{_FEW_IT} ?{_HELP_IT})|\b{_KIN_IT} (?:e io|ed io|\w+ ?(?:aiuta|una mano)|mi aiuta|dà una mano|lavora|sta (?:in|al)|cura|segue|tiene|serve|cucina|è (?:in|al) (?:cucina|banco|cassa|negozio))|\b(?:marito e moglie|conduzione familiare|a gestione familiare|in famiglia|siamo (?:una famiglia|{_FEW_IT}\b))|\b(?:ho|abbiamo|c'è|ci sono) (?:anche |solo |ancora )?{_FEW_IT} ?{_HELP_IT}\b|\b{_FEW_IT} (?:person[ae]|dipendent[ei]|collaborat\w+|commess[ei]|soci[e]?|bariste?|camerier[ei]|operai|addett[ei]|aiutanti|lavoranti)\b(?! al giorno| in (?:coda|fila)| alla)",
        FactId.ESPERIENZE_PASSATE: rf"\b{_DID_IT}\b[^.!?\n]{{0,80}}\b(?:{_NET_IT})\b|\b(?:{_NET_IT})\b[^.!?\n]{{0,60}}\b(?:{_DID_IT}|sparit\w|mai (?:vist\w|partit\w|funzionat\w)|non c'è (?:più|mai))|\b(?:ci (?:ho|abbiamo) (?:già )?provato|(?:ho|abbiamo) già (?:provato|speso|pagato|avuto)|(?:brutta|bella|pessima) esperienza|fregatura|bidone)\b|\bsito non c'è\b[^.!?]{{0,40}}|\bmai (?:fatto|provato|usato) (?:niente|nulla|internet|un sito)",
        FactId.OSTACOLI: r"\b(?:il problema è|il guaio è|l'ostacolo è|non (?:ho|c'è|abbiamo|c'era|resta|trovo|troviamo) (?:più |mai |proprio )?(?:il )?(?:tempo|ore|soldi)|non ho (?:i )?soldi|costa troppo|non mi fido|non ci fidiamo|nessuno che (?:mi |ci )?(?:aiut|spieg|insegn|dica)\w*|(?:mi|ci) manca(?:no)? (?:\w+ ){0,7}?(?:tempo|soldi|qualcuno|chi|pazienza)|non so (?:come|da che parte|da dove|scegliere|usare)|non sono capace|non me la cavo|sono negat[oa]|non ci capisco|(?:tempo|soldi) (?:non (?:ce n'è|ce ne sono|c'è)|zero|pochi|poco)|manca(?:no)? (?:il tempo|i soldi|le ore)|non ho (?:un|neanche un) minuto)\b",
        FactId.NOME: r"(?-i:\b(?:[Mm]i chiamo|[Ss]ono|[Qq]ui è|[Qq]ui|il mio nome è) [A-ZÀ-Ü][a-zà-ù]{2,}\b(?! (?:Milano|Google))|^\W*(?:(?:[Bb]uongiorno|[Bb]uonasera|[Cc]iao|[Ss]alve)\W+)?[A-ZÀ-Ü][a-zà-ù]{2,}, ?(?:\d\d anni|di |del |della |piacere))",
        FactId.COME_STA: r"\b(?:sono|siamo|mi sento|ci sentiamo|sto|ero|resto) (?:un po' |molto |tanto |davvero |proprio |così |sempre |anche |solo )?(?:stanc|preoccupat|arrabb?iat|incazzat|delus|amareggiat|disperat|entusiast|seren|tranquill|esaust|sfinit|scoraggiat|demoralizzat|nervos|agitat|stuf|content[oaie]\b|giù|male\b)\w*|\b(?:(?:mi|ci) fa (?:rabbia|paura|tristezza)|che rabbia|ho paura|abbiamo paura|non (?:ci )?dormo|sono al limite|ci sto male|mi preoccupa|che delusione|non ne posso più)\b",
        FactId.COSA_VORREBBE: r"\b(?:vorrei|vorremmo|mi piacerebbe|ci piacerebbe|mi basterebbe|ci basterebbe|sogno di|sogniamo di|il mio sogno è|spero di|speriamo di) (?!sapere|chiedere|capire (?:se|cosa|chi|quanto)|parlare|sentire|una persona)(?:\w+ ){2}\w+",
        FactId.URGENZA: r"\b(?:ho fretta|non ho fretta|è urgente|senza fretta|con calma|il prima possibile|quanto prima|appena possibile|(?:nei|nelle) prossim[ie] (?:mesi|settimane)|il mese prossimo|(?:prima|in tempo) (?:di|per|del|della|dei|delle|dell')\s?(?:natale|pasqua|estate|saldi|feste|ferie|inverno|autunno|primavera)|per (?:natale|pasqua|l'estate|settembre)|entro (?:natale|pasqua|l'estate|l'anno|\w+ (?:mesi|settimane|giorni)|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|settembre|ottobre|novembre|dicembre))\b",
    },
    "en": {
        FactId.ATTIVITA: r"\b(?:run|have|own|manage|keep|opened|got|started|bought|took over) (?:a|an|my|our|this|the|two|three|four|\d) ?(?:[\w&'-]+ ){0,3}?(?:shop|store|salon|bar|caf[eé]|restaurant|studio|stall|bakery|gallery|hotel|b&b|business|kitchen|pub|gym|school|agency|pizzeria|deli|garage|laundry|barber\w*|kiosk|truck|boutique|workshop|practice|bookshop|grocer\w*|takeaway|rooms|flats)\b|\b(?:we|i) (?:sell|make|bake|cut|repair|fix|rent|roast|brew|cook|teach|sew|print|import|do|braid|tailor) (?!the (?:job|work|accounts)|a (?:lot|bit)|my |our |it\b|not\b|everything|that|this|this\b|so\b|well\b)\w{3,}|\bi'?a?m an? \w+(?:er|or|ist|ian|smith)\b",
        FactId.ZONA: rf"(?-i:\b(?:in|near|off|by|around|behind|on|at) (?:the )?(?:[Vv]ia\b|[Pp]iazza\b|[Cc]orso\b|[Vv]iale\b|{_NOT_A_PLACE}[A-Z][a-zà-ù]{{2,}}))|\b(?:near|behind|next to|opposite|round the corner from|close to) (?:the|a) \w+|\bin the (?:centre|center|suburbs)\b",
        FactId.PERSONE: r"\b(?:on my own|by myself|alone|just me|only me|single-handed(?:ly)?)\b|\bmy (?:wife|husband|brother|sister|son|daughter|partner|mother|father|mum|dad|cousin|friend|business partner)(?: [A-Z]\w+)?,? and (?:i|me)\b|\b(?:me|i|us|we),? (?:and|with|plus) (?:my|a|an|one|two|three) \w+|\bwith my (?:wife|husband|brother|sister|son|daughter|partner|mother|father|cousin)\b|\b(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|twelve) (?:of us|people|staff|employees|girls|guys|part[- ]timers|baristas)\b(?! a day| an hour| every)|\bi (?:have|employ) (?:a|an|one|two|three|four) (?:girl|assistant|helper|employee|part[- ]timer|barista|apprentice|lad)\w*",
        FactId.ESPERIENZE_PASSATE: r"\b(?:i|we|they|he|she|agency|guy|man|woman|company|nephew|cousin|friend)(?:'ve|'d| have| had)? (?:\w+ ){0,2}?(?:tried|paid|made|built|opened|bought|hired|spent|promised|closed|took|set up|put up)\b[^.!?\n]{0,80}\b(?:site|website|page|app|agency|online|internet|facebook|instagram|google|course|software|newsletter|ads?)\b|\b(?:site|website|page|app)\b[^.!?\n]{0,50}\b(?:never|vanished|disappeared|nobody (?:ever )?(?:visited|came))",
        FactId.OSTACOLI: r"\b(?:the (?:problem|trouble|hard part) is|no time|not enough time|can'?t afford|don'?t trust|nobody to (?:show|help|explain)|don'?t know (?:how|where) to|no idea (?:how|where) to)\b",
        FactId.NOME: r"(?-i:^\W*(?:(?:Hello|Hi|Hey|Morning|Good morning|Good evening)\W+)?[A-Z][a-z]{2,} here\b|\b(?:[Mm]y name is|[Mm]y name's|I am called|[Tt]his is|I'm|I am) (?!Italian|English|Indian|Chinese|British|American|Nigerian|African)[A-Z][a-z]{2,}\b(?!-))",
        FactId.COME_STA: r"\b(?:i am|i'm|we are|we're|i feel|feeling) (?:a bit |very |so |really |quite |just )?(?:tired|worried|angry|exhausted|fed up|disappointed|excited|stressed|frustrated|hopeful|discouraged|anxious|desperate)\b",
        FactId.COSA_VORREBBE: r"\b(?:i'd|we'd|i would|we would) (?:like|love) (?!to (?:know|ask|talk|speak))(?:\w+ ){2}\w+|\b(?:my|our) dream is\b|\bi hope to (?:\w+ ){2}",
        FactId.URGENZA: r"\b(?:no hurry|no rush|it'?s urgent|asap|as soon as possible|before (?:christmas|easter|summer)|in time for (?:christmas|easter|summer)|next month|within (?:a|the|two|three) \w+|by (?:christmas|easter|summer|spring|autumn))\b",
    },
    "es": {
        FactId.ATTIVITA: r"\b(?:tengo|tenemos|llevo|he abierto|abrí) (?:un|una|dos|el|la|mi) \w+|\b(?:vendo|vendemos|soy) (?:una? )?\w{4,}",
        FactId.PERSONE: r"\b(?:sol[oa]|con mi (?:marido|mujer|herman[oa]|hij[oa]|madre|padre)|somos (?:dos|tres|cuatro|cinco|\d))\b",
    },
    "ar": {
        FactId.ATTIVITA: r"(?:عندي|لدي|لدينا|أملك|أدير|أبيع)\s+\w+|\b(?:مطعم|محل|متجر|مقهى|مخبز|صالون|بقالة|ورشة)\b",
        FactId.PERSONE: r"\b(?:وحدي|لوحدي|مع (?:أخي|زوجتي|زوجي|ابني|أختي))\b",
    },
    "zh": {
        FactId.ATTIVITA: r"(?:我|我们)(?:卖|开|做|修|经营)|[\u4e00-\u9fff](?:店|餐厅|饭店|理发店|超市)",
        FactId.PERSONE: r"一个人|(?:和|跟)(?:我)?(?:老婆|老公|妻子|丈夫|儿子|女儿|哥哥|弟弟|姐姐|妹妹)|(?:两|三|四|五)个人",
    },
}  # fmt: skip
_NAMED_PLACE = re.compile(
    rf"\b(?:in|a|ad|al|alla|di|da|sui|sul|sulla|del|dei) {_NOT_A_PLACE}[A-ZÀ-Ü][a-zà-ù]{{3,}}"
)
_SHOP = re.compile(
    rf"\b(?:{_PLACE_IT}|siamo|sono|lavoro|abito|sto|stiamo|aperto|spostat[oai])\b", re.IGNORECASE
)
_COMPILED = {
    language: {fact: re.compile(pattern, re.IGNORECASE | re.MULTILINE) for fact, pattern in told.items()}
    for language, told in _TOLD.items()
}
READ = 4_000
"""Characters of a message that are read."""


def touched_in(text: str, language: str) -> frozenset[FactId]:
    """The facts that a message speaks of, whatever value they have.

    Args:
        text: What was written, masked.
        language: The language it is in; the five that we speak have words here.
    """
    text = text[:READ].replace("’", "'")
    found = {fact for fact, pattern in _COMPILED.get(language, {}).items() if pattern.search(text)}
    beside = (s for s in re.split(r"[.!?;\n]+", text) if _SHOP.search(s)) if language == "it" else ()
    if any(_NAMED_PLACE.search(s) for s in beside):
        found.add(FactId.ZONA)  # "la mia cartoleria ... a Baggio": a name of a place beside the shop
    return frozenset(found)
