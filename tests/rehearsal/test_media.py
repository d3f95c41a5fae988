"""Files and albums. Source: core.telegram.org/bots/api (sending files, getFile, sendMediaGroup, file size limits)."""

from __future__ import annotations

import base64
import json

import httpx
import pytest

from bot.rehearsal.errors import ApiError
from bot.rehearsal.files import KINDS, MAX_DOWNLOAD, FileStore, Upload, picture_size, sample
from tests.rehearsal.conftest import Kit

MAGIC = {
    "photo": b"\xff\xd8\xff",
    "video": b"ftyp",
    "animation": b"ftyp",
    "audio": b"ID3",
    "voice": b"OggS",
    "video_note": b"ftyp",
    "document": b"%PDF",
    "sticker": b"WEBP",
}


async def upload(kit: Kit, method: str, field: str, name: str, data: bytes, **form: object) -> dict:
    answer = await kit.http.post(f"/bot{kit.local.token}/{method}", data=form, files={field: (name, data)})
    body: dict = answer.json()
    return body


@pytest.mark.parametrize("kind", KINDS)
async def test_a_sample_of_each_kind_reaches_the_bot_as_a_real_file(kit: Kit, kind: str) -> None:
    rosa = await kit.person()
    caption = {"caption": "ecco"} if kind not in ("sticker", "video_note") else {}
    await kit.says(rosa, **{kind: "sample"}, **caption)
    message = (await kit.updates())[-1]["message"]
    file = message[kind][-1] if kind == "photo" else message[kind]
    assert message.get("caption") == caption.get("caption")
    path = (await kit.bot("getFile", file_id=file["file_id"]))["file_path"]
    got = await kit.http.get(f"/file/bot{kit.local.token}/{path}")
    assert MAGIC[kind] in got.content[:16]
    assert len(got.content) == file["file_size"]


async def test_a_persons_own_file_arrives_byte_for_byte_and_goes_on_by_its_id(kit: Kit) -> None:
    rosa = await kit.person()
    data = base64.b64encode(b"listino").decode()
    await kit.says(
        rosa, document={"name": "listino.txt", "mime": "text/plain", "data": data}, caption="prezzi"
    )
    document = (await kit.updates())[-1]["message"]["document"]
    assert (document["file_name"], document["mime_type"], document["file_size"]) == (
        "listino.txt",
        "text/plain",
        7,
    )
    sent = await kit.bot(
        "sendDocument",
        chat_id=kit.group,
        document=document["file_id"],
        caption="<b>Rosa</b>",
        parse_mode="HTML",
    )
    assert sent["caption_entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    shown = (await kit.sees(kit.angel, chat_id=kit.group))[-1]["document"]["file_id"]
    assert (await kit.http.get(f"/phone/files/{shown}")).content == b"listino"


async def test_an_upload_may_be_its_own_field_or_attached(kit: Kit) -> None:
    rosa = await kit.person()
    picture = sample("photo").data
    direct = await upload(kit, "sendPhoto", "photo", "v.jpg", picture, chat_id=rosa)
    attached = await upload(kit, "sendPhoto", "f1", "v.jpg", picture, chat_id=rosa, photo="attach://f1")
    for body in (direct, attached):
        largest = body["result"]["photo"][-1]
        assert (largest["width"], largest["height"]) == (320, 240)
    lines = [json.loads(line) for line in (await kit.http.get("/log")).text.splitlines()]
    assert [line["params"]["photo"] for line in lines] == ["attach://photo", "attach://f1"]
    assert "f1" not in lines[-1]["params"]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [(b"", "file must be non-empty"), (b"no picture", "IMAGE_PROCESS_FAILED")],
)
async def test_a_photo_must_be_a_picture(kit: Kit, data: bytes, refusal: str) -> None:
    rosa = await kit.person()
    body = await upload(kit, "sendPhoto", "photo", "v.jpg", data, chat_id=rosa)
    assert body["description"] == f"Bad Request: {refusal}"


