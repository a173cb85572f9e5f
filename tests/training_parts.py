"""What several tests of `train.py` have in common."""

import signal
import sys

import pytest

import train as script


def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """The one line of a refusal, without the seconds that a process takes to start."""
    monkeypatch.setattr(sys, "argv", ["train.py", *arguments])
    handlers = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        assert script.main() == 2
    finally:
        for number, handler in handlers:
            signal.signal(number, handler)
    (line,) = capsys.readouterr().err.splitlines()
    return line
