"""Whether somebody tells of an effort of their own: work done, tried again, kept up alone or for years, money put in.

What makes an effort is a costly verb in the first person ("ho rifatto", "ci siamo messi", "we walked round") or a cost
that was borne (nights, a lifetime, savings, nobody beside): one is enough, and the most telling kind is affirmed first.
"""

from __future__ import annotations

import re

_DONE_IT = (
    r"provat|tentat|imparat|studiat|seguit|frequentat|rifatt|ristrutturat|rinnovat|ridipint|dipint|costruit|montat|sistemat|stampat|distribuit|girat|camminat|bussat|"
    r"telefonat|insistit|reclamat|sollecitat|risparmiat|investit|aggiornat|fotografat|filmat|caricat|copiat|ricopiat|trascritt|compilat|catalogat|lavorat|resistit|ricominciat|ripartit|"
    r"riapert|rilevat|rinunciat|sacrificat|inventat|organizzat|preparat|cucit|dedicat|consegnat|adattat|tradott|insegnat|arrangiat|impegnat|rimboccat|iscritt|abituat|"
    r"cercat\w di|mess\w (?:su|in piedi|da parte|a posto|online|dentro|insieme|in ordine|lì|qui|a |tutt|le |i |gli |un|la |il |l')|portat\w (?:avanti|in giro|io|a casa|le |i )|tenut\w (?:apert|dur|in piedi|botta|insieme)|"
    r"pass\w+ (?:\w+ ){0,2}(?:giorn|ser|nott|domenic|pomerigg|settiman|mes|ore|agosto|l'estate|l'inverno|un anno)|spes\w (?:tutt|i risparmi|\d|mille|due|tre|\w+cento|\w+mila|un sacco|tanto|ore|giorni)|"
    r"(?:scritt|mandat|chiamat|chiest|spedit)\w (?:a |al |alla |tutt|\d|due|tre|quattro|cinque|sei|dieci|undici|venti|trenta|cento|ovunque|mail|pec|raccomandat|volte)|"
    r"fatt\w (?:tutt|da sol|da me|io|un cors|cors|due|tre|quattro|cinque|dieci|volantin|la pagin|il sito|le foto|i conti|fare|la scheda|un foglio|i bigliett|ore|nottat|sacrific|da capo)|comprat\w (?:un|il|la|i |le |tutt)|"
    r"apert\w (?:la pagin|un|il negozio|la bottega|tutt|lo stesso|anche|nel (?:19|20)\d\d|con (?:la liquidazione|i risparmi))"
)
_FIRST_IT = r"(?:l'|li |le |gli |ci |c'|vi |ne |me l'|me lo |me la |mi |non )?(?:ho|abbiamo|avevo|avevamo|sono|siamo|ero|eravamo)"
_NO_WORK_IT = r"avut|vist|sentit|capit|saput|pers|ricevut|dett|pensat|credut|volut|dimenticat|sbagliat|trovat|firmat|chius|rimast|arrivat|nat|stat|fidat|accort|pentit|arrabbiat|preoccupat|spaventat|ritrovat|separat|sposat"
_COST_IT = (
    r"(?:\d[\d.]*|un|una|due|tre|quattro|cinque|sei|sette|otto|dieci|dodici|quindici|venti|trenta|cento|mille|\w+cento|\w+mila|tanti|tante|parecchi\w*|qualche) (?:giorn|mes[ei]|settiman|ann[oi]|or[ae]|ser[ae]|sabat|domenic|estat|inverno|nott[ei]|volt[ae]|euro|lezion|cors[oi])|"
    r"tutt[oaie] (?:l[aoe']|i\b|il|gli|quant)|da sol|da me|ogni (?:giorno|sera|mattina|notte|settimana|mese|domenica)|fino a|lo stesso|comunque|di tasca|per (?:giorni|mesi|anni|settimane)|di persona|a piedi|pazienza|fatica|di notte|la sera|la domenica|risparmi"
)
_KIN_IT = r"(?:mi[oa]|nostr[oa]|la mia|il mio) (?:figli[oa]|marito|moglie|soci[oa]|mamma|papà|madre|padre|nuora|genero|fratello|sorella|nipote|ragazz[oa]|compagn[oa]|cugin[oa]|ragazzo di bottega)"
_LONG_IT = r"da (?:più di |oltre |quasi |circa )?(?!un |uno |due |tre |1 |2 |3 )(?:\w+|\d+)(?:'|\s)anni|dal (?:19|20)\d\d|dal '?\d\d\b|da una vita|da (?:\w+ )?generazioni|da sempre|da quando (?:avevo|ero) \w+"
_KEPT_IT = (
    r"apert\w|siamo (?:qui|qua|in|nel|aperti)|sono (?:qui|qua|in|nel|dietro)|sto|stiamo|faccio|facciamo|lavor\w+|tengo|teniamo|negozio|bottega|bar|mestiere|attività|banco|salone|laboratorio|"
    r"mando avanti|mandiamo avanti|portiamo avanti|porto avanti|gestis\w+|cucio|taglio|vendo|vendiamo|\w+eria"
)

