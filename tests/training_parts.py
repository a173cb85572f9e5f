"""What several tests of `train.py` have in common."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest

import train as script
from gomoku.command_line import BAD_INPUT


def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """The one line of a refusal, without the seconds that a process takes to start."""
    assert ended(monkeypatch, *arguments) == BAD_INPUT
    (line,) = capsys.readouterr().err.splitlines()
    return line


def ended(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The status of `train.py` with these arguments, in this process."""
    monkeypatch.setattr(sys, "argv", ["train.py", *arguments])
    with kept_signals():
        return script.main()


@contextmanager
def kept_signals() -> Iterator[None]:
    """What happens at Ctrl-C is as before when the block is left."""
    handlers = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for number, handler in handlers:
            signal.signal(number, handler)


def slowly(_name: str) -> AbstractContextManager[object]:
    """A `Span` for runs that are stopped in self-play: on a fast machine that would be over before anybody looks."""
    time.sleep(0.02)
    return nullcontext()
