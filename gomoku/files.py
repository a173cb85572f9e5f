"""Writing files so that a crash, a full disk or a name that is taken never costs what was there.

Owns the file beside the one that is meant, named `.NAME.PID.part`; an error names the one that is meant. And the lock
that makes a folder one process's own.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


def take_lock(path: Path) -> FileLock | None:
    """Holds this file's lock until it is released or the process has ended, however it ends; the folder is made where
    it is not.

    Returns: None where another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock


def write_atomically(path: Path, data: bytes) -> None:
    """Gives `path` these contents: after a crash it holds either all of the old ones or all of the new ones.

    A link stays one, to a file with these contents; a device or a pipe is written to, and nothing takes its place.

    Raises:
      OSError: the file cannot be written; `path` is as it was.
    """
    with named_in_errors(path):
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        target = path.resolve()
        with _written_beside(target, data) as beside:
            beside.replace(target)
        _flush_folder(target.parent)


def check_folder_takes_files(folder: Path) -> None:
    """Makes a nameless file there, which is gone at once.

    Raises:
      OSError: that cannot be done.
    """
    with named_in_errors(folder), tempfile.TemporaryFile(dir=folder):
        pass


def write_new_file(path: Path, contents: str | bytes) -> None:
    """Writes a whole file or none, and never over another one; text in UTF-8.

    Raises:
      FileExistsError: there is such a file already.
      OSError: it cannot be written.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists already")
    data = contents if isinstance(contents, bytes) else contents.encode("utf-8", "replace")
    with named_in_errors(path), _written_beside(path, data) as beside:
        _give_name(beside, path)


@contextmanager
def named_in_errors(path: Path) -> Iterator[None]:
    """Makes the errors of writing a file name it: the system does not say where the disk was full."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # ours, which says what there is to say
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def _written_beside(path: Path, data: bytes) -> Iterator[Path]:
    """A file in the same folder that holds this and is safely on the disk; gone afterwards unless it was renamed."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield beside
    finally:
        beside.unlink(missing_ok=True)


def _give_name(beside: Path, path: Path) -> None:
    """A link fails where the name has been taken meanwhile; a rename would overwrite."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise FileExistsError(f"{path} exists already") from None
    except OSError:  # a file system without links, such as a memory stick's
        beside.rename(path)


def _flush_folder(folder: Path) -> None:
    """Makes a rename in `folder` last through a power cut, where the system lets folders be flushed."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
