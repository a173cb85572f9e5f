"""What a run and its actor processes say to each other, and how it gets through a pipe.

A module of its own: the worker is run as `__main__`, and its classes would not be those of whoever imports it.
"""

import pickle
import struct
from dataclasses import asdict
from enum import Enum, auto
from pathlib import Path
from typing import IO, Any, NamedTuple

from nets.config import NetworkConfig
from nets.engine import CompiledNetwork, Engine
from nets.tensor_file import read_tensors, write_tensors
from training.config import TrainConfig
from training.shares import Assignment

_LENGTH = struct.Struct("<Q")


class Begin(NamedTuple):
    """The first thing that an actor is told: what to play."""

    config: TrainConfig
    worker: int
    num_workers: int
    state: dict[int, dict[str, Any]]
    """For `WorkerShares.load_state`."""
    network: Path
    """Where the newest network lies, as `write_network` wrote it."""


class Command(Enum):
    """What may follow `Begin`."""

    TAKE_NETWORK = auto()
    """There is a new one."""
    PAUSE = auto()
    PLAY = auto()
    """Ends a pause."""
    REPORT_SHARE = auto()
    """Report now, games in flight included."""


def write_assignment(path: Path, assignment: Assignment) -> None:
    """Lays a network and what is to be played with it down for all actors at once.

    Raises:
      OSError: it cannot be written.
    """
    compiled = assignment.compiled
    header = {
        "engine": asdict(compiled.engine),
        "network": asdict(compiled.config),
        "generation": assignment.generation,
        "board": assignment.board,
        "simulations": assignment.simulations,
    }
    write_tensors(path, compiled.tensors, header)


def read_assignment(path: Path) -> Assignment:
    """What `write_assignment` wrote.

    Raises:
      TensorFileError: a file that is not whole.
    """
    tensors, header = read_tensors(path)
    shape = header["network"] | {"plain_channels": tuple(header["network"]["plain_channels"])}
    compiled = CompiledNetwork(Engine(**header["engine"]), NetworkConfig(**shape), tensors)
    return Assignment(compiled, header["generation"], header["board"], header["simulations"])


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
