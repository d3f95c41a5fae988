"""Hostile updates: what people, jokers and broken programs could send, drawn from a seed."""

from __future__ import annotations

import random
from typing import Any

Json = dict[str, Any]

WORDS = (
    "",
    " ",
    "/start",
    "/start ' OR 1=1; --",
    "/start " + "a" * 65,
    "/persona",
    "/cancella",
    "/imieidati",
    "/basta",
    "/privacy@altro_bot",
    "/",
    "//etc/passwd",
    "ho un bar in Isola",
    "voglio parlare con una persona",
    "<b>grassetto</b><script>alert(1)</script>",
    "*_`[x](tg://user?id=1)`_*",
    "{{ 7*7 }} {% for x in range(10**9) %}{% endfor %} {{ ''.__class__.__mro__ }}",
    "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]",
    "\u202egnirts desrever\u202c",
    "p\u200be\u200br\u200cs\u200do\ufeffna",
    "😀" * 4096,
    "👩‍👩‍👧‍👦" * 300,
    "Z̸̛͓̘a̶͚͝l̷̞̚g̴̱̃o̵̫͐" * 50,
    "nul\x00byte \x1b[31m",
    "solo \ud83d metà",
    "مرحبا كيف حالك",
    "你好，我有一家店",
    "4" * 4096,
    "IT60X0542811101000000123456 RSSMRA80A01F205X 4111111111111111",
    "/parse\n" * 200,
    "\n" * 500,
    "'; DROP TABLE people; --",
    "%s %d %n ${jndi:ldap://x} $(reboot) `reboot`",
)
DATA = (
    "",
    "b:",
    "b:consenso:si",
    "b:" + "x" * 62,
    "b:{{ 1 }}",
    "b:\x00",
    "d:",
    "d:claim:1",
    "d:claim:-1",
    "d:claim:99999999999999999999",
    "d:" + ":" * 60,
    "d:close:1:" + "9" * 40,
    "è" * 32,
    "\ud800",
)
LANGUAGES = ("it", "en", "ar", "zh-hans", "", "xx", "it" * 20, "\x00", "../..")
MEDIA: tuple[Json, ...] = (
    {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]},
    {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 10**9}},
    {"document": {"file_id": "f", "file_unique_id": "u", "file_name": "../../x\x00.exe", "file_size": 2**40}},
    {"location": {"latitude": 91.0, "longitude": -999.0}},
    {"contact": {"phone_number": "+39 02 " + "1" * 90, "first_name": "<i>"}},
    {"dice": {"emoji": "🎲", "value": 6}},
    {"new_chat_members": [{"id": 5, "is_bot": True, "first_name": "x"}]},
    {"forum_topic_edited": {}},
    {"sticker": {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1, "is_animated": False,
                 "is_video": False, "type": "regular"}},
)  # fmt: skip


class Hostile:
    """Draws updates.

    Args:
        seed: The same seed draws the same updates.
        group: The angels' group, which also gets its share.
        angels: Members of it.
    """

    def __init__(self, seed: int, group: int, angels: tuple[int, ...]) -> None:
        self.chance = random.Random(seed)
        self.group = group
        self.angels = angels
        self.keyboards: tuple[str, ...] = ()
        """Data of real buttons; filled as the house shows some."""

    def text(self) -> str:
        """Some text, or two of them stuck together, or noise."""
        pick = self.chance.random()
        if pick < 0.7:
            return self.chance.choice(WORDS)
        if pick < 0.85:
            return self.chance.choice(WORDS)[:200] + self.chance.choice(WORDS)[:200]
        points = [self.chance.randrange(0x110000) for _ in range(self.chance.randint(1, 60))]
        return "".join(map(chr, points))

    def user(self) -> Json:
        """One of a few people, of the angels, or a bot."""
        number = self.chance.choice((101, 102, 103, 104, *self.angels, 777000, 136817688))
        return {
            "id": number,
            "is_bot": number > 10**8,
            "first_name": self.text()[:64],
            "username": self.chance.choice((None, "x" * 32, "<b>")),
            "language_code": self.chance.choice(LANGUAGES),
        }

    def chat(self, user: Json) -> Json:
        """Mostly private; also the angels' group, other groups, channels."""
        private = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
        return self.chance.choice(
            (
                *(private,) * 4,
                {"id": self.group, "type": "supergroup", "title": "Angeli", "is_forum": True},
                {"id": -100999, "type": "supergroup", "title": self.text()[:100]},
                {"id": -5, "type": "group", "title": "x"},
                {"id": -100555, "type": "channel", "title": "x"},
            )
        )

    def message(self) -> Json:
        """A message of any kind."""
        user = self.user()
        chat = self.chat(user)
        made: Json = {
            "message_id": self.chance.randint(1, 2**31),
            "date": self.chance.choice((0, 1_800_000_000)),
            "chat": chat,
            "from": user,
        }
        if self.chance.random() < 0.7:
            made["text"] = self.text()
            if made["text"].startswith("/"):
                made["entities"] = [
                    {"type": "bot_command", "offset": 0, "length": max(1, len(made["text"].split(" ")[0]))}
                ]
            elif self.chance.random() < 0.2:
                made["entities"] = [
                    {
                        "type": self.chance.choice(("bold", "mention", "url")),
                        "offset": self.chance.randint(0, 9),
                        "length": 10**6,
                    }
                ]
        else:
            made |= self.chance.choice(MEDIA)
            if self.chance.random() < 0.3:
                made["caption"] = self.text()
        if chat["id"] == self.group and self.chance.random() < 0.5:
            made |= {"message_thread_id": self.chance.randint(0, 9), "is_topic_message": True}
        if self.chance.random() < 0.1:
            made["sender_chat"] = chat
        if self.chance.random() < 0.1:
            made["media_group_id"] = self.text()[:80]
        if self.chance.random() < 0.1:
            made["reply_to_message"] = {"message_id": 1, "date": 0, "chat": chat, "text": self.text()}
        if self.chance.random() < 0.05:
            made["from"] = None
        return made

    def _data(self) -> str:
        pick = self.chance.random()
        if self.keyboards and pick < 0.6:
            return self.chance.choice(self.keyboards)
        return self.chance.choice(DATA) if pick < 0.9 else self.text()[:64]

    def update(self) -> Json:
        """One update without its number."""
        kind = self.chance.random()
        if kind < 0.6:
            return {"message": self.message()}
        if kind < 0.7:
            return {"edited_message": self.message() | {"edit_date": 1}}
        if kind < 0.9:
            user = self.user()
            query: Json = {"id": str(self.chance.getrandbits(60)), "from": user, "chat_instance": "x"}
            query["data"] = self._data()
            if self.chance.random() < 0.9:
                query["message"] = self.message() | {"from": user}
            return {"callback_query": query}
        user = self.user()
        if kind < 0.95:
            reaction = [{"type": "emoji", "emoji": self.chance.choice(("👍", "x" * 50))}]
            return {"message_reaction": {"chat": self.chat(user), "message_id": 1, "user": user, "date": 0,
                                         "old_reaction": [], "new_reaction": reaction}}  # fmt: skip
        if kind < 0.98:
            member = {
                "status": self.chance.choice(("member", "left", "kicked")),
                "user": user,
                "until_date": 0,
            }
            change = {
                "chat": self.chat(user),
                "from": user,
                "date": 0,
                "old_chat_member": member,
                "new_chat_member": member,
            }
            return {self.chance.choice(("my_chat_member", "chat_member")): change}
        return {self.chance.choice(("channel_post", "edited_channel_post")): self.message()}
