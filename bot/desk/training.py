"""A private practice shift: a shopkeeper who does not exist, for an angel who begins."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.desk import roster
from bot.desk.events import AngelTapped
from bot.desk.texts import FOLDER, read_yaml
from bot.desk.work import Work
from bot.store.calls import Key, Keyboard
from bot.store.models import Angel, Setting


class Step(BaseModel):
    """One gesture that is waited for."""

    model_config = ConfigDict(extra="forbid")

    expects: Literal["claim", "write", "note", "close"]
    hint: str
    then: str


class Practice(BaseModel):
    """`training.yml` as it is written."""

    model_config = ConfigDict(extra="forbid")

    start: str
    steps: list[Step] = Field(min_length=1)
    stop: str


def load_practice(folder: Path = FOLDER) -> Practice:
    """Read the practice shift; it is short and seldom wanted."""
    return Practice.model_validate(read_yaml(folder / "training.yml"))


def _row(work: Work, angel: Angel) -> Setting | None:
    return work.session.get(Setting, f"practice:{angel.user_id}")


def under_way(work: Work, angel: Angel) -> bool:
    """True while the angel practises."""
    return _row(work, angel) is not None


def begin(work: Work, angel: Angel) -> None:
    """Start, or start again."""
    practice = load_practice()
    work.session.merge(Setting(name=f"practice:{angel.user_id}", value="0"))
    work.to_angel(angel.user_id, practice.start, _buttons(work, practice.steps[0]))
    work.audit(f"angel:{angel.id}", "practised")


def _buttons(work: Work, step: Step) -> Keyboard:
    if step.expects in ("claim", "close"):
        return ((Key(label=work.texts.button(step.expects), data=f"d:practice:0:{step.expects}"),),)
    return ()


def tapped(work: Work, event: AngelTapped) -> bool:
    """A button of the practice shift; True when it was one."""
    if not event.data.startswith("d:practice:0:"):
        return False
    angel = roster.member(work.session, event.who)
    work.answer(event.query_id, "duty" if angel else "refused")
    if angel is not None and under_way(work, angel):
        _done(work, angel, event.data.rsplit(":", 1)[1])
    return True


def said(work: Work, angel: Angel, text: str) -> None:
    """Something the angel typed while practising."""
    if text.strip() == "/annulla":
        row = _row(work, angel)
        if row is not None:
            work.session.delete(row)
        work.to_angel(angel.user_id, load_practice().stop)
        return
    _done(work, angel, "note" if text.lstrip().startswith("//") else "write")


def _done(work: Work, angel: Angel, gesture: str) -> None:
    row, practice = _row(work, angel), load_practice()
    if row is None:
        return
    number = min(int(row.value), len(practice.steps) - 1)
    step = practice.steps[number]
    if step.expects != gesture:
        work.to_angel(angel.user_id, step.hint, _buttons(work, step))
        return
    following = practice.steps[number + 1] if number + 1 < len(practice.steps) else None
    hint = f"\n\n<i>{following.hint}</i>" if following else ""
    work.to_angel(angel.user_id, step.then + hint, _buttons(work, following) if following else ())
    if following is None:
        work.session.delete(row)
    else:
        row.value = str(number + 1)
