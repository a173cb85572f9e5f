"""A process of this project that works for another: started, talked to in messages, and how it ended.

Owns the starting side; what the process does is its module's affair, which uses `workers/messages.py`.
"""

import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from typing import IO, Any

from gomoku.compiling import ROOT
from workers.link import End
from workers.messages import read_message, write_message

SECONDS_TO_END = 5.0


class WorkerProcess:
    """One process and the two pipes to it."""

    def __init__(self, module: str) -> None:
        """Starts it as `python -m MODULE`.

        Raises:
          OSError: the system has no room for another process.
        """
        self._end: End | None = None
        with ExitStack() as undo:
            self._errors: IO[bytes] = undo.enter_context(tempfile.TemporaryFile())
            self.process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                cwd=ROOT,
                # Ctrl-C is for the process that everybody works for alone: it ends the others in good order.
                start_new_session=True,
            )
            undo.pop_all()

    def send(self, message: object) -> None:
        """Tells it something; if it is dead, whoever listens to it will notice."""
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):
            write_message(self.process.stdin, message)

    def receive(self) -> Any:
        """Waits for what it says next; None: there will be no more."""
        assert self.process.stdout is not None
        try:
            return read_message(self.process.stdout)
        except (EOFError, OSError, ValueError):
            return None

    def hang_up(self) -> None:
        """Tells it no more, on which it ends."""
        assert self.process.stdin is not None
        with suppress(OSError):  # of a message that it did not live to read
            self.process.stdin.close()

    def end(self) -> End:
        """Ends it if it still lives, and says how it ended."""
        assert self.process.stdout is not None
        if self._end is not None:
            return self._end
        self.hang_up()
        try:
            code = self.process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process.stdout.close()
        with self._errors:
            self._errors.seek(0)
            last_words = self._errors.read().decode(errors="replace").strip().rpartition("\n")[2]
        way = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        self._end = End(f"{way} ({last_words})" if last_words else way)
        return self._end
