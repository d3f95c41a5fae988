"""The desk: cases, topics, claims, relay, cards, ladders, hours, outcomes; the angels' side of the house.

May import: `bot.conversation`, `bot.understanding` (types), `bot.store`, `bot.privacy`.
Must never know: how Telegram is called (it writes orders into the outbox), what the script says next.
"""

from bot.desk.desk import Desk
from bot.desk.hours import DeskNow
from bot.desk.roster import MenuOf
from bot.desk.withdrawing import COMMANDS as WITHDRAWALS
from bot.desk.work import BusyError, DeskConfig

__all__ = ["WITHDRAWALS", "BusyError", "Desk", "DeskConfig", "DeskNow", "MenuOf"]
