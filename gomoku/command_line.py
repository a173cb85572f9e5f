"""What all command lines of the project share: exit statuses, one line for bad input and for lost output."""

import argparse
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from gomoku import starting
from gomoku.files import check_folder_takes_files

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, starting.INTERRUPTED
"""Exit statuses: `BAD_INPUT` for what cannot be done as asked."""


class OutputError(Exception):
    """Standard output takes nothing any more; the cause says why. No OSError: those are about what was asked for."""


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: error: {message} (--help lists the options)\n")


def refuse(program: str, error: Exception | str) -> int:
    """Says in one line what cannot be done, and returns the exit status for that."""
    told = " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror:  # without the number that Python puts before it
        told = error.strerror if error.filename is None else f"{error.strerror}: '{error.filename}'"
    print(f"{program}: error: {told}", file=sys.stderr)
    return BAD_INPUT


def check_writable(option: str, path: Path | None) -> None:
    """Refuses a file that could not be written, before there is something to write; None is nothing asked for.

    Raises:
      ValueError: it is a folder, or in one that does not exist or takes no files.
    """
    if path is None:
        return
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError(f"{option} {path}: not a file in a folder that exists")
    try:
        if not path.exists() or path.is_file():
            check_folder_takes_files(path.resolve().parent)
        elif not os.access(path, os.W_OK):  # a device, or a pipe, which opening might wait for
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise ValueError(f"{option} {path}: it cannot be written there: {error.strerror}") from None


def status_of(main: Callable[[], int], program: str) -> int:
    """Runs a program that is made of what it prints: Ctrl-C and output that nobody takes are ends like others.

    Returns: its exit status.
    """
    try:
        status = main()
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except (OutputError, OSError) as error:
        cause = error.__cause__ or error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains again at its end
        if not isinstance(cause, BrokenPipeError):  # whoever read our lines has gone, and knows it
            told = cause.strerror if isinstance(cause, OSError) else None
            print(f"{program}: error: standard output: {told or cause}", file=sys.stderr)
        return FAILED
    return status


def write(text: str) -> None:
    """Prints at once.

    Raises:
      OutputError: standard output takes nothing.
    """
    try:
        print(text, flush=True)
    except OSError as error:
        raise OutputError from error
