"""What is never mirrored: blame of oneself or of others, insults, swearing, distress, health, what identifies.

A star ends a stem. In doubt a word is in: a plain reflection of the fact costs little, a wound given back costs the
conversation.
"""

from __future__ import annotations

import re

_ITALIAN_WORDS = """
scem* stupid* ignorant* cretin* imbecill* idiot* deficient* incapac* imbranat* negato negata asino asina somar* fess* pirla
tonto tonta rimbambit* rincoglion* sprovvedut* ingenu* sciocc* vergogn* colpa colpe colpevol* sbagli* fallit* falliment*
fallire errore errori zuccon* ridicol* inutile incompetent* analfabet* dinosaur* matusa boomer arretrat* fannullon*
disgraziat* patetic* pena asinata cavolata cavolate cagata illus* illuder*
cazz* merd* minchi* coglion* stronz* bastard* vaff* fancul* puttan* troi* mignott* culo culi fottut* fotter* incazz*
schif* porc* madonn* dio cristo gesù cagat* cagare palle balle rompi* rompon* maledett* bestemmi* negr* zingar* terron*
vedov* lutto funeral* defunt* froci* handicappat* mongoloid* ritardat* cinesi marocchin* extracomunitar* ladr* delinquent* ciarlatan* pagliacc* buffon*
furb* squal* bestia animale cretinata
truff* freg* ruba* rubo imbrogl* ingann* raggir* bidon* disonest* bugiard* bugia bugie mentit* mentire promess* promett*
spillat* sparit* sparisc* spariv* sparir* scappat* sfrutt* pacco bufal* incul* ricatt* estor* minacc* denunc* avvocat*
tribunal* querel* carabinier* polizi* usur* strozz* pizzo racket mafi* mazzett* evas* abusiv* licenzi* sfratt* multa multe
bugiard* illusion* tradit* tradiment* scars* incompeten* disastr* rovin* menefreghist* truccat* deluso delusa delusion*
morì muoio muore muoiono morire morirei mort* morend* ammazz* suicid* dispera* piang* piant* pianse depress* ansi* panico
crisi esaur* distrutt* incub* angosc* terror* soffr* doloros* dolore dolori malat* tumor* cancro infart* ictus operat*
ospedal* terapi* chemio psic* invalid* incinta abort* gravidanza lutto vedov* funeral* separazion* separat* divorzi* debit*
pignor* ipotec* mutuo mutui prestit* rate strozzin* equitalia cartella cartelle giudiziar* picchi* botte violenz* violent*
stalk* drog* alcol* ubriac* azzard* slot odio odi odiare rabbia arrabbiat* ammalat* malattia handicap cecità covid
pin iban password codice cell email mail chiocciola
livid* pillol* pastigli* protezion* svegliar* menar* mena pistol* paura spavent* farmaci gocce debitor*
schiav* condann* crepare crepo affog* annega* soffoc* strangol* buttarmi uccid* uccis* sangue guerra
"""
_ITALIAN_PHRASES = (
    r"farla finita|(?:è|era|sono) (?:\w+ )?mancat[oaie] (?:a|da|l'|il mese|\w+ (?:anni|mesi))|venut[oa] a mancare|(?:sono|troppo) vecchi[oa]|non ce la (?:faccio|facciamo)|se ce la (?:faccio|facciamo)|ce la facciamo più|non ne posso più|non valgo|non servo|non sono (?:buon|capac|portat|"
    r"brav|bon)\w*|(?<!non )mi (?:trova|trovi|trovate|chiami|chiamate|richiami)\b|^\W*(?:ho|avevo) detto|mani addosso|occhio nero|se non ci fossi|"
    r"mi sento vecchi\w|direi|diciamo|mi pare ovvio|ho scritto|non si offenda|alla fine (?:ho|abbiamo)|ascolti|intendo|dimenticavo|di dir\w+|saprei dirlo|scrivo piano|per scherzo|lasciamo (?:perdere|stare)|lascia (?:perdere|stare)|non so (?:usare|fare)|non capisco|non ci capisco|non so (?:fare|usare) niente|non so niente|faccio pena|che figura|preso in giro|presa in giro|"
    r"presi in giro|per il naso|buco nell'acqua|da sol[oae] contro|in nero|soldi buttati|ho buttato|abbiamo buttato|buttat[oiae]|"
    r"spennat\w*|pelat[oa]|se ne frega|mi chiamo|ci chiamiamo|il mio nome|mi vergogno|a pezzi|al verde|sul lastrico|"
    r"non si è più (?:fatto|fatta|visto|vista)|mai più vist\w|non risponde più|non mi ha mai|non hanno mai|non ha mai|"
    r"mi (?:ha|hanno) (?:rovinat|lasciat|mollat|piantat|abbandonat|presa|preso)\w*|mi (?:ha|hanno) fatto (?:credere|firmare|pagare)|"
    r"ci (?:ha|hanno) (?:rovinat|lasciat|mollat|piantat|abbandonat|presi|prese)\w*|ci (?:ha|hanno) fatto (?:credere|firmare|pagare)"
)
_ENGLISH_WORDS = """
stupid* dumb* idiot* fool* moron* useless incompeten* ashamed asham* embarrass* fault blame* mistake* fail* ignorant illiterate
old-fashioned dinosaur hopeless worthless pathetic naive loser gullible silly
fuck* shit* damn* bastard* bitch* crap* ass arse* hell bloody piss* cunt* dick* wanker* bollocks nigg* faggot*
scam* cheat* crook* thief thieves stole* steal* rob robbed robbing lied liar* lying lies fraud* rip ripped conned con swindl*
promis* vanish* disappear* ghosted threat* blackmail* extort* sue sued lawyer* police court loan* shark* mafia fired evict*
betray* disappoint* overcharg* exploit*
die died dying dead death kill* suicid* cry cried crying depress* anxi* panic crisis exhaust* desperat* nightmare* terrif*
suffer* pain painful ill illness sick cancer tumor* tumour* stroke hospital* surgery therap* psych* disab* pregnan* miscarr*
widow* funeral* divorc* separated debt* mortgage* bankrupt* bailiff* foreclos* beat beaten violen* stalk* drug* alcohol* drunk*
gambl* hate hated angry rage broke broken drown* suffocat* alive afraid scared knife gun pills bruis* hit hits slave* blood war burned burnt burnout
password* pin iban code phone number email mobile
"""
_ENGLISH_PHRASES = (
    r"beyond (?:me|us)|over (?:my|our) heads?|hopeless|no clue|i get lost|can't go on|cannot go on|end it|give up|my name is|i'?m called|took (?:my|our) money|no good at|not good (?:at|with)|bad at|"
    r"don'?t understand|don'?t know anything|never (?:answered|delivered|came|replied|called)|waste[d]?"
)


def _pattern(words: str, phrases: str) -> re.Pattern[str]:
    listed = "|".join(re.escape(w[:-1]) + r"\w*" if w.endswith("*") else re.escape(w) for w in words.split())
    return re.compile(rf"\b(?:{listed}|{phrases})\b", re.IGNORECASE)


_REFUSED = {
    "it": _pattern(_ITALIAN_WORDS, _ITALIAN_PHRASES),
    "en": _pattern(_ENGLISH_WORDS, _ENGLISH_PHRASES),
}
_IDENTIFIES = re.compile(
    r"\d[\d\s.,/-]{4,}\d|\d{5,}|@|https?:|www\.|\.(?:it|com|eu|net|org)\b|[\[\]*<>{}|\\#_=~^]", re.IGNORECASE
)


def refused(text: str, language: str) -> bool:
    """True for what is not given back in the person's own words.

    Args:
        text: A clause, masked.
        language: `it` or `en`.
    """
    return bool(_IDENTIFIES.search(text) or _REFUSED[language].search(text))