_KINDS: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "it": tuple(
        (kind, re.compile(pattern, re.IGNORECASE))
        for kind, pattern in (
            ("early", r"\b(?:mi alzo|ci alziamo|mi sveglio|ci svegliamo|apro|apriamo|sono al mercato|sveglia|comincio|cominciamo|attacco|parto|impasto|inforno)\b (?:\w+ ){0,3}(?:alle|prima delle|dalle|prima dell'alba|all'alba)|\balle (?:due|tre|quattro|cinque)(?: e mezza| e un quarto)? (?:di notte|del mattino|di mattina|della mattina|sono già|ero già)|\bprima dell'alba|\balle (?:due|tre|quattro|cinque)(?: e mezza)? (?:mi|ci) (?:alz|svegli)"),
            ("nights", r"\b(?:ogni|tutte le|due|tre|quattro|tante|un mese di) (?:sera|sere|notti|notte|domenica|domeniche)\b|\b(?:tutta|tutte) la notte\b|\b(?:dopo (?:la chiusura|l'orario|cena|il lavoro|aver chiuso)|a negozio chiuso|la domenica (?:mattina|sera|invece)|nei giorni di chiusura)\b|\b(?:fino a(?:lle)?|fino all') ?(?:mezzanotte|undici|dodici|quattro|tre|due|una|notte fonda|tardi)\b|\bdi notte (?:coi|con|a|sul|sulle|sui|mi|ci|studi\w+|scriv\w+|facci\w+)|\b(?:le|di|quelle) nott(?:i|ate) (?:a|passate|sul|sui|al|in)\b|\bla (?:sera|notte) (?:\w+ ){0,2}(?:studio|scrivo|faccio|preparo|rispondo|guardo|imparo|metto|sistemo|facciamo)"),
            ("studied", r"\b(?:ho|abbiamo|avevo|sto|stiamo) (?:\w+ )?(?:imparat|studiat|seguit|frequentat|imparando|studiando|seguendo)\w*|\bcors[oi] (?:di|online|serale|serali|gratuit|in biblioteca|della|del|su)|\bmi sono iscritt\w|\btutorial\b|\bcoi video\b|\bguardando (?:i video|mia|mio|video)|\bsu youtube\b|\bda autodidatta\b|\bmi sono mess\w a (?:studi|impar|legg|guard)"),
            ("insisted", r"\b(?:\w+) (?:raccomandate|segnalazioni|telefonate|reclami|operatori|solleciti|pec|mail|lettere)\b|\b(?:ho|abbiamo) (?:insistito|sollecitato|richiamato)|\b(?:ho|abbiamo) (?:mandato|scritto|chiamato|telefonato|chiesto) (?:\w+ ){0,2}(?:volte|dieci|venti|mille)|\bnon (?:mollo|molliamo|mi arrendo|ci arrendiamo|ho mai mollato|abbiamo mai mollato)|\bci ho riprovato|\bci riprovo"),
            ("money", r"\b(?:tutti i|i miei|i nostri|con i) (?:risparmi|soldi messi da parte)|\bcon la (?:liquidazione|buonuscita)|\bdi tasca (?:mia|nostra)|\b(?:ho|abbiamo) (?:\w+ )?(?:investit|spes|mess)\w* (?:\w+ ){0,3}euro|\b(?:ho|abbiamo) (?:investit|spes)\w*"),
            ("years", rf"\b(?:{_KEPT_IT})\b[^.;!?]{{0,60}}\b(?:{_LONG_IT})|\b(?:{_LONG_IT})[^.;!?]{{0,25}}\b(?:{_KEPT_IT})\b|\bper (?:\w+|\d+)(?:'|\s)anni (?:ho|abbiamo) |\bsiamo alla (?:seconda|terza|quarta) generazione"),
            ("alone", r"\b(?:lavoro|sono|sto|gestisco|tengo|faccio|mando avanti|porto avanti|sempre|tutto)\b[^.;!?]{0,25}\b(?:da )?sol[oa]\b(?! (?:i|le|il|la|un|per|quando|se|che)\b)|^\W*(?:da )?sol[oa]\W*$|\bio sol[oa]\b|\bsol[oa] io\b|\bfaccio tutto (?:io|da)|\bsenza (?:l')?aiuto"),
            ("hands", r"\ba mano\b|\bcon le (?:mie|nostre) mani\b|\bun[ao] per un[ao]\b|\bme l[oaie]? ?(?:sono|curo|faccio|gestisco)\b|\bmi sono fatt[oa] (?:il|la|un|le)\b|\bper conto (?:mio|nostro)\b|\b(?:fatt|mess|facc|impar|costru|mont|cuc|tagl|scriv|cur|gest|aggiorn|provat|sistem|arrang|studi|apert)\w*[^.;!?]{0,40}\b(?:da sol[oaie]|da me(?! stess))\b|\bda sol[oaie] (?:ho|abbiamo|faccio|facciamo|mi)\b|\bl[oaie] (?:aggiorno|curo|seguo|tengo|faccio|gestisco|rispondo) io\b|\b(?:porto|consegno|rispondo|preparo|cucio|monto|faccio) (?:tutto )?io\b"),
            ("hours", r"\b(?:dieci|undici|dodici|tredici|quattordici|quindici|sedici|1[0-6]) ore (?:al giorno|di fila)|\b(?:sette|sei|7|6) giorni su (?:sette|7)|\bsenza (?:ferie|un giorno|mai chiudere|fermar\w+)|\bnon (?:chiudo|chiudiamo|mi fermo|ci fermiamo) mai|\bdalle (?:cinque|sei|sette|5|6|7)(?: e mezza)? (?:\w+ )?(?:alle|a) (?:otto|nove|dieci|undici|sera|mezzanotte|20|21|22)|\b(?:tengo|teniamo) (?:duro|aperto|botta)"),
            ("tried", rf"\b{_FIRST_IT} (?:\w+ ){{0,2}}?(?:{_DONE_IT})"),
            ("tried", r"\bio (?:\w+ )?(?:fatto|risposto|provato|messo|andato|scritto|studiato|imparato|comprato|lavorato|chiesto|parlato)\b"),
            ("tried", rf"\b{_FIRST_IT} (?:\w+ ){{0,2}}?(?!(?:{_NO_WORK_IT})[oaie]\b|fatt[oaie] \w+(?:re|rmi|rci)\b)\w+(?:at|ut|it|es|ss|st|tt|rt|lt|nt|rs)[oaie]\b[^.!?;]{{0,90}}\b(?:{_COST_IT})"),
            ("hours", r"\b(?:penso|pensiamo|bado|badiamo) a tutto|\bmi occupo di tutto|\b(?:mi arrangio|ci arrangiamo)\b|\bfacci(?:o|amo) (?:di|un po' di) tutto\b|\b(?:faccio|apro|chiudo|cucino|servo|pulisco|consegno|preparo|tengo)\b[^.!?;]{0,40}\be (?:faccio|apro|chiudo|cucino|servo|pulisco|consegno|preparo|tengo|rispondo|porto)\b|\bnon (?:faccio|prendo|facciamo|prendiamo|vado in) (?:le )?(?:ferie|vacanz\w+)|\bdormo (?:poco|\w+ ore)|\bfacci(?:o|amo) i turni|\bci (?:alterniamo|diamo il cambio)|\bmi port\w (?:\w+ ){0,3}a casa|\b(?:da|dalla) mattina a(?:lla)? sera|\btutto il (?:santo )?giorno\b|\b(?:sto|stiamo|resto|restiamo|lavoro|lavoriamo) (?:\w+ ){0,3}(?:fino a|dalle \w+ alle|tutti i giorni|anche la domenica|anche di notte)|\banche con la febbre"),
            ("others", rf"\b{_KIN_IT}\b (?:\w+ ){{0,2}}(?:ha|aveva|si è) (?:\w+ )?(?:{_DONE_IT})|\bci (?:ha|hanno) mess[oa] (?:un|due|tre|mesi|giorni|tutt)"),
            ("care", r"\bce l[oa] (?:mettiamo|metto) tutt[oa]\b|\bcon (?:tanta )?(?:pazienza|cura|passione)\b|\bper (?:i|le) (?:miei|mie|nostri|nostre) client\w+ (?:faccio|facciamo|porto|tengo|apro|preparo)|\bl[ei] (?:porto|consegno|accompagno) (?:a casa|io|fino)|\bquando (?:riesco|posso|riusciamo|possiamo)\b|\b(?:facciamo|faccio|organizziamo|organizzo) (?:\w+ )?(?:letture|laboratori\w*|corsi|serate|incontri|eventi|degustazion\w+|merende|aperitivi|consegne)\b"),
        )
    ),
    "en": tuple(
        (kind, re.compile(pattern, re.IGNORECASE))
        for kind, pattern in (
            ("early", r"\b(?:up|start|open|get up|baking|at the market)\b (?:\w+ ){0,2}(?:at|from|before) (?:three|four|five|3|4|5|dawn)|\bbefore dawn\b|\b(?:3|4|5|three|four|five)(?:\.30|:30)? (?:am|in the morning)\b"),
            ("nights", r"\b(?:every|two|three|many|all|most) (?:nights?|evenings?|sundays?|weekends?)\b|\bafter (?:closing|hours|work)\b|\btill? (?:midnight|late|one|two)\b|\buntil (?:midnight|late|one|two)\b|\bnights\b|\ball night\b|\bat night i\b"),
            ("studied", r"\b(?:a|the|online|evening|free) (?:course|class)\b|\btutorials?\b|\b(?:i|we)(?:'ve| have)? (?:learned|learnt|studied)\b|\btaught myself\b|\bteaching myself\b|\byoutube\b"),
            ("insisted", r"\b(?:wrote|called|phoned|rang|emailed|asked|chased) (?:\w+ ){0,3}(?:times|again|and again|weeks)\b|\bdon'?t give up\b|\bnever gave up\b|\bkept (?:calling|asking|trying|at it|going)\b"),
            ("money", r"\b(?:all )?(?:my|our) savings\b|\bout of my own pocket\b|\b(?:i|we)(?:'ve| have)? (?:invested|spent|put in|put all)\b"),
            ("years", r"\bfor (?!a |one |two |three )(?:\w+|\d+) years\b|\bsince (?:19|20)\d\d\b|\b(?!two |three )(?:\w+|\d+) years (?:now|here|in)\b|\bgenerations?\b|\ball my life\b"),
            ("alone", r"\b(?:on my own|by myself|alone|(?:just|only) me(?!,? (?:and|plus|with)\b)|single[- ]handed(?:ly)?|do everything)\b"),
            ("hands", r"\bby hand\b|\bmyself\b|\bone by one\b|\bourselves\b|\bwith my own hands\b"),
            ("hours", r"\b(?:ten|eleven|twelve|thirteen|fourteen|1[0-6])[- ]hours?\b|\b(?:seven|six|7|6) days (?:a|out of)\b|\bno (?:holidays?|days? off)\b|\bwithout a (?:day off|break)\b|\bnever close\b"),
            ("tried", r"\b(?:i|we)(?:'ve| have|'d| had)?(?: \w+ly| even| also| just| always)? (?:tried|walked|printed|built|made (?:a|the|all|my|our|some)|posted|knocked|set up|put up|put together|kept|worked|managed|painted|redid|rebuilt|repainted|renovated|saved|delivered|carried|translated|handed out|gave out|photographed|filmed|uploaded|copied|filled in|signed up|organi[sz]ed|opened (?:a|the) page|started over|rewrote|sewed|fixed|typed|took (?:over|photos|pictures|a course))\b"),
            ("tried", r"\b(?:i|we)(?:'ve| have|'d| had)? (?:\w+ly )?(?!(?:wanted|needed|used|liked|lost|bought|thought)\b)(?:\w+(?:ed|ght|nt)|wrote|drove|took|gave|went|ran|did|wore|rode|put|cut|spoke|rang|sold|swept|sewed)\b[^.!?;]{0,90}\b(?:(?:\d+|a|one|two|three|four|five|six|ten|twenty|hundred|whole|every|all) (?:hours?|days?|weeks?|months?|years?|nights?|evenings?|weekends?|times|euros?|summer|winter|afternoons?)|myself|ourselves|by hand|on foot|door to door|all the|every)\b"),
            ("others", r"\bmy (?:son|daughter|husband|wife|brother|sister|mother|father|cousin|partner|nephew|niece) (?:\w+ )?(?:tried|built|made|set up|spent|took|posted|designed|helped)\b"),
            ("care", r"\bfor my customers i\b|\bgive it my all\b|\bdo my best\b|\bwhenever i can\b"),
        )
    ),
}  # fmt: skip
KINDS = ("early", "nights", "studied", "insisted", "money", "years", "alone", "hands", "hours", "tried", "others", "care")  # fmt: skip
"""What an effort was made of, the most telling first."""

