"""The names by which the engine calls shared lines, buttons and words, with what each is for, in Italian.

The checker holds `shared.yml` and `alarms.yml` against these lists, and a test holds the lists against the code.
"""

from __future__ import annotations

LINES: dict[str, str] = {
    "greeting_morning": "saluto del mattino",
    "greeting_afternoon": "saluto del pomeriggio",
    "greeting_evening": "saluto della sera",
    "greeting_night": "saluto della notte",
    "opening_who": "primo messaggio: programma automatico, chi siamo, gratis",
    "opening_consent": "secondo messaggio: privacy, numero di verifica, primo consenso",
    "consent_again": "qualcosa è arrivato prima del consenso",
    "consent_short": "il consenso, ancora, in poche parole",
    "consent_thanks": "dopo il primo consenso",
    "consent_thanks_held": "dopo il primo consenso, se aveva già scritto",
    "consent_no": "ha detto di no al primo consenso",
    "presence_open": "c'è una persona, e fino a quando",
    "presence_open_late": "c'è una persona, fuori orario",
    "presence_closed": "non c'è nessuno, e quando si riapre",
    "presence_unknown": "non c'è nessuno, e non si sa quando",
    "usual_wait": "l'attesa di questi giorni",
    "room": "si lascia spazio senza chiedere",
    "go_ahead": "invito a continuare, quando le domande sono finite",
    "not_understood_1": "non capito, prima volta",
    "not_understood_2": "non capito, seconda volta: si offrono pulsanti",
    "not_understood_3": "non capito, terza volta: si offre una persona",
    "repeat_intro": "prima di ridire la domanda in altro modo",
    "scam_safety": "prudenza, se un raggiro è ancora in corso",
    "skip_ok": "ha saltato una domanda",
    "no_matter": "non sa, e va bene",
    "back_ok": "si torna indietro",
    "back_none": "non c'è niente prima",
    "clash": "due versioni della stessa cosa",
    "clash_done": "chiarita la contraddizione",
    "correct_which": "che cosa va corretto",
    "correct_how": "come va scritto un fatto",
    "correct_done": "corretto",
    "correct_added": "aggiunto a quello che c'era",
    "rewritten": "ha modificato un messaggio",
    "masked": "qualcosa è stato nascosto",
    "summary_thanks": "riassunto approvato",
    "summary_again": "si torna alla domanda del riassunto",
    "share_ask": "secondo consenso: far leggere a una persona",
    "share_thanks": "dopo il secondo consenso",
    "share_no": "ha detto di no al secondo consenso",
    "unshare_done": "ha ritirato il secondo consenso",
    "unshare_alarm": "ha ritirato il secondo consenso, ma un allarme è in corso",
    "contact_ask": "come essere raggiunti",
    "contact_number": "a quale numero",
    "handover": "passaggio alla persona",
    "person_ok": "ha chiesto una persona",
    "callback_ok": "ha chiesto di essere richiamato",
    "callback_when": "quando richiamare",
    "waiting_invite": "mentre aspetta può continuare",
    "waiting_status": "a che punto è l'attesa",
    "waiting_more": "quello che aggiunge mentre aspetta",
    "waiting_goodbye": "saluto mentre aspetta",
    "pointer_ask": "permesso per un'indicazione",
    "pointer_no": "non vuole l'indicazione",
    "nobody_came": "nessuno è arrivato: la verità",
    "given_back": "la persona ha lasciato la chat al programma",
    "closing": "saluto alla chiusura",
    "closing_after_alarm": "saluto alla chiusura dopo un allarme",
    "rating_ask": "da 1 a 5",
    "rating_words": "due parole dopo il voto",
    "rating_thanks": "grazie delle parole",
    "closed_goodbye": "saluto a caso chiuso",
    "new_need_ask": "una cosa nuova o quella di prima",
    "new_need_ok": "si apre una cosa nuova",
    "rest_more": "aggiunge qualcosa senza aver condiviso",
    "rest_goodbye": "saluto senza aver condiviso",
    "pause_ok": "pausa",
    "reminder_ask": "vuole un promemoria",
    "reminder_ok": "promemoria sì",
    "reminder_no": "promemoria no",
    "reminder": "il promemoria",
    "welcome_back": "bentornato",
    "welcome_back_where": "bentornato, con dove eravamo",
    "welcome_neutral": "bentornato neutro, dopo violenza o estorsione",
    "am_i_program": "sono un programma",
    "who_are_we": "chi siamo",
    "price": "quanto costa",
    "privacy": "che fine fanno i dati",
    "help": "che cosa si può fare qui",
    "off_topic": "fuori tema",
    "act_saluto": "risposta a un saluto",
    "act_ringraziamento": "risposta a un grazie",
    "act_complimento": "risposta a un complimento",
    "insult_1": "primo insulto",
    "insult_2": "secondo insulto: un confine e una persona",
    "data_intro": "ecco i suoi dati",
    "erase_ask": "conferma della cancellazione",
    "erase_done": "cancellato",
    "erase_no": "non cancellato",
    "language_ask": "quale lingua",
    "language_set": "lingua cambiata",
    "topics": "le cose di cui ha parlato, quando le sue parole non si possono ridare",
    "topic": "la cosa di cui ha parlato, quando è una sola",
    "question_noted": "ha chiesto una cosa a cui il programma non sa rispondere",
    "no_apology": "si è scusato di qualcosa",
    "customers_first": "è entrato un cliente: la domanda resta aperta",
    "kept_more": "aggiunge qualcosa dopo il riassunto",
    "kept_always": "aggiunge ancora, quando le altre frasi sono finite",
    "clash_attivita": "due versioni dell'attività",
    "clash_zona": "due versioni della zona",
    "clash_persone": "due versioni di quante persone ci lavorano",
    "languages_offer": "a chi scrive un italiano che sta imparando: parole facili, e le altre lingue",
    "brought_photo": "foto",
    "brought_voice": "vocale che non si è potuto ascoltare",
    "voice_listening": "un vocale lungo: sto ascoltando",
    "voice_check": "il vocale ascoltato, e se è giusto",
    "voice_shown": "un vocale breve, ascoltato",
    "voice_again": "il vocale era capito male",
    "voice_decision": "un sì a voce non basta per decidere",
    "brought_video": "video",
    "brought_sticker": "sticker",
    "brought_location": "posizione",
    "brought_contact": "contatto di altri",
    "brought_contact_own": "il proprio numero",
    "brought_document": "documento",
    "brought_other": "altro",
    "brought_again": "altro, ancora",
    "back_to_shop": "si torna al negozio dopo un allarme",
    "help_in_distress": "un comando durante un allarme",
}
"""Shared lines and what each is for."""

