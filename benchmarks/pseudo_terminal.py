"""The terminal game at a pseudo-terminal of its own, for tests and measurements."""

import fcntl
import os
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pexpect
from pexpect import fdpexpect

ROOT = Path(__file__).resolve().parent.parent
SCRIPT_FILE = ROOT / "human_play.py"
SCRIPT = str(SCRIPT_FILE)
DEADLINE = 60
CTRL_C, END_OF_INPUT = "\x03", "\x04"
TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


class Terminal(fdpexpect.fdspawn):
    """The script at a terminal of its own. Not `pexpect.spawn`: it forks the whole test process, and in a child of so
    many libraries' threads something may wait for ever or fall over before the script begins."""

    def __init__(
        self,
        *arguments: object,
        kind: str = "xterm-256color",
        size: tuple[int, int] = (24, 80),
        script: Path = SCRIPT_FILE,
    ) -> None:
        """`size`: rows and columns. What is typed is not repeated."""
        self._ours, theirs = os.openpty()
        attributes = termios.tcgetattr(theirs)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(theirs, termios.TCSANOW, attributes)
        self.resize(*size)
        self._attributes = termios.tcgetattr(self._ours)
        command = [sys.executable, "-c", TAKE_TERMINAL, str(script), *map(str, arguments)]
        streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        # Who wants to know the size is to ask the terminal, not whoever runs the tests.
        environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        environment["TERM"] = kind
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, **streams)
        os.close(theirs)
        super().__init__(self._ours, timeout=DEADLINE, encoding="utf-8")

    def resize(self, rows: int, columns: int) -> None:
        """Tells the terminal's process, too."""
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def is_as_before(self) -> bool:
        """Whether lines and signals work as they did before the script began."""
        return termios.tcgetattr(self._ours) == self._attributes

    def status_at_end(self) -> int:
        """Of the process, which ends by itself; all that it has still to say is read."""
        self.expect(pexpect.EOF)
        self.close()
        return self.process.wait(DEADLINE)
