"""Two processes are kept from training in one folder, and a lock never outlives whoever held it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gomoku.errors import CheckpointError
from training.run_folder import RunFolder

ROOT = Path(__file__).resolve().parent.parent
HOLDER = """
import sys, time
from pathlib import Path
from training.run_folder import RunFolder
lock = RunFolder(Path(sys.argv[1])).take()
print("mine", flush=True)
time.sleep(60)
"""


def test_a_folder_belongs_to_one_process_until_that_is_killed(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with subprocess.Popen([sys.executable, "-c", HOLDER, folder.root], cwd=ROOT, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"mine\n"
        with pytest.raises(
            CheckpointError, match="run is being trained by another process; wait for it, stop it, or"
        ):
            folder.take()
        other.send_signal(signal.SIGKILL)
    folder.take().release()


def test_a_folder_that_was_taken_and_no_more_still_becomes_a_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    lock = folder.take()
    assert folder.holds_only_a_beginning()
    lock.release()
    assert folder.holds_only_a_beginning()
