"""What several tests of `human_play.py` have in common."""

import subprocess
import sys

import pytest

import human_play
from benchmarks.pseudo_terminal import DEADLINE, ROOT, SCRIPT

TWO_PEOPLE = ("--black", "human", "--white", "human")


def run(*arguments: object, typed: str = "") -> subprocess.CompletedProcess[str]:
    """The script with these options, its end awaited; `typed` comes through a pipe."""
    command = [sys.executable, SCRIPT, *map(str, arguments)]
    return subprocess.run(
        command, input=typed, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE, check=False
    )


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line that the script says before it exits with status 2."""
    try:
        status: object = human_play.main([str(argument) for argument in arguments])
    except SystemExit as left:
        status = left.code
    assert status == 2
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("human_play.py: error: ")
    assert captured.out == ""
    return lines[0]