async def test_files_over_20_mb_cannot_be_fetched_by_a_bot(kit: Kit) -> None:
    # Bot API, getFile: "bots can download files of up to 20MB in size"
    rosa = await kit.person()
    big = base64.b64encode(bytes(MAX_DOWNLOAD + 1)).decode()
    await kit.says(rosa, document={"name": "video.mov", "mime": "video/quicktime", "data": big})
    file_id = (await kit.updates())[-1]["message"]["document"]["file_id"]
    assert await kit.refused("getFile", file_id=file_id) == "400 Bad Request: file is too big"


async def test_uploads_over_50_mb_are_refused(kit: Kit) -> None:
    # Bot API, sending files: "10 MB max size for photos, 50 MB for other files"
    async def endless() -> object:
        for _ in range(52):
            yield bytes(1 << 20)

    headers = {"content-type": "multipart/form-data; boundary=x", "content-length": str(52 << 20)}
    answer = await kit.http.post(f"/bot{kit.local.token}/sendDocument", content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["description"]) == (413, "Request Entity Too Large")


@pytest.mark.parametrize(
    ("file_id", "refusal"),
    [
        ("nonsense", "wrong file identifier/HTTP URL specified"),
        ("https://spin.example/x.jpg", "failed to get HTTP URL content"),
        ("", "there is no photo in the request"),
    ],
)
async def test_a_file_that_is_none_is_refused(kit: Kit, file_id: str, refusal: str) -> None:
    rosa = await kit.person()
    assert await kit.refused("sendPhoto", chat_id=rosa, photo=file_id) == f"400 Bad Request: {refusal}"


async def test_a_file_keeps_its_kind(kit: Kit) -> None:
    # td, FileManager::check_input_file_id
    rosa = await kit.person()
    await kit.says(rosa, voice="sample")
    voice = (await kit.updates())[-1]["message"]["voice"]["file_id"]
    said = await kit.refused("sendPhoto", chat_id=rosa, photo=voice)
    assert said == "400 Bad Request: can't use file of type VoiceNote as Photo"


async def test_an_album_stays_one_album_on_both_sides_and_when_copied(kit: Kit) -> None:
    # Bot API, Message.media_group_id; copyMessages: "Album grouping is kept for copied messages"
    rosa = await kit.person()
    sent = await kit.phone(
        f"users/{rosa}/send", album=[{"photo": "sample"}, {"photo": "sample"}], caption="vetrina"
    )
    told = [u["message"] for u in (await kit.updates())[-2:]]
    assert [m["message_id"] for m in told] == sent["message_ids"]
    assert told[0]["media_group_id"] == told[1]["media_group_id"]
    assert told[0]["caption"] == "vetrina"
    copies = await kit.bot(
        "copyMessages", chat_id=kit.group, from_chat_id=rosa, message_ids=sent["message_ids"]
    )
    shown = (await kit.sees(kit.angel, chat_id=kit.group))[-2:]
    assert [m["message_id"] for m in shown] == [c["message_id"] for c in copies]
    assert shown[0]["media_group_id"] == shown[1]["media_group_id"] != told[0]["media_group_id"]


async def test_the_bot_sends_an_album_of_uploads(kit: Kit) -> None:
    rosa = await kit.person()
    media = [{"type": "photo", "media": f"attach://p{n}", "caption": str(n)} for n in range(3)]
    files = {f"p{n}": (f"{n}.jpg", sample("photo").data) for n in range(3)}
    form = {"chat_id": rosa, "media": json.dumps(media)}
    answer = await kit.http.post(f"/bot{kit.local.token}/sendMediaGroup", data=form, files=files)
    assert [m["caption"] for m in answer.json()["result"]] == ["0", "1", "2"]


async def test_a_picture_is_exchanged_by_an_edit(kit: Kit) -> None:
    rosa = await kit.person()
    await kit.says(rosa, document="sample")
    document = (await kit.updates())[-1]["message"]["document"]["file_id"]
    photo = (await upload(kit, "sendPhoto", "photo", "v.jpg", sample("photo").data, chat_id=rosa))["result"][
        "message_id"
    ]
    media = {"type": "document", "media": document, "caption": "listino"}
    edited = await kit.bot("editMessageMedia", chat_id=rosa, message_id=photo, media=media)
    assert ("photo" in edited, edited["document"]["file_id"]) == (False, document)


