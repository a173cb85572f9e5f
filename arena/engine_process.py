"""An outside program that is talked to line by line: started without a shell, never trusted, always killed.

Owns the process, its pipes and the clock of a single wait; what the lines mean is `arena/gomocup_player.py`. Whatever
the program does, a wait ends at its deadline, memory stays bounded (what nobody reads stays in the pipe, and holds
the program up), and at the end nothing of its process group is left. For systems with process groups (not Windows).
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from gomoku.leaving import before_leaving

MAX_LINE = 4096
"""Bytes; what is longer is cut."""
MAX_OUTPUT = 2**22
"""Bytes that may come between two questions; more is a flood."""
LAST_LINES, LAST_LINE_CHARS = 12, 200
"""What is kept for the record."""
READ_BYTES = 2**16
SECONDS_TO_END = 0.5
MAX_MEMORY = 4 * 2**30
"""Bytes of its own that each of its processes may have; asking for more fails, as on a machine that has no more. Many
times what a manager grants, so that no honest engine meets it. Linux only."""
PAUSE = 0.003
"""Seconds before a line is sent: one strong engine drops what comes within a millisecond of its own move."""


_running: "set[EngineProcess]" = set()


def kill_engines() -> None:
    """Ends all programs that this process has started."""
    for engine in list(_running):
        engine.kill()


before_leaving(kill_engines)


class EngineError(Exception):
    """The program failed; the text says how, in one line."""


class EngineTimeoutError(EngineError):
    """No answer came in time."""


class EngineProcess:
    """A running program."""

    def __init__(self, command: Sequence[str], folder: str = "") -> None:
        """Starts it.

        Args:
          folder: where it is run, if there is such a folder; else where this process is.

        Raises:
          EngineError: there is no such program, or it may not be run.
        """
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd=folder if folder and Path(folder).is_dir() else None,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"cannot be started: {error}") from None
        _running.add(self)
        limit_memory(self._process.pid)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._stdin, self._stdout, self._stderr = self._process.stdin, self._process.stdout, self._process.stderr
        self._selector = selectors.DefaultSelector()
        for pipe in (self._stdout, self._stderr):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ)
        os.set_blocking(self._stdin.fileno(), False)
        self._partial = {self._stdout: b"", self._stderr: b""}
        self._lines: deque[str] = deque()
        self._last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._received = 0
        self._is_at_end = False
        self._is_killed = False

    @property
    def last_lines(self) -> list[str]:
        """What went to and fro last: `> sent`, `< said`, `! complained`."""
        return list(self._last_lines)

    @property
    def last_complaint(self) -> str:
        """The last line on its standard error that is among those; empty where there is none."""
        return next((line[2:] for line in reversed(self._last_lines) if line.startswith("! ")), "")

    @property
    def is_alive(self) -> bool:
        """Whether it has not closed its output yet."""
        return not (self._is_at_end or self._is_killed)

    def send(self, *lines: str, seconds: float = 1.0) -> None:
        """Sends lines, after what it said unasked has been put aside.

        Raises:
          EngineError: it is gone, or did not read for `seconds`.
        """
        time.sleep(PAUSE)
        self._put_aside()
        for line in lines:
            self._note(">", line)
        data = "".join(f"{line}\n" for line in lines).encode()
        deadline = time.monotonic() + seconds
        while data:
            try:
                data = data[os.write(self._stdin.fileno(), data) :]
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise EngineTimeoutError("does not read what it is sent") from None
                self._read(0.01)
                self._check_output()
            except OSError:
                self._read(0)  # it may have said why
                raise EngineError(self._how_it_ended("closed its input")) from None

    def receive(self, deadline: float) -> str:
        """The next line that it says, without spaces at its ends.

        Args:
          deadline: of `time.monotonic()`.

        Raises:
          EngineTimeoutError: none came in time.
          EngineError: it is gone, or says too much.
        """
        while not self._lines:
            if self._is_at_end or self._is_killed:
                raise EngineError(self._how_it_ended("closed its output"))
            self._check_output()
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise EngineTimeoutError("said nothing in time")
            self._read(remaining)
        return self._lines.popleft()

    def end(self) -> None:
        """Asks it to end, waits half a second, and closes it."""
        try:
            self.send("END", seconds=0.1)
            deadline = time.monotonic() + SECONDS_TO_END
            while True:
                self.receive(deadline)
        except EngineError:
            self.close()

    def close(self) -> None:
        """Kills it and closes its pipes; nobody may wait for it any more. May be called again."""
        self.kill()
        self._selector.close()
        for pipe in (self._stdin, self._stdout, self._stderr):
            pipe.close()

    def kill(self) -> None:
        """Kills its whole process group; a thread that waits for it learns of it. May be called again."""
        self._is_killed = True
        _running.discard(self)
        # None may be left; macOS says so in the second way.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _check_output(self) -> None:
        if self._received > MAX_OUTPUT:
            raise EngineError(f"flooded its output with more than {MAX_OUTPUT // 2**20} MB")

    def _put_aside(self) -> None:
        """Takes what is there already, a flood's first part at most, so that it is not taken for an answer."""
        self._received = 0
        while self._received < READ_BYTES and self._read(0):
            pass
        self._lines.clear()
        self._received = 0

    def _read(self, seconds: float) -> bool:
        """Waits for output and takes some; whether there was any."""
        events = self._selector.select(seconds)
        for key, _ in events:
            pipe = self._stdout if key.fileobj is self._stdout else self._stderr
            try:
                data = os.read(pipe.fileno(), READ_BYTES)
            except BlockingIOError:
                continue
            if not data:
                self._selector.unregister(pipe)
                self._is_at_end |= pipe is self._stdout
            self._received += len(data)
            self._split(pipe is self._stdout, data)
        return bool(events)

    def _split(self, is_said: bool, data: bytes) -> None:
        pipe = self._stdout if is_said else self._stderr
        *whole, rest = (self._partial[pipe] + data).split(b"\n")
        self._partial[pipe] = rest[:MAX_LINE]
        if not data and rest:  # the last line may lack its end
            whole, self._partial[pipe] = [rest], b""
        for raw in whole:
            line = raw[:MAX_LINE].decode("utf-8", "replace").strip()
            if line:
                self._note("<" if is_said else "!", line)
                if is_said:
                    self._lines.append(line)

    def _note(self, sign: str, line: str) -> None:
        text = "".join(char if char.isprintable() else "?" for char in line[:LAST_LINE_CHARS])
        self._last_lines.append(f"{sign} {text}")

    def _how_it_ended(self, seen: str) -> str:
        """Args:
        seen: what is all there is to say where it goes on.
        """
        if self._is_killed:
            return "was killed"
        try:
            status = self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            return seen
        return f"ended with status {status}" if status >= 0 else f"ended by signal {-status}"


def limit_memory(process: int) -> None:
    """Holds a process, and those that it starts from now on, to `MAX_MEMORY` each, where the system can do that."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - Windows has no such module

        with contextlib.suppress(ProcessLookupError):  # it has ended already
            resource.prlimit(process, resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))
