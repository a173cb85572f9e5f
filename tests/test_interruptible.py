"""Work that Ctrl-C ends at once, even where a library swallows the interrupt."""

import subprocess
import sys
from pathlib import Path

import pytest

from ui.interruptible import interruptibly

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """
import time
from ui.interruptible import interruptibly, leave

def stubborn():
    end = time.monotonic() + 60
    print("working", flush=True)
    while time.monotonic() < end:
        try:
            time.sleep(0.05)
        except BaseException:
            pass

try:
    interruptibly(stubborn)
except KeyboardInterrupt:
    print("goodbye")
    leave(130)
"""


def test_what_comes_of_the_work_is_returned_and_its_errors_too() -> None:
    assert interruptibly(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        interruptibly(lambda: 1 // 0)

    def too_late() -> None:
        raise TimeoutError("the work's own")

    with pytest.raises(TimeoutError, match="the work's own"):
        interruptibly(too_late)


def test_an_interrupt_ends_the_program_though_the_work_swallows_it() -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(2)
        out, _ = process.communicate(timeout=30)  # half as long as the work
        assert out == "goodbye\n"
        assert process.returncode == 130
