"""Groups and who is in them."""

from __future__ import annotations

import secrets

from bot.rehearsal.args import Args
from bot.rehearsal.errors import ApiError, bad_request
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.registry import method
from bot.rehearsal.render import full_chat_json, member_json, user_json
from bot.rehearsal.rights import ADMIN_RIGHTS, PERMISSIONS
from bot.rehearsal.sending import chat_of, require_right
from bot.rehearsal.world import Chat, Json, Member, User


def _group(local: LocalTelegram, args: Args, access: str = "write") -> Chat:
    chat = chat_of(local, args, access=access)
    if chat.is_private:
        raise bad_request("method is available only for supergroups")
    return chat


def _user(local: LocalTelegram, args: Args) -> User:
    user_id = args.integer("user_id")
    if user_id <= 0:
        raise bad_request("Invalid user_id specified")
    user = local.world.users.get(user_id)
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return user


@method("getChat")
def get_chat(local: LocalTelegram, args: Args) -> Json:
    """Describe a chat in full."""
    return full_chat_json(chat_of(local, args, access="read"))


@method("getChatMember")
def get_chat_member(local: LocalTelegram, args: Args) -> Json:
    """Describe somebody's place in a chat."""
    chat = chat_of(local, args, access="read")
    user = _user(local, args)
    if chat.is_private:
        if user.id not in (chat.id, local.bot.id):
            raise bad_request("user not found")
        return {"status": "member", "user": user_json(user)}
    return member_json(chat.member(user.id) or Member(user, "left"), bot_id=local.bot.id)


@method("getChatAdministrators")
def get_chat_administrators(local: LocalTelegram, args: Args) -> list[Json]:
    """List the owner and the administrators, other bots left out."""
    chat = chat_of(local, args, access="read")
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    ranked = [m for m in chat.members.values() if m.status in ("creator", "administrator")]
    shown = [m for m in ranked if not m.user.is_bot or m.user.id == local.bot.id]
    return [member_json(m, bot_id=local.bot.id) for m in shown]


@method("getChatMemberCount")
def get_chat_member_count(local: LocalTelegram, args: Args) -> int:
    """Count who is in a chat."""
    chat = chat_of(local, args, access="read")
    return 2 if chat.is_private else sum(m.present for m in chat.members.values())


@method("leaveChat")
def leave_chat(local: LocalTelegram, args: Args) -> bool:
    """Leave a group."""
    chat = _group(local, args, access="read")
    local.place(chat, Member(local.bot, "left"), local.bot)
    local.service(chat, local.bot, {"left_chat_member": user_json(local.bot)})
    return True


def _subject(local: LocalTelegram, args: Args) -> tuple[Chat, User, Member]:
    """Return the group, and somebody there whom the bot may restrict."""
    chat = _group(local, args)
    user = _user(local, args)
    place = chat.member(user.id) or Member(user, "left")
    require_right(local, chat, "can_restrict_members", "not enough rights to restrict/unrestrict chat member")
    if place.status == "creator":
        raise bad_request("can't remove chat owner")
    if user.id == local.bot.id:
        raise bad_request("can't restrict self")
    if place.status == "administrator":
        raise ApiError(400, "user is an administrator of the chat")
    return chat, user, place


@method("banChatMember")
def ban_chat_member(local: LocalTelegram, args: Args) -> bool:
    """Remove somebody for good (or until `until_date`)."""
    chat, user, place = _subject(local, args)
    was_here = place.present
    local.place(chat, Member(user, "kicked", until_date=args.integer("until_date")), local.bot)
    if was_here:
        local.service(chat, local.bot, {"left_chat_member": user_json(user)})
    return True


@method("unbanChatMember")
def unban_chat_member(local: LocalTelegram, args: Args) -> bool:
    """Let somebody come back; one who is here is removed unless `only_if_banned`."""
    chat, user, place = _subject(local, args)
    if place.status == "kicked" or not args.flag("only_if_banned"):
        local.place(chat, Member(user, "left"), local.bot)
    return True


def _permissions(args: Args) -> dict[str, bool]:
    raw = args.parsed("permissions", "permissions")
    if not isinstance(raw, dict):
        raise bad_request("Object expected as permissions")
    given = {name: bool(raw.get(name, False)) for name in PERMISSIONS}
    if not args.flag("use_independent_chat_permissions"):
        # Bot API, restrictChatMember: can_send_other_messages and can_add_web_page_previews imply the others.
        if given["can_send_other_messages"] or given["can_add_web_page_previews"]:
            given |= dict.fromkeys(PERMISSIONS[:7], True)
        if given["can_send_polls"]:
            given["can_send_messages"] = True
    if "can_manage_topics" not in raw:
        given["can_manage_topics"] = given["can_pin_messages"]
    if "can_react_to_messages" not in raw:
        given["can_react_to_messages"] = given["can_send_messages"]
    return given


