"""What a run and its actor processes say to each other; how it gets through a pipe is `workers/messages.py`.

A module of its own: the worker is run as `__main__`, and its classes would not be those of whoever imports it.
"""

from dataclasses import asdict
from enum import Enum, auto
from pathlib import Path
from typing import Any, NamedTuple

from nets.config import NetworkConfig
from nets.engine import CompiledNetwork, Engine
from nets.tensor_file import read_tensors, write_tensors
from training.config import TrainConfig
from training.shares import Assignment
from training.sparring import MakePartner


class Begin(NamedTuple):
    """The first thing that an actor is told: what to play."""

    config: TrainConfig
    worker: int
    num_workers: int
    state: dict[int, dict[str, Any]]
    """For `WorkerShares.load_state`."""
    network: Path
    """Where the newest network lies, as `write_assignment` wrote it."""
    make_partner: MakePartner
    """See `WorkerShares`."""


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
