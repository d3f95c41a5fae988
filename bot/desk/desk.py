"""The desk as the rest of the house sees it: one class, every method within the caller's unit of work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversation import Library, State
from bot.conversation.types import CaseReason, KeepFeedback, RaiseAlarm, RaiseDoubt, WantPerson
from bot.desk import (
    alarms,
    card,
    cases,
    climb,
    commands,
    delivery,
    healing,
    hours,
    ladder,
    outcomes,
    outgoing,
    relay,
    rising,
    roster,
    safety,
    taps,
    topics,
    unsharing,
    withdrawing,
)
from bot.desk.events import (
    AngelOrdered,
    AngelReacted,
    AngelRewrote,
    AngelTapped,
    AngelWrote,
    Answer,
    BotStanding,
    DeskEvent,
    ForConversation,
    GroupMigrated,
    MemberChanged,
    TopicChanged,
)
from bot.desk.hours import DeskNow
from bot.desk.roster import MenuOf
from bot.desk.texts import FOLDER, TextShelf
from bot.desk.work import DeskConfig, Work, group_of
from bot.store.calls import DeleteTopic
from bot.store.content import Content
from bot.store.conversations import Snapshot, find_message
from bot.store.models import Case, CaseState, Message, OutboxRow, Priority
from bot.store.outbox import Order, enqueue, wait_for_albums


class Desk:
    """The angels' side.

    Args:
        library: The newest good scripts.
        config: The installation.
        texts: The folder of the desk's own texts; they are read again when they change.

    Raises:
        bot.desk.texts.TextsError: The desk's texts cannot be used.
    """

    def __init__(self, library: Callable[[], Library], config: DeskConfig, texts: Path = FOLDER) -> None:
        self._library = library
        self._config = config
        self._shelf = TextShelf(texts)

    def _work(self, session: Session, now: datetime) -> Work:
        return Work(session, now, self._library(), self._shelf.newest(), self._config)

    # --- what the house asks -----------------------------------------------------------------------------------------

    def group_id(self, session: Session) -> int:
        """The angels' group; it follows migrations; 0 when there is none."""
        return group_of(session, self._config)

    def is_angel(self, session: Session, user_id: int) -> bool:
        """True for a known, current member of the group."""
        return roster.belongs(session, user_id)

    def known(self, session: Session, user_id: int) -> bool:
        """True when the desk has heard of this person, member or not."""
        angel = roster.find(session, user_id)
        # Somebody whom only the settings name is asked about: their standing is Telegram's to say.
        return angel is not None and bool(angel.name)

    def menus(self, session: Session) -> dict[int, MenuOf]:
        """Which chats show a menu of their own, and which."""
        return roster.menus(session, self.group_id(session))

    def moment(self, session: Session, now: datetime) -> DeskNow:
        """Who is there now."""
        # Asked in every turn, and says nothing: whether the texts have changed is not looked at.
        return hours.moment(Work(session, now, self._library(), self._shelf.present, self._config))

    def case_of(self, session: Session, conversation_id: int, need: int) -> Case | None:
        """The case of a need, unless it is closed."""
        return cases.current(session, conversation_id, need)

    # --- from the dialogue, in the transaction of its state ------------------------------------------------------------

    def open_case(
        self, session: Session, snap: Snapshot, state: State, reason: CaseReason, now: datetime
    ) -> Case:
        """The case becomes visible to the angels; a second call for the same need changes the first."""
        work = self._work(session, now)
        case = cases.ensure(work, snap, state, reason)
        relay.show(work, case, state)
        return case

    def want_person(
        self, session: Session, snap: Snapshot, state: State, wish: WantPerson, now: datetime
    ) -> Case:
        """The person waits for an angel from now on."""
        work = self._work(session, now)
        case = cases.ensure(work, snap, state, wish.reason)
        relay.show(work, case, state)
        ladder.person_wanted(work, case, state, wish)
        return case

    def alarm(
        self, session: Session, snap: Snapshot, state: State, raised: RaiseAlarm, now: datetime
    ) -> Case:
        """Tell whoever is on call, at once; works without consent."""
        work = self._work(session, now)
        case = cases.ensure(work, snap, state, CaseReason.ALARM)
        alarms.sound(work, case, state, raised)
        return case

    def doubt(self, session: Session, snap: Snapshot, state: State, doubt: RaiseDoubt, now: datetime) -> None:
        """A gentle question was asked: written down with its reason, shown where a case is already seen."""
        alarms.doubted(self._work(session, now), snap, state, doubt)

    def feedback(
        self, session: Session, snap: Snapshot, state: State, feedback: KeepFeedback, now: datetime
    ) -> None:
        """The answer to the one question after the end."""
        outcomes.feedback(self._work(session, now), snap, state, feedback)

    def unshared(self, session: Session, snap: Snapshot, state: State, now: datetime) -> list[int]:
        """The second consent was taken back; returns the cases of which angels may keep nothing."""
        return unsharing.unshare(self._work(session, now), snap, state)

    def follow(self, session: Session, snap: Snapshot, state: State, need: int, now: datetime) -> None:
        """After every turn: card, name and icon tell what is so."""
        case = cases.of_need(session, snap.conversation.id, need)
        if case is None:
            return
        work = self._work(session, now)
        if case.state == CaseState.CLOSED:
            outcomes.put_away(work, case, state)
            return
        if not topics.visible(case, state):
            if not topics.hidden(case):
                topics.hide(work, case)
            return
        rising.follow(work, case, snap.state, state)
        safety.follow(work, case, snap.state, state)
        if state.rung > 0 and snap.state.rung < state.rung:
            cases.not_understood(session, case)
        card.refresh(work, case, state)
        topics.refresh(work, case, state)

    def shopkeeper_wrote(
        self, session: Session, case: Case, message: Message, content: Content, now: datetime
    ) -> None:
        """Carry a message into the topic."""
        work = self._work(session, now)
        relay.into_topic(work, case, message, content)
        ladder.person_wrote(work, case)

    def shopkeeper_rewrote(
        self,
        session: Session,
        case: Case,
        message: Message,
        content: Content,
        now: datetime,
        *,
        exchanged: bool = False,
    ) -> None:
        """Carry an edit into the topic; `exchanged`: another file took the place of the one before."""
        relay.shopkeeper_rewrote(self._work(session, now), case, message, content, exchanged=exchanged)

    def shopkeeper_withdraws(
        self, session: Session, snap: Snapshot, replied: int | None, command_id: int, now: datetime
    ) -> int:
        """The person takes out the message they answered with the command.

        Returns:
            The message's number; 0 when there is nothing to take out (then it has been explained how).
        """
        chat = snap.person.chat_id
        message = find_message(session, chat, replied) if replied else None
        work = self._work(session, now)
        done = withdrawing.shopkeeper_withdrew(work, snap, message, chat, command_id)
        return message.telegram_id or 0 if done and message is not None else 0

    def forget_facts(self, session: Session, snap: Snapshot, number: int, now: datetime) -> None:
        """Nothing that was understood from a message stays behind it."""
        withdrawing.forget_facts(self._work(session, now), snap.conversation.id, number)

    def shopkeeper_reacted(
        self, session: Session, case: Case, telegram_message_id: int, emoji: str, now: datetime
    ) -> None:
        """Carry a reaction into the topic."""
        relay.shopkeeper_reacted(self._work(session, now), case, telegram_message_id, emoji)

    def shopkeeper_standing(self, session: Session, snap: Snapshot, blocked: bool, now: datetime) -> None:
        """The person blocked the bot, or let it in again: whoever has the case is told."""
        case = cases.current(session, snap.conversation.id, snap.conversation.need)
        work = self._work(session, now)
        if case is None or not topics.visible(case, snap.state):
            return
        card.refresh(work, case, snap.state, now=True)
        name = "person_blocked" if blocked else "person_back"
        who = topics.who(work, case, snap.state)
        work.in_topic(case, work.texts.notice(name, who=who))

    def bot_spoke(self, session: Session, case: Case, message: Message, text: str, now: datetime) -> None:
        """The bot's own words are not repeated in the topic: the card follows, and the chat can be read."""

    # --- from the angels ----------------------------------------------------------------------------------------------

    def handle(self, session: Session, event: DeskEvent, now: datetime) -> tuple[ForConversation, ...]:
        """Something happened on the angels' side.

        Returns:
            What the conversations are to be told, in this same transaction.

        Raises:
            BusyError: A claim must wait for the bot's words in flight.
        """
        work = self._work(session, now)
        event = healing.present(work, event)
        match event:
            case AngelTapped():
                return taps.tapped(work, event)
            case AngelWrote():
                outgoing.angel_wrote(work, event)
            case AngelRewrote():
                outgoing.angel_rewrote(work, event)
            case AngelReacted():
                outgoing.angel_reacted(work, event)
            case MemberChanged():
                return healing.member_changed(work, event)
            case AngelOrdered():
                return commands.ordered(work, event)
            case TopicChanged():
                healing.topic_changed(work, event)
            case GroupMigrated(old_id, new_id):
                healing.migrated(work, old_id, new_id)
            case BotStanding():
                healing.bot_standing(work, event)
        return ()

    def elapsed(
        self, session: Session, subject: str, name: str, now: datetime
    ) -> tuple[ForConversation, ...]:
        """A timer of the desk has come due."""
        return climb.elapsed(self._work(session, now), subject, name)

    def answered(
        self, session: Session, row: OutboxRow, answer: Answer, now: datetime
    ) -> tuple[ForConversation, ...]:
        """Telegram answered one of the desk's calls."""
        delivery.answered(self._work(session, now), row, answer)
        return ()

    def slowed(self, session: Session, chat_id: int, seconds: float, now: datetime) -> None:
        """Telegram slows the bot down (429), and it lasts: the coordinators hear of it, once an hour at most."""
        healing.slowed(self._work(session, now), chat_id, seconds)

    def started(self, session: Session, now: datetime) -> None:
        """At start-up: the rota of the settings, the house's own timers."""
        for user_id in self._config.on_call:
            alarms.put_on_rota(session, user_id)
        climb.set_house_timers(self._work(session, now))
        wait_for_albums(session, now)

    def problems(self, session: Session) -> list[str]:
        """What is missing before launch, in Italian."""
        work = self._work(session, datetime.now(UTC))
        found = healing.problems(work)
        if not work.group:
            found.append("Manca il gruppo degli angeli: impostare STAFF_GROUP_ID o usare «bot setup».")
        reachable = roster.on_call(session)
        if len(reachable) < 2:
            found.append(
                f"Per gli allarmi servono almeno due reperibili che abbiano premuto Avvia sul bot: ora sono {len(reachable)}."
            )
        return found

    def closing_person(self, session: Session, person_id: int, now: datetime) -> None:
        """Erasure: the person's topics go from the group."""
        query = select(Case).where(Case.person_id == person_id, Case.thread_id.is_not(None))
        for case in session.scalars(query):
            call = DeleteTopic(chat_id=case.group_id or self.group_id(session), thread_id=case.thread_id or 0)
            enqueue(session, Order(call, "service", Priority.SERVICE), now)
