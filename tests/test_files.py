"""Files are written whole or not at all, and errors name the file that was meant."""

import errno
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from arena.game_pictures import check_folder
from gomoku.command_line import check_writable
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


def test_a_link_stays_one_and_a_device_or_a_pipe_stays_what_it_is(tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "target", tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(target)
    for contents in (b"first", b"second"):
        write_atomically(link, contents)
        assert link.is_symlink()
        assert target.read_bytes() == contents
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_bytes)
        write_atomically(pipe, b"third")
        assert read.result(60) == b"third"
    assert pipe.is_fifo()
    assert sorted(tmp_path.iterdir()) == [link, pipe, target]


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no device that is always full")
def test_a_device_that_is_full_says_so_and_stays_a_device() -> None:
    full = Path("/dev/full")
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write_atomically(full, b"x")
    assert full.is_char_device()


def test_a_place_that_takes_no_files_is_refused_before_there_is_something_to_write(tmp_path: Path) -> None:
    check_writable("--json", tmp_path / "new.json")
    check_writable("--json", Path(os.devnull))
    assert not list(tmp_path.iterdir())
    if not Path("/proc/self").is_dir():
        pytest.skip("this system has no folder in which nobody may write")
    for check, told in (
        (lambda: check_writable("--json", Path("/proc/x.json")), "--json /proc/x.json: it cannot be written there: "),
        (lambda: check_folder(Path("/proc/x/y")), "--pictures /proc/x/y: nothing can be written in /proc: "),
    ):
        with pytest.raises(ValueError, match=re.escape(told) + "[A-Z]"):
            check()
