"""What all command lines of the project share: their exit statuses, and one line for bad input."""

import argparse
from typing import NoReturn

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses: `BAD_INPUT` for what cannot be done as asked, `INTERRUPTED` for Ctrl-C, as shells have it."""


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: error: {message} (--help lists the options)\n")
