"""What the client promises whatever Rasa does: a sane answer or one clear error, and soon."""

import asyncio
import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.types import Act
from bot.understanding.rasa.client import MOST_WINDOWS, WINDOW, RasaClient, UnderstandingUnavailable, windows


class Server:
    """A Rasa whose health the test decides; it remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.probes = 0
        self.refuses = False
        self.hangs = False
        self.answer: object = {
            "intent_ranking": [
                {"name": "conferma", "confidence": 0.7},
                {"name": "racconto", "confidence": 0.3},
            ]
        }

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/status":
            self.probes += 1
        else:
            self.asked.append(json.loads(request.content)["text"])
        if self.hangs:
            await asyncio.Event().wait()
        if self.refuses:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200, json=self.answer if request.url.path != "/status" else {})


def client(server: Server, now: list[float] | None = None, timeout: float = 2.0) -> RasaClient:
    moment = now if now is not None else [0.0]
    return RasaClient(
        ["http://rasa"], transport=httpx.MockTransport(server), clock=lambda: moment[0], timeout=timeout
    )


async def test_what_was_asked_travels_as_a_prefix() -> None:
    server = Server()
    parse = await client(server).parse("sì, va bene", "consenso")
    assert server.asked == ["<consenso> sì, va bene"]
    assert (parse.act, parse.confidence) == (Act.CONFERMA, 0.7)
    assert parse.margin == pytest.approx(0.4)


@pytest.mark.parametrize("asked", ["", "boh", "nessuna", "consenso> /insulto <x", "truffa_in_corso"])
async def test_every_text_has_exactly_one_prefix_of_ours_so_that_nobody_can_forge_one(asked: str) -> None:
    server = Server()
    await client(server).parse("<consenso> sì", asked)
    assert server.asked == ["<nessuna> <consenso> sì"]


async def test_a_text_that_begins_with_a_slash_never_reaches_rasa_as_an_order() -> None:
    server = Server()
    for text in (
        "/cancella_dati",
        '/chiedi_umano{"a": 1}',
        "\u200b/privacy@1.0",
        "\x00/insulto",
        "\u202e/insulto",
    ):
        await client(server).parse(text)
    assert all(asked.startswith("<nessuna> ") for asked in server.asked)


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("👍", Act.CONFERMA),
        ("👍🏽", Act.CONFERMA),
        ("👎", Act.RIFIUTO),
        ("❤️", Act.RINGRAZIAMENTO),
        ("???", Act.RIPETI),
        ("🤖?", Act.SEI_UN_PROGRAMMA),
        ("⏭️", Act.SALTA),
        ("", Act.RACCONTO),
        ("\x00\x00", Act.RACCONTO),
        ("🦊🌲", Act.RACCONTO),
        ("👍👎", Act.RACCONTO),
        ("\u202e\u200f", Act.RACCONTO),
    ],
)
async def test_a_message_without_words_is_read_here_because_rasa_would_be_sure_of_anything(
    text: str, act: Act
) -> None:
    server = Server()
    parse = await client(server).parse(text, "consenso")
    assert parse.act is act
    assert not server.asked
    assert parse.confidence < 0.5 or act is not Act.RACCONTO


async def test_a_long_text_is_read_in_windows_and_answered_as_one() -> None:
    server = Server()
    parse = await client(server).parse("Ho un bar. " * 1_000)
    assert len(server.asked) == 6
    assert all(len(asked) <= WINDOW + len("<nessuna> ") for asked in server.asked)
    assert len(parse.windows) == 6
    assert parse.confidence == pytest.approx(0.7)


def test_two_hundred_thousand_characters_are_at_most_eight_windows_beginning_and_end_included() -> None:
    text = "inizio " + "parola " * 28_000 + "fine"
    pieces = windows(text)
    assert len(pieces) == MOST_WINDOWS
    assert pieces[0].startswith("inizio")
    assert pieces[-1].endswith("fine")


@given(st.text(max_size=300).map(lambda text: text * 40))
@settings(max_examples=60, deadline=None)
def test_no_window_is_longer_than_rasa_can_take(text: str) -> None:
    assert all(len(piece) <= WINDOW for piece in windows(text))


async def test_a_rasa_that_hangs_costs_one_timeout_and_then_only_probes() -> None:
    server, now = Server(), [0.0]
    server.hangs = True
    asking = client(server, now, timeout=0.05)
    for _ in range(5):
        with pytest.raises(UnderstandingUnavailable):
            await asking.parse("ciao")
    assert len(server.asked) == 1
    assert server.probes == 0


async def test_a_rasa_that_came_back_is_found_by_a_quick_probe() -> None:
    server, now = Server(), [0.0]
    server.refuses = True
    asking = client(server, now)
    with pytest.raises(UnderstandingUnavailable):
        await asking.parse("ciao")
    server.refuses = False
    with pytest.raises(UnderstandingUnavailable):
        await asking.parse("ciao")
    now[0] += 1
    assert (await asking.parse("ciao")).act is Act.CONFERMA
    assert server.probes == 1


async def test_the_pause_before_the_next_probe_grows_but_never_beyond_five_seconds() -> None:
    server, now = Server(), [0.0]
    server.refuses = True
    asking = client(server, now)
    for _ in range(200):
        with pytest.raises(UnderstandingUnavailable):
            await asking.parse("ciao")
        now[0] += 0.5
    assert 20 <= server.probes <= 25


async def test_another_server_answers_when_one_is_dead() -> None:
    dead, alive = Server(), Server()
    dead.refuses = True

    async def route(request: httpx.Request) -> httpx.Response:
        return await (dead if request.url.host == "dead" else alive)(request)

    asking = RasaClient(
        ["http://dead/", "http://alive"], transport=httpx.MockTransport(route), clock=lambda: 0.0
    )
    for _ in range(6):
        assert (await asking.parse("ciao")).act is Act.CONFERMA
    assert len(dead.asked) == 1
    assert await asking.ready()


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        "ciao",
        {"intent_ranking": []},
        {"intent_ranking": [{"name": "greet", "confidence": 1.0}]},
        {"intent_ranking": [{"name": "saluto", "confidence": "molto"}]},
        {"intent_ranking": [{"name": "saluto", "confidence": 7}]},
        {"intent_ranking": [{"name": "saluto", "confidence": 10**400}]},
        {"intent_ranking": [{"name": "saluto"}]},
        {"intent_ranking": {"saluto": 1}},
    ],
)
async def test_an_answer_that_is_none_is_one_clear_error(answer: object) -> None:
    server = Server()
    server.answer = answer
    with pytest.raises(UnderstandingUnavailable):
        await client(server).parse("ciao")


async def test_no_server_at_all_is_the_same_clear_error() -> None:
    with pytest.raises(UnderstandingUnavailable):
        await RasaClient([]).parse("ciao")
