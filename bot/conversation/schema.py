"""`dialogues/schema.json`: what an editor needs to complete, check and explain a file while staff write it.

Made from the models of `script.py`; `python -m bot.conversation.schema` writes it again, a test holds it current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.conversation.script import (
    AlarmTalks,
    CannedReplies,
    Desk,
    FactBook,
    HelpLines,
    OpeningHours,
    Outcomes,
    Script,
    Shared,
)

MODELS: tuple[type[BaseModel], ...] = (
    Script, Shared, AlarmTalks, FactBook, HelpLines, OpeningHours, Outcomes, Desk, CannedReplies,
)  # fmt: skip


def schema() -> dict[str, Any]:
    """The JSON Schema of every kind of file under `dialogues/`, told apart by their first key."""
    _, made = models_json_schema([(model, "validation") for model in MODELS], ref_template="#/$defs/{model}")
    choices: list[dict[str, Any]] = []
    for model in MODELS:
        first = next(name for name, field in model.model_fields.items() if field.is_required())
        choices.append({"if": {"required": [first]}, "then": {"$ref": f"#/$defs/{model.__name__}"}})
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "I file di dialogues/",
        "description": "Ogni file dice di che tipo è con la sua prima voce: `script`, `lines`, `alarms`, `facts` ...",
        "type": "object",
        "allOf": choices,
        "$defs": made["$defs"],
    }


def written() -> str:
    """The schema as it stands in the file."""
    return json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path("dialogues/schema.json").write_text(written(), encoding="utf-8")
