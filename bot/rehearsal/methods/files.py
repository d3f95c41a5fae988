"""Getting files back."""

from __future__ import annotations

from bot.rehearsal.args import Args
from bot.rehearsal.errors import bad_request
from bot.rehearsal.files import MAX_DOWNLOAD
from bot.rehearsal.local import LocalTelegram
from bot.rehearsal.registry import method
from bot.rehearsal.world import Json


@method("getFile")
def get_file(local: LocalTelegram, args: Args) -> Json:
    """Return where a file can be downloaded, up to 20 MB."""
    if not args.has("file_id"):
        raise bad_request("file_id not specified")
    stored = local.files.by_id.get(args.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    if stored.size > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": stored.id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "file_path": stored.path,
    }


@method("getUserProfilePhotos")
def get_user_profile_photos(local: LocalTelegram, args: Args) -> Json:
    """List somebody's photos: nobody here has one."""
    if args.integer("user_id") not in local.world.users:
        raise bad_request("user not found")
    return {"total_count": 0, "photos": []}
