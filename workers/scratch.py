"""A folder for a while, for what has to be a file.

It goes with its process: at once, or where that was killed, when the next one makes a folder of its own.
"""

import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX, LOCK = "gomoku-", "lock"
SECONDS_TO_LOCK = 60
"""Younger folders are left alone: their owner may not have locked them yet."""


class ScratchFolder:
    """Belongs to this process until it is closed, or the process has ended."""

    def __init__(self) -> None:
        """Makes it, after the folders of processes that have ended were removed.

        Raises:
          OSError: there is no room for it.
        """
        remove_abandoned()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = FileLock(self.path / LOCK)
        self._lock.acquire(timeout=0)

    def __enter__(self) -> "ScratchFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Removes it; may be called again."""
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)


def remove_abandoned() -> None:
    """Removes the folders whose lock nobody holds; a lock ends with its process, however that does."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError, Timeout):  # somebody else's, in use, or gone meanwhile
            if time.time() - path.stat().st_mtime > SECONDS_TO_LOCK:
                with FileLock(path).acquire(timeout=0):
                    shutil.rmtree(path.parent, ignore_errors=True)
