"""Files are written whole or not at all, and errors name the file that was meant."""

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gomoku.files import write_atomically, write_new_file


@pytest.mark.parametrize("write", [lambda path: write_atomically(path, b"x"), lambda path: write_new_file(path, "x")])
def test_an_error_names_the_file_that_was_meant(tmp_path: Path, write: Callable[[Path], None]) -> None:
    path = tmp_path / "nowhere" / "file"
    with pytest.raises(FileNotFoundError, match=re.escape(f"No such file or directory: '{path}'") + "$"):
        write(path)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=f"No space left on device: '{path}'"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_is_flushed_before_it_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")
    seen: list[bytes] = []
    flush = os.fsync

    def watched(descriptor: int) -> None:
        seen.append(path.read_bytes())
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    write_atomically(path, b"new")
    assert seen[0] == b"old"
    assert path.read_bytes() == b"new"


def test_a_file_that_appears_while_another_is_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "game.sgf"
    path.write_text("theirs")
    monkeypatch.setattr(Path, "exists", lambda _: False)
    with pytest.raises(FileExistsError, match="exists already"):
        write_new_file(path, "mine")
    assert path.read_text() == "theirs"
    assert [file.name for file in tmp_path.iterdir()] == ["game.sgf"]
