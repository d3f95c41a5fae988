"""A script as a picture: Mermaid text for `bot check --graph` and the studio."""

from __future__ import annotations

from bot.conversation.library import variants
from bot.conversation.script import SUMMARY, Branch, Conditions, Script
from bot.conversation.templates import Manner
from bot.conversation.voice import wording

MAX_LABEL = 48


def mermaid(script: Script) -> str:
    """The steps of a script, the roads between them and the conditions on the roads.

    Returns:
        Text of a Mermaid flowchart.
    """
    lines = ["flowchart TD", f'  inizio(["{_safe(script.title)}"]) --> {script.opening}']
    for name, step in script.steps.items():
        question = wording(variants(step.ask)[0], Manner())
        lines.append(f'  {name}["<b>{name}</b><br/>{_safe(question)}"]')
        for road in step.next:
            if isinstance(road, Branch):
                lines.append(f'  {name} -- "{_safe(_conditions(road.when))}" --> {_target(road.go)}')
            else:
                lines.append(f"  {name} --> {_target(road)}")
    lines += [
        '  riassunto_[["riassunto: ci si ritrova?"]] --> condividere{"far leggere a una persona?"}',
        "  condividere -- sì --> contatto[come raggiungerla] --> persona((una persona))",
        "  condividere -- no --> resta[resta fra noi]",
        "  riassunto_ -- correggo --> riassunto_",
    ]
    return "\n".join(lines) + "\n"


def _target(name: str) -> str:
    return "riassunto_" if name == SUMMARY else name


def _conditions(conditions: Conditions) -> str:
    return ", ".join(
        f"{key}: {wanted if isinstance(wanted, str) else ' o '.join(wanted)}"
        for key, wanted in conditions.items()
    )


def _safe(text: str) -> str:
    short = text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"
    return short.replace('"', "'").replace("<", "‹").replace(">", "›").replace("\n", " ")
