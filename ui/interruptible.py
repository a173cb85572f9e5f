"""Work that Ctrl-C ends at once, whatever it is in the middle of.

Python raises KeyboardInterrupt between any two lines of the main thread. Where those belong to a library that
compiles or loads something, it can be swallowed there, or leave the library in pieces.
"""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn, TypeVar

from gomoku.leaving import leave_at_once

T = TypeVar("T")

NAME = "interruptible work"
SECONDS_PER_LOOK = 0.1
"""Windows lets no signal through to a thread that waits without an end."""


def interruptibly(work: Callable[[], T]) -> T:
    """Does the work in a thread, and waits for it in this one.

    After a KeyboardInterrupt the thread goes on by itself, and nobody hears of what comes of it.
    """
    executor = ThreadPoolExecutor(1, thread_name_prefix=NAME)
    future = executor.submit(work)
    executor.shutdown(wait=False)  # it takes no more work
    while True:
        try:
            return future.result(SECONDS_PER_LOOK)
        except TimeoutError:
            if future.done():  # the work's own
                raise


def leave(status: int) -> NoReturn:
    """Ends the program; work that was interrupted ends with it."""
    if any(thread.name.startswith(NAME) for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        leave_at_once(status)  # else the interpreter would take down what the thread is using
    sys.exit(status)
