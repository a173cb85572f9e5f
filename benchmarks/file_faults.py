"""Watches what a process does to the files of one folder, and lets it come to harm there.

Owns the operations on files that a crash or a full disk can come between, and the seam at which that is arranged:
`watch` replaces the few functions that all writing goes through, for this process and as long as it is entered. The
writes are the system's own; each is made in two parts, so that harm can be done in the middle of a file.
"""

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

MAKE, WRITE, FLUSH, RENAME, DELETE, MAKE_FOLDER = "make", "half write", "flush", "rename", "delete", "make folder"
NEEDS_SPACE = (MAKE, WRITE, FLUSH, RENAME, MAKE_FOLDER)
"""What a full disk may refuse."""
FOLDERS = {"checkpoints": "checkpoint", "generations": "generation", "replay": "replay", "events": "events"}


class Operation(NamedTuple):
    """Something that is about to be done to a file; a write is half done already."""

    kind: str
    file: str
    """What the file is to a run, such as `checkpoint` or `metrics.jsonl`."""

    def __str__(self) -> str:
        return f"{self.kind} {self.file}"


Meet = Callable[[Operation], None]
"""Is told of each operation before it happens; what it raises, the operation raises."""


def role_of(path: Path) -> str:
    """What a file is to a run; one that is being written has the role of the one that it will replace."""
    if path.parent.name in FOLDERS:
        return FOLDERS[path.parent.name]
    name = path.name
    return name[1:].removesuffix(".part").rpartition(".")[0] if name.startswith(".") else name


def _path_of(path: "str | bytes | Path") -> Path:
    return Path(os.path.abspath(os.fsdecode(path)))


class FullDisk:
    """Harm: from one operation on, nothing that needs space is carried out any more."""

    def __init__(self, at: int) -> None:
        """
        Args:
          at: the number of the first operation that is refused, from 1.
        """
        self._left = at

    def __call__(self, operation: Operation) -> None:
        self._left -= operation.kind in NEEDS_SPACE
        if self._left <= 0 and operation.kind in NEEDS_SPACE:
            # As the system does it: who writes through a descriptor is not told the file's name.
            name = () if operation.kind in (WRITE, FLUSH) else (operation.file,)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), *name)


class _WatchedFile(io.FileIO):
    """A file whose writes are cut in two."""

    def __init__(self, path: Any, mode: str, meet: Meet) -> None:
        super().__init__(path, mode)
        self._meet = meet
        self._role = role_of(_path_of(path))

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        done = super().write(view[: len(view) // 2])
        self._meet(Operation(WRITE, self._role))
        return done + super().write(view[done:])


@contextmanager
def watch(root: Path, meet: Meet) -> Iterator[None]:
    """Tells `meet` of every operation on files below `root`, until the block is left."""
    root = root.absolute()
    real_root = os.path.realpath(root)

    def is_ours(path: object) -> bool:
        return isinstance(path, str | bytes | Path) and _path_of(path).is_relative_to(root)

    def told(kind: str, function: Callable[..., Any], which: int = 0) -> Callable[..., Any]:
        def replaced(*args: Any, **named: Any) -> Any:
            if is_ours(args[which]):
                meet(Operation(kind, role_of(_path_of(args[which]))))
            return function(*args, **named)

        return replaced

    opened = io.open

    def open_watched(file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **named: Any) -> Any:
        if not set(mode) & set("wax+") or not is_ours(file):
            return opened(file, mode, buffering, *rest, **named)
        meet(Operation(MAKE, role_of(_path_of(file))))
        raw = _WatchedFile(file, mode.replace("b", "").replace("t", ""), meet)
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, *rest, **named)

    flush = os.fsync

    def flush_watched(descriptor: int) -> None:
        path = os.path.realpath(f"/proc/self/fd/{descriptor}")
        if path.startswith(real_root):
            meet(Operation(FLUSH, "folder" if os.path.isdir(path) else role_of(Path(path))))
        flush(descriptor)

    with ExitStack() as patches:
        for owner, name, function in (
            (io, "open", open_watched),
            (builtins, "open", open_watched),
            (os, "fsync", flush_watched),
            (os, "replace", told(RENAME, os.replace, which=1)),
            (os, "unlink", told(DELETE, os.unlink)),
            (os, "mkdir", told(MAKE_FOLDER, os.mkdir)),
        ):
            patches.enter_context(patch.object(owner, name, function))
        yield
