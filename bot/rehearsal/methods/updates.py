"""Getting updates: long polling, and where to post them."""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit

from bot.rehearsal.args import Args
from bot.rehearsal.errors import ApiError, bad_request
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.registry import method
from bot.rehearsal.updates import DEFAULT, Webhook
from bot.rehearsal.world import Json

MAX_WAIT_S = 50
"""Longest long poll in seconds (telegram-bot-api, LONG_POLL_MAX_TIMEOUT)."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Written(bytes):
    """JSON that needs no writing any more."""


def _allow(local: LocalTelegram, args: Args) -> None:
    """Remember `allowed_updates`; what cannot be read changes nothing (Client::get_allowed_update_types)."""
    try:
        raw = args.parsed("allowed_updates", "allowed updates")
    except ApiError:
        return
    if isinstance(raw, list) and all(isinstance(item, str) for item in raw):
        local.updates.allow(raw)


@method("getUpdates")
async def get_updates(local: LocalTelegram, args: Args) -> Written:
    """Wait for updates and hand them out until they are acknowledged by a higher offset.

    A second poller ends the wait of the first with 409 (Client::do_get_updates, abort_long_poll).
    """
    if local.updates.webhook.url:
        raise ApiError(
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        )
    _allow(local, args)
    offset = args.integer("offset")
    limit = args.integer("limit", 100, 1, 100)
    until = time.monotonic() + args.integer("timeout", 0, 0, MAX_WAIT_S)
    mine = 0
    while True:
        taken = local.updates.take(offset, limit)
        left = until - time.monotonic()
        if taken or left <= 0 or local.bell.closed:
            return Written(b"[" + b",".join(update.body for update in taken) + b"]")
        offset = max(offset, 0)
        if not mine:
            local.polls += 1
            mine = local.polls
            local.bell.ring("poll")  # whoever waited before finds that it is no longer the newest
        await local.bell.wait(("update", "poll"), left)
        if local.polls != mine and not local.bell.closed:
            reason = (
                "setWebhook request"
                if local.updates.webhook.url
                else ("other getUpdates request; make sure that only one bot instance is running")
            )
            raise ApiError(409, f"Conflict: terminated by {reason}")


@method("setWebhook")
def set_webhook(local: LocalTelegram, args: Args) -> bool:
    """Have updates posted to an address. Telegram insists on https; here http will do on this machine's loopback."""
    url = args.text("url")
    if not url:
        return delete_webhook(local, args)
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise bad_request("invalid webhook URL specified")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = args.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    if args.flag("drop_pending_updates"):
        local.updates.clear()
    _allow(local, args)
    local.updates.webhook = Webhook(
        parts.geturl(),
        secret,
        args.integer("max_connections", 40, 1, 100),
        args.text("ip_address") or None,
        "certificate" in args.uploads,
    )
    local.polls += 1
    local.bell.ring("poll")
    local.bell.ring("webhook")
    return True


@method("deleteWebhook")
def delete_webhook(local: LocalTelegram, args: Args) -> bool:
    """Go back to polling."""
    if args.flag("drop_pending_updates"):
        local.updates.clear()
    local.updates.webhook = Webhook()
    local.bell.ring("webhook")
    return True


@method("getWebhookInfo")
def get_webhook_info(local: LocalTelegram, args: Args) -> Json:
    """Tell how posting goes and how much waits."""
    hook = local.updates.webhook
    told: Json = {
        "url": hook.url,
        "has_custom_certificate": hook.has_custom_certificate,
        "pending_update_count": len(local.updates.waiting),
    }
    if hook.url:
        told["max_connections"] = hook.max_connections
        told["ip_address"] = hook.ip_address or "127.0.0.1"
        if hook.last_error_date is not None:
            told["last_error_date"] = hook.last_error_date
            told["last_error_message"] = hook.last_error_message or ""
    if local.updates.allowed != DEFAULT:
        told["allowed_updates"] = sorted(local.updates.allowed)
    return told