@method("restrictChatMember")
def restrict_chat_member(local: LocalTelegram, args: Args) -> bool:
    """Limit what somebody may do."""
    given = _permissions(args)
    chat, user, place = _subject(local, args)
    if all(given[name] for name in PERMISSIONS if chat.permissions.get(name)):
        new = Member(user, "member" if place.present else "left")
    else:
        new = Member(
            user, "restricted", {**given, "is_member": place.present}, until_date=args.integer("until_date")
        )
    local.place(chat, new, local.bot)
    return True


@method("promoteChatMember")
def promote_chat_member(local: LocalTelegram, args: Args) -> bool:
    """Make somebody administrator, or none with no rights given."""
    chat = _group(local, args)
    user = _user(local, args)
    require_right(local, chat, "can_promote_members", "not enough rights to promote/demote chat member")
    place = chat.member(user.id)
    if place is None or not place.present:
        raise bad_request("USER_NOT_PARTICIPANT")
    if place.status == "creator":
        raise bad_request("can't remove chat owner")
    if user.id == local.bot.id:
        raise bad_request("can't promote self")
    rights = {name: args.flag(name) for name in ADMIN_RIGHTS}
    if any(
        name not in ("can_manage_chat",) and held and not chat.may(local.bot.id, name)
        for name, held in rights.items()
    ):
        raise bad_request("RIGHT_FORBIDDEN")
    if any(rights.values()) or args.flag("is_anonymous"):
        rights["can_manage_chat"] = rights["promoted_by_bot"] = True
        new = Member(user, "administrator", rights, is_anonymous=args.flag("is_anonymous"))
    else:
        new = Member(user, "member")
    local.place(chat, new, local.bot)
    return True


@method("setChatAdministratorCustomTitle")
def set_chat_administrator_custom_title(local: LocalTelegram, args: Args) -> bool:
    """Give an administrator a title of their own."""
    chat = _group(local, args)
    place = chat.member(_user(local, args).id)
    if place is None or place.status != "administrator":
        raise bad_request("user is not an administrator")
    if not place.rights.get("promoted_by_bot"):
        raise bad_request("not enough rights to change custom title of the user")
    if len(args.text("custom_title")) > 16:
        raise bad_request("CUSTOM_TITLE_INVALID")
    place.custom_title = args.text("custom_title") or None
    return True


@method("setChatPermissions")
def set_chat_permissions(local: LocalTelegram, args: Args) -> bool:
    """Set what ordinary members may do."""
    given = _permissions(args)
    chat = _group(local, args)
    require_right(local, chat, "can_restrict_members", "not enough rights to change chat permissions")
    if given == chat.permissions:
        raise bad_request("CHAT_NOT_MODIFIED")
    chat.permissions = given
    return True


@method("setChatTitle")
def set_chat_title(local: LocalTelegram, args: Args) -> bool:
    """Rename a group; a service message says so."""
    chat = _group(local, args)
    title = args.text("title").strip()[:128]
    if not title:
        raise bad_request("Title must be non-empty")
    require_right(local, chat, "can_change_info", "not enough rights to change chat title")
    if title != chat.title:
        chat.title = title
        local.service(chat, local.bot, {"new_chat_title": title})
    return True


@method("setChatDescription")
def set_chat_description(local: LocalTelegram, args: Args) -> bool:
    """Describe a group."""
    chat = _group(local, args)
    require_right(local, chat, "can_change_info", "not enough rights to set chat description")
    told = args.text("description").strip()[:255] or None
    if told == chat.description:
        raise bad_request("chat description is not modified")
    chat.description = told
    return True


def _link(local: LocalTelegram, args: Args) -> tuple[Chat, str]:
    chat = _group(local, args)
    require_right(local, chat, "can_invite_users", "not enough rights to manage chat invite link")
    return chat, f"https://t.me/+{secrets.token_urlsafe(12)}"


@method("exportChatInviteLink")
def export_chat_invite_link(local: LocalTelegram, args: Args) -> str:
    """Make a new primary invite link."""
    chat, link = _link(local, args)
    chat.invite_link = link
    return link


@method("createChatInviteLink")
def create_chat_invite_link(local: LocalTelegram, args: Args) -> Json:
    """Make a further invite link."""
    _, link = _link(local, args)
    asks = args.flag("creates_join_request")
    if asks and args.integer("member_limit"):
        raise bad_request("member limit can't be specified for links requiring administrator approval")
    made: Json = {
        "invite_link": link,
        "creator": user_json(local.bot),
        "creates_join_request": asks,
        "is_primary": False,
        "is_revoked": False,
    }
    if args.has("name"):
        made["name"] = args.text("name")[:32]
    for name in ("expire_date", "member_limit"):
        if args.integer(name):
            made[name] = args.integer(name)
    return made