async def test_an_album_may_be_written_short(kit: Kit) -> None:
    rosa = await kit.person()
    sent = await kit.phone(f"users/{rosa}/send", album=["sample", {"photo": "sample"}, {"video": "sample"}])
    got = [u["message"] for u in await kit.updates() if u["message"]["message_id"] in sent["message_ids"]]
    assert [next(k for k in ("photo", "video") if k in m) for m in got] == ["photo", "photo", "video"]
    assert len({m["media_group_id"] for m in got}) == 1


async def test_location_and_contact_travel(kit: Kit) -> None:
    rosa = await kit.person()
    await kit.says(rosa, location={"latitude": 45.48, "longitude": 9.19})
    await kit.says(rosa, contact={"phone_number": "+393331234567", "first_name": "Rosa"})
    where, who = [u["message"] for u in (await kit.updates())[-2:]]
    assert where["location"]["latitude"] == 45.48
    assert who["contact"]["phone_number"] == "+393331234567"


async def test_a_venue_and_a_dice_are_as_telegram_writes_them(kit: Kit) -> None:
    rosa = await kit.person()
    await kit.says(rosa, venue={"latitude": 45.48, "longitude": 9.15, "title": "Mercato", "address": "Isola"})
    await kit.says(rosa, dice={})
    market, thrown = [u["message"] for u in (await kit.updates())[-2:]]
    assert market["venue"] == {
        "location": {"latitude": 45.48, "longitude": 9.15},
        "title": "Mercato",
        "address": "Isola",
    }
    assert thrown["dice"]["emoji"] == "🎲"
    assert 1 <= thrown["dice"]["value"] <= 6


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"photo": "sample", "voice": "sample"},
        {"photo": {"name": "x", "mime": "image/png", "data": "%%%"}},
        {"photo": {"name": "x", "mime": "image/png", "data": base64.b64encode(b"no").decode()}},
        {"location": {"latitude": "north"}},
        {"location": {"latitude": 200, "longitude": 9.19}},
        {"location": {"latitude": 45.48, "longitude": 181}},
        {"location": {"latitude": "nan", "longitude": 9.19}},
        {"venue": {"location": {"latitude": -91, "longitude": 0}, "title": "Bar", "address": "Isola"}},
        {"text": "ciao", "entities": [{"type": "bold", "offset": 2, "length": 3}]},
        {"text": "ciao", "entities": [{"type": "bold", "offset": -1, "length": 2}]},
        {"text": "ciao", "entities": {"type": "bold"}},
        {"photo": "sample", "caption": "ciao", "entities": [{"type": "bold", "offset": 9, "length": 1}]},
        {"album": ["sample", "no"]},
        {"contact": {}},
        {"album": [{"photo": "sample"}]},
        {"text": "   "},
        {"text": "x" * 4097},
        {"text": "x", "thread_id": 5},
        {"text": "x", "reply_to": 999},
    ],
)
async def test_a_telephone_cannot_send_nonsense(kit: Kit, body: dict) -> None:
    rosa = await kit.person()
    status, error = await kit.phone_refuses(f"users/{rosa}/send", **body)
    assert status in (400, 404)
    assert error


@pytest.mark.parametrize("kind", KINDS)
def test_samples_are_tiny(kind: str) -> None:
    assert 0 < len(sample(kind).data) < 10_000


def test_pictures_are_measured() -> None:
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big")
    assert picture_size(png) == (640, 480)
    assert picture_size(sample("sticker").data) == (512, 512)
    assert picture_size(b"text") is None


def test_a_picture_too_long_for_its_width_is_refused(tmp_path) -> None:
    # Bot API, sendPhoto: "width and height must not exceed 10000 in total. Width and height ratio must be at most 20"
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (2100).to_bytes(4, "big") + (100).to_bytes(4, "big")
    with pytest.raises(ApiError, match="PHOTO_INVALID_DIMENSIONS"):
        FileStore(tmp_path).save("photo", Upload("x.png", "image/png", png))


async def test_a_file_needs_the_right_token(kit: Kit) -> None:
    answer: httpx.Response = await kit.http.get("/file/bot1:x/photos/file_1.jpg")
    assert answer.status_code == 401
