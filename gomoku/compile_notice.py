"""Who waits while kernels are compiled hears of it: at their first use on a machine that takes longer than any move.

Not in `gomoku/compiling.py`, whose text is part of every kernel: an edit there compiles all of them anew.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from numba.core import event


class _FirstCompilation(event.Listener):
    """Tells of the first kernel that is compiled and not taken from the cache, before that takes its time."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._is_told = False

    def on_start(self, _: object) -> None:
        if not self._is_told:
            self._is_told = True
            self._tell()

    def on_end(self, _: object) -> None:
        """Nobody asked."""


@contextmanager
def told_of_compiling(tell: Callable[[], None]) -> Iterator[None]:
    """Calls `tell` when the block's first kernel begins to be compiled, in the thread that does it; or never."""
    with event.install_listener("numba:compile", _FirstCompilation(tell)):
        yield
