"""The listening dialogue: script model, loader, checker, templates, the sheet of facts and the pure engine.

May import: nothing of ours.
Must never know: Telegram, SQL, Rasa, the wall clock, randomness of its own.

What other rooms use, and nothing else::

    library = load_library(Path("dialogues"))            # LibraryError lists every problem, in Italian
    state = new_state()                                  # a conversation that has not begun
    state, effects = advance(library, state, event, moment)
    text = dump(state); state = load(text)               # bounded JSON; older versions are still read
"""

from bot.conversation.engine import advance
from bot.conversation.graph import mermaid
from bot.conversation.library import Library
from bot.conversation.loader import Checked, LibraryError, check_library, load_library
from bot.conversation.reading import Problem, Severity
from bot.conversation.state import Phase, State, dump, load, new_state
from bot.conversation.templates import Manner, Mirror
from bot.conversation.watch import LiveLibrary

__all__ = [
    "Checked",
    "Library",
    "LibraryError",
    "LiveLibrary",
    "Manner",
    "Mirror",
    "Phase",
    "Problem",
    "Severity",
    "State",
    "advance",
    "check_library",
    "dump",
    "load",
    "load_library",
    "mermaid",
    "new_state",
]
