"""Ctrl-C while a script is still loading what it needs, and while a plan is being measured."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from process_parts import read_until

ROOT = Path(__file__).resolve().parent.parent
DEADLINE = 60
LOADING = """
import time

end = time.monotonic() + 10 * {deadline}
print("loading", flush=True)
while time.monotonic() < end:
    try:
        time.sleep(0.05)
    except BaseException:
        pass
"""
"""In place of a library: takes for ever to load, and swallows what comes up meanwhile."""


@pytest.mark.parametrize(
    ("command", "library"),
    [
        (["human_play.py"], "numpy"),
        (["human_play.py", "--plain", "--level", "easy"], "safetensors"),
        (["evaluate.py", "random", "random"], "numpy"),
        (["train.py", "--preset", "6x6x4"], "numpy"),
        (["train.py", "plan", "6x6x4", "--minutes", "5"], "torch"),
    ],
)
def test_ctrl_c_during_the_imports_is_one_line_and_ends_at_once(
    tmp_path: Path, command: list[str], library: str
) -> None:
    (tmp_path / f"{library}.py").write_text(LOADING.format(deadline=DEADLINE))
    process = started(command, PYTHONPATH=str(tmp_path))
    assert process.stdout is not None
    assert process.stdout.readline() == "loading\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=DEADLINE)
    assert (process.returncode, out) == (130, "")
    assert err == f"{command[0]}: stopped before it began\n"


def test_who_starts_a_script_that_is_to_ignore_ctrl_c_is_obeyed() -> None:
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from gomoku.starting import end_start, guard_start\n"
        "guard_start(); signal.raise_signal(signal.SIGINT)\n"
        "end_start(); signal.raise_signal(signal.SIGINT)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=DEADLINE, check=False).returncode == 0


def test_ctrl_c_in_the_midst_of_measuring_a_plan_is_told_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    seconds = str(100 * DEADLINE)
    process = started(["train.py", "plan", "6x6x4", "--minutes", "5", "--seconds", seconds, "--json", str(path)])
    read_until(process, "measuring")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=DEADLINE)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert err.splitlines()[-1] == "train.py: stopped before the plan was made; nothing was written"
    assert not path.exists()


def started(command: list[str], **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
