"""Leaving a process in order, however it is left: at its end, by `os._exit`, by a signal or with its terminal.

Owns what is still to be done then. Only SIGKILL leaves no time for it.
"""

import atexit
import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
_last_acts: list[Callable[[], object]] = []


def before_leaving(act: Callable[[], object]) -> None:
    """Has `act` done when the process is left; it may be done twice."""
    _last_acts.append(act)
    atexit.register(act)


def leave_at_once(status: int) -> NoReturn:
    """Ends the process without waiting for its threads."""
    _act()
    os._exit(status)


def heed_signals() -> None:
    """Has signals that would end the process at once leave time for the last acts. For a script's main thread."""
    for number in SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end_by)


def _end_by(number: int, _: FrameType | None) -> None:
    _act()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _act() -> None:
    for act in _last_acts:
        act()
