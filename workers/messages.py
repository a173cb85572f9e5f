"""What processes of this project say to each other, and how it gets through a pipe.

Owns the form of a message and the worker's end of the pipes; the other end is `workers/worker_process.py`.
"""

import os
import pickle
import struct
import sys
from collections.abc import Callable
from typing import IO, Any, BinaryIO

_LENGTH = struct.Struct("<Q")


def write_message(pipe: IO[bytes], message: object) -> None:
    """Sends an object.

    Raises:
      OSError: nobody is there to read it.
    """
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def read_message(pipe: IO[bytes]) -> Any:
    """Waits for the next object. (`pickle.load` would read ahead, and wait for what nobody has sent yet.)

    Raises:
      EOFError: there will be no more; what was cut short counts as nothing.
    """
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)


def own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """A worker's way in and out: its standard input and output, which nobody else uses from now on."""
    # Files of our own: a thread that waits on `sys.stdin` would make an end by an exception an abort.
    source, sink = os.fdopen(os.dup(sys.stdin.fileno()), "rb"), os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not get among the messages
    return source, sink


def listen(source: BinaryIO, heed: Callable[[Any], None], at_end: Callable[[], None] = lambda: None) -> None:
    """Takes in messages until there is nobody left to send any, and then ends the process at once.

    Args:
      heed: is given each message.
      at_end: is called before the process ends; others may still be at work.
    """
    try:
        while True:
            heed(read_message(source))
    except EOFError:
        pass
    finally:
        try:
            at_end()
        finally:
            os._exit(0)  # what is under way is lost in any case, and nobody is left to tell
