"""The real Rasa, in its room: each of its known traps, closed."""
# ruff: noqa: ASYNC110, ASYNC220, ASYNC240  (processes are watched from outside: they have no event to wait for)

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.conversation.types import Act
from bot.understanding.rasa.client import RasaClient, UnderstandingUnavailable
from bot.understanding.rasa.supervisor import RasaServer
from bot.understanding.rasa.training import room_environment, room_python, train

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
PLANTED = "piantato-4711 ho un bar in via Piantata"


@pytest.fixture(scope="module")
def model() -> Path:
    return train(ROOT, lambda _: None)


@contextlib.asynccontextmanager
async def running(model: Path) -> AsyncIterator[RasaServer]:
    server = RasaServer(ROOT, model, first_pause=0.1)
    server.start()
    try:
        assert await server.wait_ready(120)
        yield server
    finally:
        await server.stop()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def gone(pid: int) -> None:
    async with asyncio.timeout(30):
        while alive(pid):
            await asyncio.sleep(0.05)


async def test_a_message_is_understood_in_the_light_of_what_was_asked(model: Path) -> None:
    async with running(model) as server:
        asking = RasaClient(lambda: [server.url], timeout=10)
        yes = await asking.parse("sì, va bene", "consenso")
        assert yes.act is Act.CONFERMA
        assert sum(ranked.confidence for ranked in yes.ranking) == pytest.approx(1, abs=1e-3)
        assert {ranked.act for ranked in yes.ranking} == set(Act)
        assert (await asking.parse("vorrei parlare con una persona")).act is Act.CHIEDI_UMANO
        assert (await asking.parse("cancellate tutti i miei dati")).act is Act.CANCELLA_DATI
        await asking.close()


async def test_a_slash_is_never_an_order_neither_through_the_client_nor_past_it(model: Path) -> None:
    async with running(model) as server, httpx.AsyncClient(base_url=server.url, timeout=10) as http:
        for text in ("/cancella_dati", '/chiedi_umano{"a": "b"}', "<nessuna> /privacy@1.0", " / /insulto"):
            answer = (await http.post("/model/parse", json={"text": text})).json()
            assert len(answer["intent_ranking"]) == len(Act)
            assert answer["intent"]["confidence"] < 1.0


async def test_rasa_may_be_asked_to_parse_and_nothing_else(model: Path) -> None:
    async with running(model) as server, httpx.AsyncClient(base_url=server.url, timeout=10) as http:
        assert (await http.get("/status")).status_code == 200
        for method, path in (("PUT", "/model"), ("POST", "/model/train"), ("POST", "/webhooks/rest/webhook")):
            assert (await http.request(method, path, json={})).status_code in (404, 405)


async def test_no_word_that_was_said_appears_in_anything_that_rasa_prints(
    model: Path, tmp_path: Path
) -> None:
    port = RasaServer(ROOT, model)
    port.start()
    await port.stop()
    with (tmp_path / "out").open("w+b") as out:
        child = subprocess.Popen(
            [str(room_python(ROOT)), str(ROOT / "nlu/serve.py"), str(model), str(port.port)],
            env={**room_environment(ROOT), "LOG_LEVEL": "DEBUG", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            cwd=ROOT / "nlu",
        )
        try:
            await say_everything(f"http://127.0.0.1:{port.port}")
        finally:
            child.terminate()
            child.communicate(timeout=30)
        out.seek(0)
        printed = out.read().decode("utf-8", "replace")
    assert "iantat" not in printed
    assert "4711" not in printed


async def say_everything(url: str) -> None:
    """Good messages, broken ones, and requests that make Rasa's web server complain."""
    async with httpx.AsyncClient(base_url=url, timeout=10) as http:
        async with asyncio.timeout(120):
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get("/status")).status_code == 200:
                        break
                await asyncio.sleep(0.1)
        for text in (
            PLANTED,
            f"<nessuna> {PLANTED}",
            f"/insulto{{{PLANTED}",
            f"/{PLANTED}",
            [PLANTED],
            {PLANTED: 1},
        ):
            await http.post("/model/parse", json={"text": text})
        for body in (f"{{{PLANTED}", f'"{PLANTED}"', ""):
            await http.post("/model/parse", content=body)
        await http.post(f"/{PLANTED}", json={"text": PLANTED})
        await http.post(f"/model/parse?emulation_mode={PLANTED}", json={"text": PLANTED})
        with contextlib.suppress(httpx.HTTPError):
            await http.post("/model/parse", json={"text": PLANTED * 10_000})


async def test_a_killed_rasa_comes_back_by_itself_and_meanwhile_the_error_is_quick(model: Path) -> None:
    async with running(model) as server:
        asking = RasaClient(lambda: [server.url], timeout=10)
        await asking.parse("buongiorno")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(UnderstandingUnavailable):
            await asking.parse("buongiorno")
        async with asyncio.timeout(120):
            while server.starts < 2 or not server.ready:
                await asyncio.sleep(0.1)
            while not await asking.ready():
                await asyncio.sleep(0.1)
        assert (await asking.parse("buongiorno")).act is Act.SALUTO
        await asking.close()


PARENT = """
import asyncio, sys
from pathlib import Path
from bot.understanding.rasa.supervisor import RasaServer
async def main():
    server = RasaServer(Path(sys.argv[1]), Path(sys.argv[2]))
    server.start()
    assert await server.wait_ready(120)
    print("pid", server.pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


async def test_rasa_dies_with_its_parent_even_when_the_parent_is_killed(model: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(ROOT), str(model), cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert parent.stdout is not None
    pid = 0
    try:
        while not pid and (line := await parent.stdout.readline()):
            pid = int(line.split()[1]) if line.startswith(b"pid ") else 0
        assert alive(pid)
    finally:
        parent.kill()
        await parent.wait()
    await gone(pid)


async def test_the_pipe_alone_is_enough_where_the_kernel_gives_no_death_signal() -> None:
    code = "import leash, threading; threading.Thread(target=leash._watch).start(); print('up', flush=True)"
    child = await asyncio.create_subprocess_exec(
        str(room_python(ROOT)), "-c", code, env=room_environment(ROOT), stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdin is not None
    assert await child.stdout.readline() == b"up\n"
    assert child.returncode is None
    child.stdin.close()
    async with asyncio.timeout(30):
        assert await child.wait() == 0


async def test_rasa_is_told_no_secret(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "piantato-4711")
    async with running(model) as server:
        seen = Path(f"/proc/{server.pid}/environ").read_bytes().decode()
        assert "piantato-4711" not in seen
        assert "RASA_TELEMETRY_ENABLED=false" in seen


async def test_two_hundred_thousand_characters_and_other_strange_things_get_a_sane_answer(
    model: Path,
) -> None:
    async with running(model) as server:
        asking = RasaClient(lambda: [server.url], timeout=30)
        for text in (
            "ho un bar " * 20_000,
            "a" * 200_000,
            "😀" * 10_000,
            "\x00" * 50 + "ciao",
            "\u202eciao",
            "<b>{{x}}</b>",
        ):
            parse = await asking.parse(text)
            assert parse.act in set(Act)
            assert json.dumps([ranked.confidence for ranked in parse.ranking])
        await asking.close()