APPROVED_LINES = frozenset(
    {
        "opening_who", "opening_consent", "consent_again", "consent_short", "consent_no", "share_ask", "handover",
        "unshare_done", "unshare_alarm",
        "person_ok", "callback_ok", "waiting_status", "nobody_came", "am_i_program", "who_are_we", "price",
        "privacy", "help", "scam_safety", "erase_ask", "erase_done", "back_to_shop", "help_in_distress",
    }
)  # fmt: skip
"""Lines on alarms, consent, privacy, price and help: somebody must sign them (PRODUCT.md, Alarms)."""

BUTTONS = frozenset(
    {
        "listen_yes", "listen_no", "listen_after_all", "privacy", "person", "no_person", "skip", "continue", "enough",
        "summary_yes", "summary_correct", "share_yes", "share_no", "contact_qui", "contact_telefono",
        "contact_in_negozio", "contact_allo_sportello", "yes", "no", "no_thanks", "pause", "resume", "erase_yes",
        "erase_no", "numbers", "traces", "back_to_shop", "callback", "wait", "new_need", "same_need", "simple",
        "voice_yes", "voice_no", "unshare",
    }
)  # fmt: skip
"""Buttons the engine uses."""

WORDS = frozenset(
    {
        "language_name", "enough", "today", "tomorrow", "at_hour", "always", "hours_unknown", "ask_here", "open_until", "opens_at",
        "closed_now", *(f"day_{n}" for n in range(7)),
        *(f"masked_{k}" for k in ("carta", "iban", "codice_fiscale", "password", "telefono_altrui")),
    }
)  # fmt: skip
"""Service words the engine uses."""

ALARM_LINES = frozenset(
    {
        "told_on_call",
        "nobody_on_call",
        "without_consent",
        "person_in_alarm",
        "numbers",
        "safe_unsure",
        "traces_offer",
        "traces_done",
        "doubt_untold",
    }
)
"""Lines that all alarms share."""
