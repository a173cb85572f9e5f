"""What the terminal of this process can show."""

import importlib.util
import os
import sys


def is_screen_possible() -> bool:
    """Whether input and output are one terminal that understands more than lines.

    Standard error counts, too: that is where a full screen is drawn.
    """
    streams = (sys.stdin, sys.stdout, sys.stderr)
    kind = os.environ.get("TERM", "dumb" if os.name == "posix" else "windows")
    return kind not in ("dumb", "unknown") and all(stream is not None and stream.isatty() for stream in streams)


def is_textual_installed() -> bool:
    """Found out without importing it, which takes a while."""
    return importlib.util.find_spec("textual") is not None
