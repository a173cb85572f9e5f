"""Ctrl-C while a program is still starting: one line, and it is left.

Owns the seconds in which libraries are loaded. There is nothing yet that could be lost, but a KeyboardInterrupt would
come up in the midst of an import, where it is a traceback, or is swallowed. Imports next to nothing itself, so that a
script can call it before all its other imports.
"""

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells have it."""
_end = os._exit


def guard_start() -> None:
    """Has Ctrl-C leave the script at once until `end_start`, unless whoever started it has it ignore Ctrl-C."""
    global _end  # noqa: PLW0603 - a signal knows nothing but its module
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    from gomoku.leaving import leave_at_once  # noqa: PLC0415 - under guard already

    _end = leave_at_once


def end_start() -> None:
    """From here on Ctrl-C is a KeyboardInterrupt again; nothing changes where the start was not guarded."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(_number: int, _frame: FrameType | None) -> None:
    try:  # not by `print`, which may just be at work
        os.write(2, f"{os.path.basename(sys.argv[0])}: stopped before it began\n".encode())
    except OSError:  # nobody listens any more
        pass
    finally:
        _end(INTERRUPTED)
