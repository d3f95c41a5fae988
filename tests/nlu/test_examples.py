"""The pipeline and the examples fit each other and the rest of the house; no Rasa is needed to see it."""

import ast
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.conversation.types import Act
from bot.understanding.rasa.client import ASKED_CONTEXTS, NOTHING_ASKED

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "nlu" / "examples").rglob("*.yml"))


def contexts_of_the_component() -> set[str]:
    tree = ast.parse((ROOT / "nlu/components/asked.py").read_text(encoding="utf-8"))
    (listed,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "ASKED"
    )
    assert isinstance(listed, ast.Tuple)
    return {element.value for element in listed.elts if isinstance(element, ast.Constant)} | {NOTHING_ASKED}


def test_rasas_room_knows_exactly_the_questions_that_the_client_can_send() -> None:
    assert contexts_of_the_component() == ASKED_CONTEXTS | {NOTHING_ASKED}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_example_has_a_known_act_and_a_known_question(path: Path) -> None:
    data = YAML(typ="safe").load(path)
    assert str(data["version"]) == "3.1"
    for block in data["nlu"]:
        assert block["intent"] in set(Act)
        for line in block["examples"].splitlines():
            assert line.startswith("- "), line
            prefix = re.match(r"- <([a-z_]+)>", line)
            assert prefix is None or prefix[1] in ASKED_CONTEXTS | {NOTHING_ASKED}, line


def test_italian_has_examples_of_every_act() -> None:
    found = set()
    for path in FILES:
        if path.parent.name == "it":
            found |= {block["intent"] for block in YAML(typ="safe").load(path)["nlu"]}
    assert found == set(Act)