_COUNTED = {
    "it": re.compile(
        r"(?<!da )(?<!ho )(?<!\w)((?:\d[\d.]*|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|quindici|(?:mille e |\w+mila e )?\w+cento\w*|\w*(?:venti|trenta|quaranta|cinquanta|sessanta|settanta|ottanta|novanta|mila)\w*|mille|cento) "
        r"(?:euro|mesi|settimane|giorni|ore|sere|notti|domeniche|pomeriggi|volte|ordini|clienti|segnalazioni|raccomandate|volantini|telefonate|messaggi|foto|iscritti|pagine|articoli))\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b((?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|\w+ hundred|a hundred) "
        r"(?:euros|pounds|months|weeks|days|hours|nights|times|orders|customers|offices|leaflets|calls|messages|photos|parcels))\b",
        re.IGNORECASE,
    ),
}  # fmt: skip


def effort_kinds(text: str, language: str) -> tuple[str, ...]:
    """What an effort that was just told was made of, the most telling first; empty when none was told.

    Args:
        text: What was written.
        language: Only Italian and English have patterns.
    """
    return tuple(kind for kind, pattern in _KINDS.get(language, ()) if pattern.search(text[:4000]))


_ACTED = {
    "it": re.compile(rf"\b{_FIRST_IT} (?:\w+ ){{0,2}}?(?!(?:{_NO_WORK_IT})[oaie]\b|fatt[oaie] \w+(?:re|rmi|rci)\b)\w+(?:at|ut|it|es|ss|st|tt|rt|lt|nt|rs)[oaie]\b", re.IGNORECASE),
    "en": re.compile(r"\b(?:i|we)(?:'ve| have|'d| had)? (?:\w+ly )?(?!(?:wanted|needed|used|liked|lost|bought|thought|trusted|believed)\b)(?:\w+ed|wrote|took|made|gave|went|put|built)\b", re.IGNORECASE),
}  # fmt: skip


def acted(text: str, language: str) -> bool:
    """True when somebody tells of something they did; of a past attempt, told at length, that is effort enough."""
    pattern = _ACTED.get(language)
    return pattern is not None and pattern.search(text[:4000]) is not None


def counted(text: str, language: str) -> str:
    """The first thing that was told with its number ("ottocento euro", "undici segnalazioni"); "" when there is none."""
    pattern = _COUNTED.get(language)
    found = pattern.search(text[:4000]) if pattern is not None else None
    return found[1] if found else ""
