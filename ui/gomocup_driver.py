"""Carries the Gomocup protocol's effects out: reads lines, prints answers, thinks in a thread of its own.

Owns the threads and the streams. The protocol itself is `ui/gomocup.py`, which decides what may be printed when.
"""

import errno
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO

from gomoku.player import PlayerFactory
from ui.gomocup import GomocupProtocol
from ui.gomocup_effects import Effect, Exit, OpenSwap2, Prepare, Say, Stop, Task, Think
from ui.gomocup_thinking import Clock, Print, Thinker

LONGEST_LINE = 4096
"""Bytes; what a longer line has beyond this is dropped."""
GRACE_SECONDS = 0.2
"""For a thought to notice that the engine leaves."""
CRASHED = 1


class GomocupDriver:
    """One engine between its streams."""

    def __init__(
        self,
        protocol: GomocupProtocol,
        thinker: Thinker,
        print_line: Print,
        clock: Clock = time.monotonic,
        crash: Callable[[], None] = lambda: os._exit(CRASHED),
    ) -> None:
        """`crash` ends the process after a fault of our own: a manager must see a dead engine, not a silent one."""
        self._protocol = protocol
        self._thinker = thinker
        self._print = print_line
        self._clock = clock
        self._crash = crash
        self._lock = threading.Lock()  # guards the protocol, the order of what is printed, and what follows here
        self._is_leaving = False
        self._stop = threading.Event()
        self._tasks: queue.SimpleQueue[tuple[Task, threading.Event] | None] = queue.SimpleQueue()

    def run(self, lines: Iterable[str]) -> None:
        """Serves until END, or until there are no more lines."""
        worker = threading.Thread(target=self._work, name="gomocup-thinker", daemon=True)
        worker.start()
        for line in lines:
            with self._lock:
                self._carry_out(self._protocol.handle(line, self._clock()))
            if self._is_leaving:
                break
        with self._lock:
            self._leave()
        worker.join(GRACE_SECONDS)

    def _carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Say(text):
                    self._print(text)
                case Stop():
                    self._stop.set()
                case Exit():
                    self._leave()
                case Prepare() | Think() | OpenSwap2():
                    self._stop = threading.Event()
                    self._tasks.put((effect, self._stop))

    def _leave(self) -> None:
        self._is_leaving = True
        self._stop.set()
        self._tasks.put(None)

    def _work(self) -> None:
        try:
            while (order := self._tasks.get()) is not None:
                answer = self._answer(*order)
                with self._lock:
                    if not self._is_leaving:
                        self._carry_out(answer())
        except OSError as error:  # nobody hears what is said: the manager has gone, and so does the engine
            _tell_lost_manager(error)
            self._crash()
        except BaseException:
            traceback.print_exc()
            self._crash()
            raise

    def _answer(self, task: Task, stop: threading.Event) -> Callable[[], list[Effect]]:
        """Does a task, and returns how the protocol is told."""
        try:
            match task:
                case Prepare():
                    self._thinker.prepare(task)
                    return self._protocol.ready
                case Think():
                    move = self._thinker.choose(task, stop.is_set, self._report)
                    return lambda: self._protocol.moved(move, self._clock())
                case OpenSwap2():
                    text = self._thinker.open(task, stop.is_set)
                    return lambda: self._protocol.opened(text, self._clock())
        except (ValueError, OSError, MemoryError) as error:
            complaint = str(error) or type(error).__name__
            return lambda: self._protocol.failed(complaint)

    def _report(self, text: str) -> None:
        with self._lock:
            if not self._is_leaving:
                self._print(text)


def serve(factory: Callable[[], PlayerFactory], level: str | None, about: str) -> int:
    """Plays between standard input and standard output, until END or the end of input.

    Args:
      factory: makes the maker of players; called with the first START, so that END and ABOUT are heard meanwhile.
      level: None: full strength.
      about: the answer to ABOUT.

    Returns: the exit status. Whoever gets it should leave by `os._exit`: a thought may still be under way.
    """
    if sys.stdout is None:
        _tell_lost_manager(OSError(errno.EBADF, os.strerror(errno.EBADF)))
        return CRASHED
    output = sys.stdout.buffer

    def print_line(text: str) -> None:
        output.write(text.encode("ascii", "replace") + b"\n")
        output.flush()

    lines = read_lines(sys.stdin.buffer) if sys.stdin is not None else iter(())
    try:
        GomocupDriver(GomocupProtocol(about), Thinker(factory, level), print_line).run(lines)
    except OSError as error:
        _tell_lost_manager(error)
        return CRASHED
    return 0


def _tell_lost_manager(error: OSError) -> None:
    """One line on standard error; none for a manager that has gone, which is an ordinary end."""
    if not isinstance(error, BrokenPipeError) and sys.stderr is not None:
        with suppress(OSError):
            print(f"gomocup: cannot talk to the manager: {error.strerror or error}", file=sys.stderr, flush=True)


def read_lines(stream: BinaryIO) -> Iterator[str]:
    """The lines of a stream, as soon as each is there, cut to `LONGEST_LINE`."""
    while line := stream.readline(LONGEST_LINE):
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE)
        yield line.decode("ascii", "replace")


def about_text(version: str) -> str:
    """What ABOUT is answered."""
    return f'name="gomoku-zero", version="{version}", author="The Gomoku Zero authors", country="International"'
