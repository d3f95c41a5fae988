"""One exchange under construction: what is being said, asked and done, until `done()` makes it state and effects.

The rules that hold for every turn live here and nowhere else: at most two messages, at most one question, silence
while an angel has the case, sentences remembered so that none returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.conversation.library import Library, variants
from bot.conversation.script import Text, Variant
from bot.conversation.state import SENTENCES_KEPT, Pending, Phase, State
from bot.conversation.types import Button, Effect, Fact, FactId, Moment, Say, Sheet, SpeechAct, Spoken
from bot.conversation.voice import Chosen, Voice, fingerprint, form, opener, sentences, wording, words_in

EXEMPT = frozenset({SpeechAct.NOTICE, SpeechAct.SUMMARY})
"""Acts whose sentences may return: notices, consents, help lines, quotations of the summary."""

QUESTIONS = frozenset({SpeechAct.OPEN, SpeechAct.CLOSED, SpeechAct.PERMISSION})

OF_THE_INTERVIEW = frozenset({Phase.LISTENING, Phase.PAUSED})
"""Where every question counts, whoever asks it: the gentle one, a contradiction, the reminder."""

NOT_COUNTED = frozenset({Pending.VOICE, Pending.DIRECT, Pending.SAFE, Pending.TRACES, Pending.LISTEN})
"""What asks nothing about the person: whether a voice message was heard well, and all that belongs to an alarm."""

Rows = tuple[tuple[Button, ...], ...]


@dataclass(slots=True)
class _Message:
    """One message under construction."""

    spoken: list[Spoken] = field(default_factory=list)
    breaks: list[bool] = field(default_factory=list)
    buttons: Rows = ()
    asks: str = ""


class Exchange:
    """Gathers one turn."""

    def __init__(self, library: Library, state: State, moment: Moment) -> None:
        self.library, self.state, self.moment = library, state, moment
        self.voice = Voice(library, state, moment)
        self.effects: list[Effect] = []
        self.fresh: tuple[Fact, ...] = ()
        self.heard_words = 0
        self.heard_text = ""
        self.told_safety = False
        """They said, in this turn, whether somebody else may read here."""
        self._messages: list[_Message] = []
        self._breaks_next = False
        self._asked = False
        self._right = False
        self._beside: Rows = ()

    # --- state and effects --------------------------------------------------------------------------------

    def set(self, **changes: Any) -> None:
        """Change the state."""
        self.state = replace(self.state, **changes)

    def do(self, *effects: Effect) -> None:
        """Add effects, in order."""
        self.effects.extend(effects)

    @property
    def sheet(self) -> Sheet:
        """The sheet now."""
        return self.state.sheet

    def knows(self, fact: FactId) -> bool:
        """True when a fact was told or declined."""
        return self.state.notes.knows(fact)

    # --- speaking -----------------------------------------------------------------------------------------

    @property
    def silent(self) -> bool:
        """True while nothing has been said in this turn."""
        return not any(m.spoken for m in self._messages)

    @property
    def spoken_words(self) -> int:
        """Words said so far in this turn."""
        return sum(words_in(part.text) for m in self._messages for part in m.spoken)

    @property
    def has_asked(self) -> bool:
        """True when this turn already asks something."""
        return self._asked

    def message(self) -> None:
        """Go on in a second message (the turn never has a third: further text joins the second)."""
        most = 1 if self.moment.one_message else 2
        if self._messages and self._messages[-1].spoken and len(self._messages) < most:
            self._messages.append(_Message())

    def paragraph(self) -> None:
        """Go on in a new paragraph."""
        self._breaks_next = True

    def add(self, act: SpeechAct, chosen: Chosen) -> None:
        """Say something that was chosen."""
        if not self._messages:
            self._messages.append(_Message())
        message = self._messages[-1]
        message.spoken.append(Spoken(act, chosen.text, chosen.line))
        message.breaks.append(self._breaks_next)
        self._breaks_next = False
        self.voice.said.update(fingerprint(s) for s in sentences(chosen.text))
        self._asked = self._asked or act in QUESTIONS

    def choose(
        self, text: Text, where: str, act: SpeechAct, *, sheet: Sheet | None = None, **extra: str
    ) -> Chosen | None:
        """A variant of a text that can be said here, without saying it."""
        return self._chosen(text, where, act, extra, sheet)

    def _chosen(
        self, text: Text, where: str, act: SpeechAct, extra: Mapping[str, str], sheet: Sheet | None = None
    ) -> Chosen | None:
        return self.voice.choose(
            text, where, self.state, sheet=sheet, extra=extra, opening=self.silent, exempt=act in EXEMPT
        )

    def say(self, name: str, act: SpeechAct = SpeechAct.NOTICE, **extra: str) -> bool:
        """Say a shared line; False when it has none left to say."""
        found = self.library.line(name, self.state.language)
        chosen = self._chosen(found[0], f"{found[1]}/shared/{name}", act, extra) if found else None
        if chosen is None:
            return False
        self.add(act, chosen)
        return True

    def ask(
        self,
        name: str,
        *,
        pending: Pending,
        asked: str,
        buttons: Rows = (),
        act: SpeechAct = SpeechAct.PERMISSION,
        exempt: bool = True,
        **extra: str,
    ) -> bool:
        """Ask a shared question that waits for a short answer; nothing when this turn already asks.

        Args:
            name: The shared line.
            pending: What is awaited.
            asked: What understanding is told was asked.
            buttons: Rows of buttons.
            act: Open, closed or permission.
            exempt: The sentence may return (consents and other notices).
            extra: The engine's variables.
        """
        if self._asked:
            return False
        found = self.library.line(name, self.state.language)
        if found is None:
            return False
        where = f"{found[1]}/shared/{name}"
        chosen = self.voice.choose(
            found[0], where, self.state, extra=extra, opening=self.silent, exempt=exempt
        )
        if chosen is None:
            return False
        self.add(act, chosen)
        self.await_answer(pending, asked, buttons)
        return True

    def await_answer(self, pending: Pending, asked: str, buttons: Rows = ()) -> None:
        """What was just said waits for an answer; in the interview it is one of its few questions."""
        self._asked = True
        if self.state.phase in OF_THE_INTERVIEW and pending not in NOT_COUNTED:
            self.set(questions=self.state.questions + 1)
        self.set(pending=pending, asked=asked)
        if self._messages:
            self._messages[-1].asks = asked
            self._messages[-1].buttons = buttons

    def stay_open(self, asked: str, buttons: Rows) -> None:
        """The question of an earlier turn still waits for its answer, behind what was just said."""
        if self._messages:
            self._messages[-1].asks = asked
            self._messages[-1].buttons = buttons

    def offer(self, buttons: Rows) -> None:
        """Put buttons under the last message, without asking."""
        if self._messages and not self._messages[-1].buttons:
            self._messages[-1].buttons = buttons

    def beside(self, buttons: Rows) -> None:
        """Put buttons under the turn's last message, below whatever else it offers."""
        self._beside = buttons

    def serve_right(self) -> None:
        """This turn answers a right of the person's: it is said also while an angel writes."""
        self._right = True

    def button(self, name: str, choice: str) -> Button:
        """A button by its name in the shared lines."""
        found = self.library.button(name, self.state.language)
        if found is None:
            return Button(name, choice)
        if isinstance(found, Variant):
            return Button(wording(found, self.voice.manner(self.state)), choice)
        return Button(form(found, self.state.gender), choice)

    def word(self, name: str, fallback: str = "") -> str:
        """A service word of this language (`oggi`, `domani`, ...)."""
        for code in (self.state.language, "it"):
            shared = self.library.shared.get(code)
            if shared and name in shared.words:
                return shared.words[name]
        return fallback

    def has_line(self, name: str) -> bool:
        """True when the shared line exists."""
        found = self.library.line(name, self.state.language)
        return found is not None and bool(variants(found[0]))

    # --- the end ------------------------------------------------------------------------------------------

    def done(self) -> tuple[State, tuple[Effect, ...]]:
        """The state afterwards and everything to do, sends last."""
        if self.state.phase is Phase.WITH_ANGEL and not self._right:
            return self.state, tuple(e for e in self.effects if not isinstance(e, Say))
        says = [self._finished(m) for m in self._messages if m.spoken]
        if says:
            says[-1] = replace(says[-1], buttons=(*says[-1].buttons, *self._beside))
            spoken = [fingerprint(s) for say in says for part in say.spoken for s in sentences(part.text)]
            known = dict.fromkeys((*self.state.said, *spoken))
            self.set(said=tuple(known)[-SENTENCES_KEPT:], opener=opener(says[0].text))
        return self.state, (*self.effects, *says)

    def _finished(self, message: _Message) -> Say:
        text = ""
        for part, new_paragraph in zip(message.spoken, message.breaks, strict=True):
            # Chinese puts no space after a full stop.
            space = "" if text.endswith(("。", "？", "！", "”")) else " "
            text += (("\n\n" if new_paragraph else space) if text else "") + part.text
        return Say(text, message.buttons, tuple(message.spoken), message.asks, self._right)


def row(*buttons: Button) -> Rows:
    """Buttons side by side."""
    return (tuple(buttons),)


def column(*buttons: Button) -> Rows:
    """Buttons one below the other."""
    return tuple((b,) for b in buttons)
