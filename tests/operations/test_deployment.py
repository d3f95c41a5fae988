"""What keeps the services apart in production: the compose file and the systemd unit."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "bot" / "operations" / "spin-bot.service"


def _compose() -> dict[str, Any]:
    return YAML(typ="safe").load(ROOT / "compose.yaml")  # type: ignore[no-any-return]


def test_the_service_that_understands_has_no_secret_and_no_way_out() -> None:
    compose = _compose()
    rasa = compose["services"]["rasa"]
    assert not {"env_file", "environment", "secrets", "ports", "volumes"} & rasa.keys()
    assert [compose["networks"][name] for name in rasa["networks"]] == [{"internal": True}]


def test_the_database_is_reached_by_the_bot_alone() -> None:
    compose = _compose()
    services = compose["services"]
    reach = [name for name, service in services.items() if "store" in service["networks"]]
    assert sorted(reach) == ["bot", "postgres"]
    assert compose["networks"]["store"] == {"internal": True}
    assert "ports" not in services["postgres"]


def test_nothing_is_published_beyond_this_machine() -> None:
    for service in _compose()["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_every_name_the_bot_is_given_is_a_setting() -> None:
    given = _compose()["services"]["bot"]["environment"]
    assert {name.lower() for name in given} <= Settings.model_fields.keys()


def test_every_image_names_a_stage_that_exists() -> None:
    stages = (ROOT / "bot" / "operations" / "Dockerfile").read_text(encoding="utf-8")
    for service in _compose()["services"].values():
        if "build" in service:
            assert (ROOT / service["build"]["dockerfile"]).exists()
            assert f" AS {service['build']['target']}\n" in stages


def test_the_unit_confines_the_bot_and_does_not_restart_wrong_settings() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(UNIT, encoding="utf-8")
    service = unit["Service"]
    assert service["ProtectSystem"] == "strict"
    assert service["RestartPreventExitStatus"] == "2"
    assert service["LimitCORE"] == "0"  # a core dump would hold everything in clear


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "spin-bot.service"
    text = UNIT.read_text(encoding="utf-8").replace("/opt/spin-bot/.venv/bin/bot", "/bin/true")
    unit.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False, timeout=60
    )
    said = [line for line in done.stderr.splitlines() if "spin-bot.service" in line]
    assert [
        line for line in said if "Unknown" in line or "Failed to parse" in line or "Invalid" in line
    ] == []
