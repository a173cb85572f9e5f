"""What the terminal of this process can show."""

import importlib.util
import os
import sys

SIGNS = "●○·█░▸◂…⏎↑↓←→╭─╮│╰╯▁▂▃▄▅▆▇"
"""What a full screen draws beside letters: our own signs, and Textual's frames and scroll bars."""


def is_screen_possible() -> bool:
    """Whether input and output are one terminal that understands more than lines, and the signs of a full screen.

    Standard error counts, too: that is where a full screen is drawn.
    """
    streams = (sys.stdin, sys.stdout, sys.stderr)
    kind = os.environ.get("TERM", "dumb" if os.name == "posix" else "windows")
    if kind in ("dumb", "unknown") or not all(stream is not None and stream.isatty() for stream in streams):
        return False
    try:
        SIGNS.encode(sys.stderr.encoding)
    except UnicodeEncodeError:
        return False
    return True


def is_textual_installed() -> bool:
    """Found out without importing it, which takes a while."""
    return importlib.util.find_spec("textual") is not None
