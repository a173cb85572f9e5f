"""Folders for a while: gone when they are closed, and after a killed process by the next one."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from workers.scratch import LOCK, SECONDS_TO_LOCK, ScratchFolder, remove_abandoned

HOLDER = """
import sys
from workers.scratch import ScratchFolder
folder = ScratchFolder()
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def make_old(folder: Path) -> None:
    past = (folder / LOCK).stat().st_mtime - 2 * SECONDS_TO_LOCK
    os.utime(folder / LOCK, (past, past))


def test_a_folder_is_gone_when_it_is_closed(place: Path) -> None:
    with ScratchFolder() as folder:
        (folder.path / "network").write_text("x")
        assert folder.path.parent == place
    folder.close()
    assert list(place.iterdir()) == []


def test_the_folder_of_a_killed_process_goes_with_the_next_one_and_those_in_use_stay(place: Path) -> None:
    foreign = place / "gomoku-of-somebody"
    foreign.mkdir()
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout is not None
        folder = Path(holder.stdout.readline().strip())
        make_old(folder)
        remove_abandoned()
        assert folder.is_dir(), "it is in use"
        holder.send_signal(signal.SIGKILL)
    with ScratchFolder() as ours:
        assert not folder.exists()
        assert sorted(place.iterdir()) == sorted([foreign, ours.path]), "without a lock it is none of ours"
        young = place / "gomoku-young"
        young.mkdir()
        (young / LOCK).touch()
        remove_abandoned()
        assert young.is_dir(), "it may not be locked yet"
    shutil.rmtree(young)
